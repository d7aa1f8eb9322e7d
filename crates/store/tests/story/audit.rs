//! The audit log: entries, their places, seals.

use futures_util::future::join_all;
use model::{
    AccountPatch, AuditAccount, AuditActor, AuditClient, AuditEntry, AuditFilter, AuditKind,
    AuditSeal, AuditTrace, Cursor, PageLimit, Role, Timestamp, UserId,
};

use crate::support::{START, TestStore, later, new_session, new_user};

const NOBODY: UserId = UserId(999);

fn entry(kind: AuditKind, at: Timestamp) -> AuditEntry {
    AuditEntry {
        at,
        kind,
        actor: AuditActor::Nobody,
        account: AuditAccount::None,
        subject: None,
        details: "{}".to_owned(),
        client: None,
    }
}

fn of(kind: AuditKind, account: UserId) -> AuditEntry {
    AuditEntry {
        account: AuditAccount::Of(account),
        ..entry(kind, START)
    }
}

fn named(key: &str) -> AuditEntry {
    AuditEntry {
        account: AuditAccount::Named {
            key: key.to_owned(),
            details_if_nobody: "{\"unknown\":1}".to_owned(),
        },
        client: Some(client()),
        ..entry(AuditKind::LogInFailed, START)
    }
}

fn client() -> AuditClient {
    AuditClient {
        address: "192.0.2.1".to_owned(),
        user_agent: "a program".to_owned(),
    }
}

fn seal(number: i64, events: i64) -> AuditSeal {
    AuditSeal {
        number,
        at: START,
        key_id: vec![1; 8],
        events,
        mac: vec![u8::try_from(number).unwrap(); 32],
    }
}

/// Everything that `filter` lets through, oldest first.
async fn found(store: &TestStore, filter: AuditFilter) -> Vec<AuditTrace> {
    let limit = PageLimit::parse("100").unwrap();
    let page = store.newest_audit_events(&filter, &Cursor::NEWEST, limit);
    let mut rows = page.await.unwrap().rows;
    rows.reverse();
    rows
}

