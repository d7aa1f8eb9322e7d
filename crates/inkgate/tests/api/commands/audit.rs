//! `inkgate audit verify`, while a server runs and without one.

use test_database::TestDatabase;

use crate::support::Program;

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_log_is_whole() {
    let database = TestDatabase::create().await;
    let program = Program::on(&database);

    let ended = program.run(&["audit", "verify"]).expect_success();

    let wanted = "OK: 0 events under 0 seals, and 0 that wait for theirs\n";
    assert_eq!(ended.out, wanted);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_seal_is_printed_and_can_be_asked_for_later() {
    let database = TestDatabase::create().await;
    let program = Program::on(&database);
    let running = program.serve();
    running.user("alice").await;
    running.stop().expect_success();
    let first = program.run(&["audit", "verify"]).expect_success().out;
    let seal = first.lines().last().unwrap();
    let seal = seal.strip_prefix("last seal ").unwrap().to_owned();

    let running = program.serve();
    running.login("alice", "1234").await;
    let kept = ["audit", "verify", "--kept", &seal];
    program.run(&kept).expect_success();
    running.stop().expect_success();
    let later = program.run(&kept).expect_success().out;

    assert!(later.starts_with("OK: 3 events under "), "{later}");
    let (number, code) = seal.split_once(':').unwrap();
    let other = format!("{number}:{}", "0".repeat(code.len()));
    let beyond = format!("1000:{code}");
    for kept in [&other, &beyond] {
        let line = program
            .run(&["audit", "verify", "--kept", kept])
            .expect_refusal(1);
        assert!(line.contains("is not the one that was kept"), "{line}");
    }
    for wrong in ["x", "1", "1:", "0:00", ":", &format!("1:{code}x")] {
        let ended = program.run(&["audit", "verify", "--kept", wrong]);
        assert_eq!(ended.code, Some(2), "{ended:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_changed_is_said_in_one_line_with_exit_code_1() {
    let database = TestDatabase::create().await;
    let program = Program::on(&database);
    let running = program.serve();
    running.user("alice").await;
    running.stop().expect_success();
    let sql = if database.is_sqlite() {
        "DROP TRIGGER audit_events_not_changed; UPDATE audit_events SET user_id = 7 WHERE id = 2"
    } else {
        "ALTER TABLE audit_events DISABLE TRIGGER USER;
        UPDATE audit_events SET user_id = 7 WHERE id = 2"
    };
    crate::audit::execute(&database, sql).await;

    let line = program.run(&["audit", "verify"]).expect_refusal(1);

    assert!(
        line.starts_with("event 2 was changed after seal "),
        "{line}"
    );
}
