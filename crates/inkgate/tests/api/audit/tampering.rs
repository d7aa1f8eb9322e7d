//! Whoever writes into the database behind the server's back is found out.

use domain::{AuditFault, KeptSeal};
use test_database::TestDatabase;

use super::{admin, execute, number, proved, take_guards_away};
use crate::support::TestApp;

/// A server with six sealed events under three seals, and nothing that guards them.
async fn sealed() -> (TestApp, TestDatabase) {
    let mut app = TestApp::spawn().await;
    admin(&app).await;
    assert_eq!(proved(&app).await, Ok(3));
    app.register("alice", "1234").await.expect(201);
    assert_eq!(proved(&app).await, Ok(4));
    app.login("alice", "1234").await;
    app.login("alice", "1234").await;
    assert_eq!(proved(&app).await, Ok(6));
    let database = app.database.take().unwrap();
    take_guards_away(&database).await;
    (app, database)
}

/// The seal of an event.
async fn seal_of(database: &TestDatabase, event: i64) -> i64 {
    let sql = format!("SELECT seal FROM audit_order WHERE event_id = {event}");
    number(database, &sql).await
}

async fn fault(app: &TestApp) -> AuditFault {
    let verdict = app.domain.verify_audit_log(None).await.unwrap();
    verdict.unwrap_err()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_database_itself_refuses_who_does_not_try_hard() {
    let app = TestApp::spawn().await;
    admin(&app).await;
    proved(&app).await.unwrap();
    let database = app.database.as_ref().unwrap();

    for sql in [
        "UPDATE audit_events SET kind = 'x'",
        "DELETE FROM audit_events",
        "UPDATE audit_seals SET events = 0",
        "DELETE FROM audit_seals",
        "UPDATE audit_order SET seal = NULL",
        "DELETE FROM audit_order",
    ] {
        let refused = if database.is_sqlite() {
            let connection = rusqlite::Connection::open(database.file()).unwrap();
            connection.execute(sql, []).unwrap_err().to_string()
        } else {
            let connecting = tokio_postgres::connect(database.url(), tokio_postgres::NoTls);
            let (client, connection) = connecting.await.unwrap();
            let running = tokio::spawn(connection);
            let error = client.batch_execute(sql).await.unwrap_err();
            drop(client);
            drop(running.await);
            error.as_db_error().unwrap().message().to_owned()
        };
        assert!(refused.contains("is append-only"), "{sql}: {refused}");
    }
    assert_eq!(proved(&app).await, Ok(3));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_any_column_of_an_event_is_named() {
    let (app, database) = sealed().await;
    // A log-in: each column of it has a value.
    let event = 5;
    let seal = seal_of(&database, event).await;
    let changed = AuditFault::EventChanged { event, seal };
    let longer = |column: &str| {
        let there = format!("{column} = {column} || 'x'");
        let back = format!("{column} = substr({column}, 1, length({column}) - 1)");
        (there, back)
    };
    let text = ["kind", "actor", "subject", "subject_id", "details"].map(longer);
    let numbers = ["at", "actor_id", "user_id"].map(|column| {
        let there = format!("{column} = {column} + 1");
        (there, format!("{column} = {column} - 1"))
    });
    let nulls = [
        ("actor_id = NULL".to_owned(), "actor_id = 2".to_owned()),
        ("user_id = NULL".to_owned(), "user_id = 2".to_owned()),
        (
            "subject = NULL".to_owned(),
            "subject = 'session'".to_owned(),
        ),
    ];

    for (there, back) in text.into_iter().chain(numbers).chain(nulls) {
        execute(
            &database,
            &format!("UPDATE audit_events SET {there} WHERE id = {event}"),
        )
        .await;
        assert_eq!(fault(&app).await, changed, "{there}");
        execute(
            &database,
            &format!("UPDATE audit_events SET {back} WHERE id = {event}"),
        )
        .await;
        assert_eq!(proved(&app).await, Ok(6), "{back}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_value_moved_to_a_neighbouring_column_is_named() {
    let (app, database) = sealed().await;
    let seal = seal_of(&database, 5).await;

    let moved = "UPDATE audit_events SET kind = 'logged_inuser', actor = '' WHERE id = 5";
    execute(&database, moved).await;

    assert_eq!(
        fault(&app).await,
        AuditFault::EventChanged { event: 5, seal }
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_is_removed_is_named() {
    let (app, database) = sealed().await;

    execute(&database, "DELETE FROM audit_events WHERE id = 4").await;

    assert_eq!(fault(&app).await, AuditFault::EventRemoved { event: 4 });
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_is_removed_with_its_place_leaves_a_seal_that_has_too_few() {
    let (app, database) = sealed().await;
    let seal = seal_of(&database, 6).await;

    execute(&database, "DELETE FROM audit_events WHERE id = 6").await;
    execute(&database, "DELETE FROM audit_order WHERE event_id = 6").await;

    assert_eq!(fault(&app).await, AuditFault::EventsMoved { seal });
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_is_removed_before_it_is_sealed_is_named() {
    let (app, database) = sealed().await;
    let waiting = "INSERT INTO audit_order (event_id) VALUES (77)";

    execute(&database, waiting).await;

    assert_eq!(
        proved(&app).await,
        Err(AuditFault::EventRemoved { event: 77 })
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_is_inserted_is_named() {
    let (app, database) = sealed().await;

    let insert = "INSERT INTO audit_events (id, at, kind, actor, user_id, details)
        VALUES (99, 0, 'account_deleted', 'server', 2, '{}')";
    execute(&database, insert).await;
    assert_eq!(
        proved(&app).await,
        Err(AuditFault::EventInserted { event: 99 })
    );

    // A place under a seal that was made before does not help.
    let place = "INSERT INTO audit_order (event_id, seal, mac) SELECT 99, 1, mac
        FROM audit_order WHERE event_id = 1";
    execute(&database, place).await;
    let changed = AuditFault::EventChanged { event: 99, seal: 1 };
    assert_eq!(proved(&app).await, Err(changed));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_events_that_are_exchanged_are_named() {
    let (app, database) = sealed().await;
    let seal = seal_of(&database, 5).await;

    for sql in [
        "UPDATE audit_events SET id = -1 WHERE id = 5",
        "UPDATE audit_events SET id = 5 WHERE id = 6",
        "UPDATE audit_events SET id = 6 WHERE id = -1",
    ] {
        execute(&database, sql).await;
    }
    assert_eq!(
        fault(&app).await,
        AuditFault::EventChanged { event: 5, seal }
    );

    // With their codes exchanged too.
    for sql in [
        "CREATE TABLE codes AS SELECT event_id, mac FROM audit_order WHERE event_id IN (5, 6)",
        "UPDATE audit_order SET mac = (SELECT mac FROM codes WHERE event_id = 6) WHERE event_id = 5",
        "UPDATE audit_order SET mac = (SELECT mac FROM codes WHERE event_id = 5) WHERE event_id = 6",
    ] {
        execute(&database, sql).await;
    }
    assert_eq!(
        fault(&app).await,
        AuditFault::EventChanged { event: 5, seal }
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_seal_that_is_edited_moved_or_removed_is_named() {
    let (app, database) = sealed().await;
    let seals = number(&database, "SELECT count(*) FROM audit_seals").await;
    let changed = |seal| AuditFault::SealChanged { seal };
    let blob = if database.is_sqlite() {
        ("x'00'", "zeroblob(32)")
    } else {
        ("'\\x00'::bytea", "decode(repeat('00', 32), 'hex')")
    };
    let keep = "CREATE TABLE kept AS SELECT * FROM audit_seals";
    execute(&database, keep).await;
    let back = "DELETE FROM audit_seals; INSERT INTO audit_seals SELECT * FROM kept";

    let at = "UPDATE audit_seals SET at = at + 1 WHERE number = 2".to_owned();
    let count = "UPDATE audit_seals SET events = events + 1 WHERE number = 2".to_owned();
    let key = format!(
        "UPDATE audit_seals SET key_id = {} WHERE number = 2",
        blob.0
    );
    let mac = format!("UPDATE audit_seals SET mac = {} WHERE number = 2", blob.1);
    let copied = "UPDATE audit_seals SET mac = (SELECT mac FROM kept WHERE number = 1)
        WHERE number = 2"
        .to_owned();
    for (sql, wanted) in [
        (at, changed(2)),
        (count, AuditFault::EventsMoved { seal: 2 }),
        (key, AuditFault::KeyUnknown { seal: 2 }),
        (mac, changed(2)),
        (copied, changed(2)),
        (
            "DELETE FROM audit_seals WHERE number = 1".to_owned(),
            AuditFault::SealRemoved { seal: 1 },
        ),
        (
            format!("DELETE FROM audit_seals WHERE number = {seals}"),
            AuditFault::SealRemoved { seal: seals },
        ),
    ] {
        execute(&database, &sql).await;
        assert_eq!(fault(&app).await, wanted, "{sql}");
        execute(&database, back).await;
        assert_eq!(proved(&app).await, Ok(6));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_end_that_was_cut_off_is_known_by_a_seal_that_was_kept() {
    let (app, database) = sealed().await;
    let report = app.domain.verify_audit_log(None).await.unwrap().unwrap();
    let kept = report.last.unwrap();
    let seal = seal_of(&database, 6).await;
    let prove = async |kept: &KeptSeal| {
        let verdict = app.domain.verify_audit_log(Some(kept)).await.unwrap();
        verdict.map(|report| report.events)
    };
    assert_eq!(prove(&kept).await, Ok(6));

    // All of the last seal: its events, their places and itself.
    for sql in [
        format!(
            "DELETE FROM audit_events WHERE id IN
            (SELECT event_id FROM audit_order WHERE seal = {seal})"
        ),
        format!("DELETE FROM audit_order WHERE seal = {seal}"),
        format!("DELETE FROM audit_seals WHERE number = {seal}"),
    ] {
        execute(&database, &sql).await;
    }

    assert!(app.domain.verify_audit_log(None).await.unwrap().is_ok());
    let missing = AuditFault::KeptSealMissing { seal };
    assert_eq!(prove(&kept).await, Err(missing.clone()));
    // Another seal under the same number is not the one that was kept.
    app.login("alice", "1234").await;
    assert!(proved(&app).await.is_ok());
    assert_eq!(prove(&kept).await, Err(missing));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_genuine_seal_that_followed_another_one_is_named() {
    let (app, database) = sealed().await;
    let last = seal_of(&database, 6).await;
    // The end is cut off and the last piece kept, the log goes on, and the piece is put back.
    for sql in [
        format!("CREATE TABLE kept_places AS SELECT * FROM audit_order WHERE seal = {last}"),
        "CREATE TABLE kept_events AS SELECT * FROM audit_events
            WHERE id IN (SELECT event_id FROM kept_places)"
            .to_owned(),
        format!("CREATE TABLE kept_seals AS SELECT * FROM audit_seals WHERE number = {last}"),
        format!(
            "DELETE FROM audit_events WHERE id IN
            (SELECT event_id FROM audit_order WHERE seal >= {last} - 1)"
        ),
        format!("DELETE FROM audit_order WHERE seal >= {last} - 1"),
        format!("DELETE FROM audit_seals WHERE number >= {last} - 1"),
    ] {
        execute(&database, &sql).await;
    }
    app.login("alice", "1234").await;
    proved(&app).await.unwrap();
    assert_eq!(
        number(&database, "SELECT max(number) FROM audit_seals").await,
        last - 1
    );

    for sql in [
        "INSERT INTO audit_events SELECT * FROM kept_events",
        "INSERT INTO audit_order SELECT * FROM kept_places",
        "INSERT INTO audit_seals SELECT * FROM kept_seals",
    ] {
        execute(&database, sql).await;
    }

    assert_eq!(fault(&app).await, AuditFault::SealChanged { seal: last });
}