async fn kinds(store: &TestStore) -> Vec<String> {
    let events = found(store, AuditFilter::default()).await;
    events.into_iter().map(|trace| trace.event.kind).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_comes_back_as_it_was_added() {
    let store = TestStore::open().await;
    let alice = store.add_user("alice").await;
    let full = AuditEntry {
        actor: AuditActor::User(alice),
        client: Some(client()),
        details: "{\"a\":\"é\"}".to_owned(),
        ..of(AuditKind::LoggedIn, alice).about("session", &"s1")
    };
    let bare = AuditEntry {
        actor: AuditActor::CommandLine,
        ..entry(AuditKind::DataImported, later(1))
    };

    store.insert_audit_entries(&[full, bare]).await.unwrap();

    let found = found(&store, AuditFilter::default()).await;
    assert_eq!(found.len(), 2);
    let (full, bare) = (&found[0], &found[1]);
    assert_eq!((full.event.id, bare.event.id), (1, 2));
    assert_eq!((full.event.at, bare.event.at), (START, later(1)));
    assert_eq!(full.event.kind, "logged_in");
    assert_eq!(
        (full.event.actor.as_str(), full.event.actor_id),
        ("user", Some(alice.0))
    );
    assert_eq!(full.event.user_id, Some(alice.0));
    assert_eq!(full.event.subject.as_deref(), Some("session"));
    assert_eq!(full.event.subject_id.as_deref(), Some("s1"));
    assert_eq!(full.event.details, "{\"a\":\"é\"}");
    assert_eq!(full.client, Some(client()));
    assert_eq!(
        (bare.event.actor.as_str(), bare.event.actor_id),
        ("command_line", None)
    );
    assert_eq!((bare.event.user_id, &bare.event.subject), (None, &None));
    assert_eq!((&bare.event.subject_id, &bare.client), (&None, &None));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_is_looked_up_as_the_entry_is_written() {
    let store = TestStore::open().await;
    let alice = store.add_user("alice").await;
    let deleted = store.add_user("bob").await;
    store.delete_user(deleted, START, &[]).await.unwrap();

    let entries = [named("alice"), named("bob"), named("carol")];
    store.insert_audit_entries(&entries).await.unwrap();
    let new = new_user("dora", Role::Author);
    let dora = store
        .insert_user(&new, &[], &[named("dora")])
        .await
        .unwrap();

    let found = found(&store, AuditFilter::default()).await;
    let told: Vec<_> = found
        .iter()
        .map(|trace| (trace.event.user_id, trace.event.details.as_str()))
        .collect();
    let nobody = (None, "{\"unknown\":1}");
    let wanted = [(Some(alice.0), "{}"), nobody, nobody, (Some(dora.0), "{}")];
    assert_eq!(told, wanted);
    // Where it came from belongs to the account, as far as there is one.
    for (user_id, count) in [(alice, 1), (dora, 1), (deleted, 0)] {
        let sql = format!("SELECT count(*) FROM audit_clients WHERE user_id = {user_id}");
        assert_eq!(store.number(&sql).await, count);
    }
    assert_eq!(store.count("audit_clients").await, 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_is_there_with_its_write_or_not_at_all() {
    let store = TestStore::open().await;
    let admin = store.add_admin("root").await;
    let session = store.add_session(admin, 1).await;
    let kind = AuditKind::AccountCreated;
    let demote = AccountPatch {
        role: Some(Role::Author),
        ..AccountPatch::default()
    };
    let told = |kind| [of(kind, admin)];

    let taken = new_user("ROOT", Role::Author);
    store
        .insert_user(&taken, &[], &told(kind))
        .await
        .unwrap_err();
    let other = new_session(NOBODY, 2);
    let login = told(AuditKind::LoggedIn);
    store.insert_session(&other, &login).await.unwrap_err();
    let twice = new_session(admin, 1);
    store.insert_session(&twice, &login).await.unwrap_err();
    let role = told(AuditKind::RoleChanged);
    assert!(
        !store
            .update_account(admin, demote, START, &role)
            .await
            .unwrap()
    );
    let deleted = told(AuditKind::AccountDeleted);
    assert!(!store.delete_user(admin, START, &deleted).await.unwrap());
    let password = told(AuditKind::PasswordChanged);
    assert!(
        !store
            .set_password(NOBODY, "hash", START, &password)
            .await
            .unwrap()
    );
    let ended = told(AuditKind::SessionEnded);
    assert!(
        !store
            .end_session(session, NOBODY, START, &ended)
            .await
            .unwrap()
    );
    let all = told(AuditKind::SessionsEnded);
    assert!(!store.end_all_sessions(NOBODY, START, &all).await.unwrap());
    let revoked = told(AuditKind::SigningKeyRevoked);
    assert!(!store.delete_signing_key("none", &revoked).await.unwrap());
    assert_eq!(kinds(&store).await, Vec::<String>::new());
    assert_eq!(store.count("audit_order").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_who_end_a_session_one_tells_of_it() {
    let store = TestStore::open().await;
    let alice = store.add_user("alice").await;
    let session = store.add_session(alice, 1).await;
    let password = [of(AuditKind::PasswordChanged, alice)];
    let ended = [of(AuditKind::SessionEnded, alice)];

    let ending = (0..5).map(|_| store.end_session(session, alice, START, &ended));
    let outcomes = join_all(ending).await;
    let changed = store.set_password(alice, "hash", START, &password).await;

    assert!(changed.unwrap());
    let ends = outcomes
        .into_iter()
        .filter(|ended| *ended.as_ref().unwrap());
    assert_eq!(ends.count(), 1);
    assert_eq!(kinds(&store).await, ["session_ended", "password_changed"]);
    assert_eq!(store.count("audit_order").await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_is_filtered_by_account_kind_and_time() {
    let store = TestStore::open().await;
    let (alice, bob) = (UserId(1), UserId(2));
    let did = |actor, kind, account, seconds| AuditEntry {
        actor: AuditActor::User(actor),
        at: later(seconds),
        ..of(kind, account)
    };
    let entries = [
        did(alice, AuditKind::LoggedIn, alice, 0),
        did(bob, AuditKind::LoggedIn, bob, 1),
        did(alice, AuditKind::RoleChanged, bob, 2),
        entry(AuditKind::LimitHit, later(3)),
    ];
    store.insert_audit_entries(&entries).await.unwrap();
    let ids = async |filter| {
        let found = found(&store, filter).await;
        found.iter().map(|trace| trace.event.id).collect::<Vec<_>>()
    };
    let all = AuditFilter::default();
    let user = |user_id| AuditFilter {
        user_id: Some(user_id),
        ..all
    };
    let kind = |kind| AuditFilter {
        kind: Some(kind),
        ..all
    };

    assert_eq!(ids(all).await, [1, 2, 3, 4]);
    assert_eq!(ids(user(alice)).await, [1, 3]);
    assert_eq!(ids(user(bob)).await, [2, 3]);
    assert_eq!(ids(user(NOBODY)).await, [0_i64; 0]);
    assert_eq!(ids(kind(AuditKind::LoggedIn)).await, [1, 2]);
    let both = AuditFilter {
        kind: Some(AuditKind::LoggedIn),
        ..user(bob)
    };
    assert_eq!(ids(both).await, [2]);
    for filter in [all, user(bob), kind(AuditKind::LoggedIn)] {
        let between = AuditFilter {
            after: Some(later(1)),
            before: Some(later(2)),
            ..filter
        };
        assert_eq!(ids(between).await, [2], "{filter:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_gets_its_place_once() {
    let store = TestStore::open().await;
    let entries = [(); 3].map(|()| entry(AuditKind::LimitHit, START));
    store.insert_audit_entries(&entries).await.unwrap();
    assert!(store.last_audit_seal().await.unwrap().is_none());
    assert_eq!(store.count_audit_events_waiting().await.unwrap(), 3);
    let waiting = store.audit_events_waiting(2).await.unwrap();
    let ids: Vec<_> = waiting.iter().map(|event| event.id).collect();
    assert_eq!(ids, [1, 2]);

    let (first, second) = (seal(1, 2), seal(2, 1));
    let place = |id: i64| (id, vec![9; 32]);
    assert!(
        store
            .insert_audit_seal(&first, &[place(1), place(2)])
            .await
            .unwrap()
    );
    // The same number, and an event that has its place: nothing is changed.
    assert!(!store.insert_audit_seal(&first, &[place(3)]).await.unwrap());
    assert!(
        !store
            .insert_audit_seal(&second, &[place(3), place(2)])
            .await
            .unwrap()
    );
    assert_eq!(store.last_audit_seal().await.unwrap(), Some(first.clone()));
    assert_eq!(store.count_audit_events_waiting().await.unwrap(), 1);
    assert!(store.insert_audit_seal(&second, &[place(3)]).await.unwrap());

    let one = store.audit_seals_after(0, 1).await.unwrap();
    assert_eq!(one.as_slice(), std::slice::from_ref(&first));
    let seals = store.audit_seals_after(0, 9).await.unwrap();
    assert_eq!(seals, [first, second.clone()]);
    assert_eq!(store.audit_seals_after(1, 9).await.unwrap(), [second]);
    let sealed = store.sealed_audit_events(1, 9).await.unwrap();
    let ids: Vec<_> = sealed.iter().map(|sealed| sealed.id).collect();
    assert_eq!(ids, [1, 2]);
    assert!(
        sealed
            .iter()
            .all(|sealed| sealed.mac == [9; 32] && sealed.event.is_some())
    );
    assert_eq!(store.sealed_audit_events(1, 1).await.unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_who_seal_at_once_one_does() {
    let store = TestStore::open().await;
    let entries = [
        entry(AuditKind::LimitHit, START),
        entry(AuditKind::LimitHit, START),
    ];
    store.insert_audit_entries(&entries).await.unwrap();
    let (seal, places) = (seal(1, 2), [(1, vec![1; 32]), (2, vec![2; 32])]);

    let sealing = (0..20).map(|_| store.insert_audit_seal(&seal, &places));
    let sealed = join_all(sealing).await;

    let done = sealed
        .into_iter()
        .filter(|sealed| *sealed.as_ref().unwrap());
    assert_eq!(done.count(), 1);
    assert_eq!(store.count("audit_seals").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_belong_together_is_found() {
    let store = TestStore::open().await;
    store
        .insert_audit_entries(&[entry(AuditKind::LimitHit, START)])
        .await
        .unwrap();
    assert_eq!(store.audit_event_without_place().await.unwrap(), None);
    assert_eq!(store.audit_place_without_event().await.unwrap(), None);
    assert_eq!(store.audit_event_without_seal().await.unwrap(), None);

    let event = "INSERT INTO audit_events (at, kind, actor, details) VALUES (0, 'x', 'x', '{}')";
    store.execute(event).await;
    assert_eq!(store.audit_event_without_place().await.unwrap(), Some(2));
    store
        .execute("INSERT INTO audit_order (event_id) VALUES (2), (5)")
        .await;
    assert_eq!(store.audit_event_without_place().await.unwrap(), None);
    assert_eq!(store.audit_place_without_event().await.unwrap(), Some(5));
    store
        .execute("UPDATE audit_order SET seal = 7 WHERE event_id = 2")
        .await;
    assert_eq!(
        store.audit_event_without_seal().await.unwrap(),
        Some((2, 7))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn where_it_came_from_goes_with_the_account_or_with_age() {
    let store = TestStore::open().await;
    let (alice, bob) = (store.add_user("alice").await, store.add_user("bob").await);
    let from = |account, at| AuditEntry {
        at,
        client: Some(client()),
        ..of(AuditKind::LogInFailed, account)
    };
    let entries = [from(alice, START), from(bob, START), from(bob, later(1))];
    store.insert_audit_entries(&entries).await.unwrap();

    assert_eq!(store.purge_audit_clients(START).await.unwrap(), 0);
    store.delete_user(alice, START, &[]).await.unwrap();
    while store.purge_deleted_users().await.unwrap() > 0 {}
    assert_eq!(store.count("audit_clients").await, 2);
    assert_eq!(store.count("users").await, 1);
    assert_eq!(store.purge_audit_clients(later(1)).await.unwrap(), 1);
    assert_eq!(store.purge_audit_clients(later(1)).await.unwrap(), 0);

    let left = found(&store, AuditFilter::default()).await;
    let known: Vec<_> = left.iter().map(|trace| trace.client.is_some()).collect();
    assert_eq!(known, [false, false, true]);
}
