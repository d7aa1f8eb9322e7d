//! Second factors and log-ins that wait for a code: what is used up is used up once.

use std::time::Duration;

use futures_util::future::join_all;
use inkgate_store::Error;
use model::{
    AuthMethods, CodeOutcome, FactorProof, KeptSession, NewPendingLogin, NewSession, SessionId,
    SessionKind, Timestamp, TotpAttempt, UserId,
};

use crate::support::{START, TestStore, later, new_session};

const NOBODY: UserId = UserId(999_999);
const SEALED: &[u8] = b"sealed";
const HOUR: Duration = Duration::from_hours(1);

fn hash(number: u8) -> [u8; 32] {
    [number; 32]
}

fn recovery(number: u8) -> FactorProof {
    FactorProof::Recovery { hash: hash(number) }
}

fn attempt(user_id: UserId, most: i64, now: Timestamp) -> TotpAttempt {
    TotpAttempt {
        user_id,
        most,
        now,
        over: now.before(HOUR),
    }
}

fn pending(user_id: UserId, number: u8, generation: i64) -> NewPendingLogin {
    NewPendingLogin {
        token_hash: hash(number),
        user_id,
        kind: SessionKind::V2,
        generation,
        expires_at: later(300),
    }
}

fn session(user_id: UserId, number: u8) -> NewSession {
    NewSession {
        generation: 1,
        ..new_session(user_id, number)
    }
}

async fn enable(store: &TestStore, user: UserId, session: SessionId) -> bool {
    let kept = KeptSession {
        kind: SessionKind::V2,
        id: session,
        user_id: user,
        generation: 1,
        methods: AuthMethods::PasswordAndSecondFactor,
        refresh_nonce: [3; 16],
        now: START,
        expires_at: later(3600),
    };
    let hashes = [hash(1), hash(2)];
    store
        .enable_second_factor((SEALED, 10), &hashes, &kept, &[])
        .await
        .unwrap()
}

/// Somebody with a second factor, the codes 1 and 2, and the log-in 1 that waits.
async fn enrolled(store: &TestStore) -> UserId {
    let user = store.add_user("alice").await;
    let session = store.add_session(user, 200).await;
    let offered = store.offer_second_factor((user, 0), SEALED, START).await;
    assert!(offered.unwrap());
    assert!(enable(store, user, session).await);
    store
        .insert_pending_login(&pending(user, 1, 1))
        .await
        .unwrap();
    user
}

#[tokio::test(flavor = "multi_thread")]
async fn an_offer_is_not_demanded_and_is_replaced_until_it_is_confirmed() {
    let store = TestStore::open().await;
    let user = store.add_user("alice").await;
    let session = store.add_session(user, 200).await;
    let offer = async |generation, sealed: &[u8]| {
        let account = (user, generation);
        store
            .offer_second_factor(account, sealed, START)
            .await
            .unwrap()
    };

    assert!(offer(0, b"first").await);
    assert!(!enable(&store, user, session).await, "another secret");
    assert!(!offer(1, SEALED).await, "another generation");
    assert!(offer(0, SEALED).await);
    let offered = store.second_factor(user).await.unwrap().unwrap();
    assert!(enable(&store, user, session).await);
    assert!(!enable(&store, user, session).await, "twice");
    assert!(!offer(1, b"third").await, "one is demanded");

    assert_eq!(offered.offered_at, Some(START));
    assert_eq!(offered.enabled_at, None);
    let enabled = store.second_factor(user).await.unwrap().unwrap();
    assert_eq!(enabled.sealed_secret.as_deref(), Some(SEALED));
    assert_eq!(
        (enabled.offered_at, enabled.enabled_at),
        (None, Some(START))
    );
    assert_eq!((enabled.generation, enabled.last_step), (1, 10));
    assert_eq!(store.count("recovery_codes").await, 2);
    assert!(store.second_factor(NOBODY).await.unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_waiting_log_in_is_shown_as_long_as_it_is_alive() {
    let store = TestStore::open().await;
    let user = enrolled(&store).await;
    store
        .insert_pending_login(&pending(user, 2, 0))
        .await
        .unwrap();
    let shown = async |number, seconds| {
        let token = hash(number);
        store.pending_login(&token, later(seconds)).await.unwrap()
    };

    let alive = shown(1, 299).await.unwrap();
    assert_eq!(
        (alive.username.as_str(), alive.kind),
        ("alice", SessionKind::V2)
    );
    assert_eq!((alive.factor.user_id, alive.factor.last_step), (user, 10));
    assert!(shown(1, 300).await.is_none(), "too late");
    assert!(shown(2, 0).await.is_none(), "of another generation");
    assert!(shown(3, 0).await.is_none(), "nobody's");
    let nobodys = store.insert_pending_login(&pending(NOBODY, 4, 0)).await;
    assert!(matches!(nobodys, Err(Error::ForeignKey)), "{nobodys:?}");

    store.suspend_user(user, START).await.unwrap();
    assert!(shown(1, 0).await.is_none(), "suspended");
    // Nor does it end well for whoever was shown it a moment before.
    let (token, code, session) = (hash(1), recovery(1), session(user, 1));
    let finished = store.finish_login(&token, &code, &session, &[]);
    assert_eq!(finished.await.unwrap(), CodeOutcome::LoginOver);
    assert_eq!(store.count("recovery_codes").await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn attempts_at_once_are_counted_one_by_one() {
    let store = TestStore::open().await;
    let user = enrolled(&store).await;
    let of_account = attempt(user, 5, START);
    let count = async |number, of_account| {
        let token = hash(number);
        let counted = store.count_login_code(&token, 10, of_account, START);
        counted.await.unwrap()
    };

    let outcomes = join_all((0..30).map(|_| count(1, None))).await;
    let done = outcomes.iter().filter(|one| **one == CodeOutcome::Done);
    assert_eq!(done.count(), 10);
    assert_eq!(
        outcomes
            .iter()
            .filter(|one| **one == CodeOutcome::LoginOver)
            .count(),
        20
    );

    store
        .insert_pending_login(&pending(user, 2, 1))
        .await
        .unwrap();
    let outcomes = join_all((0..10).map(|_| count(2, Some(&of_account)))).await;
    let done = outcomes.iter().filter(|one| **one == CodeOutcome::Done);
    assert_eq!(done.count(), 5);
    assert_eq!(
        outcomes
            .iter()
            .filter(|one| **one == CodeOutcome::Refused)
            .count(),
        5
    );
    // What the account refuses costs the log-in no attempt.
    let outcomes = join_all((0..10).map(|_| count(2, None))).await;
    let done = outcomes.iter().filter(|one| **one == CodeOutcome::Done);
    assert_eq!(done.count(), 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_attempts_of_an_account_come_back_after_a_window_and_after_a_right_code() {
    let store = TestStore::open().await;
    let user = enrolled(&store).await;
    let count = async |seconds| {
        let attempt = attempt(user, 2, later(seconds));
        store.count_totp_attempt(&attempt).await.unwrap()
    };

    for (seconds, counted) in [
        (0, true),
        (60, true),
        (3599, false),
        (3600, true),
        (3601, true),
    ] {
        assert_eq!(count(seconds).await, counted, "{seconds}");
    }
    assert!(!count(3602).await);
    let right = FactorProof::Totp { step: 11 };
    let (token, session) = (hash(1), session(user, 1));
    let finished = store.finish_login(&token, &right, &session, &[]);
    assert_eq!(finished.await.unwrap(), CodeOutcome::Done);
    assert!(count(3602).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_who_use_one_code_at_once_one_succeeds() {
    let store = TestStore::open().await;
    let user = enrolled(&store).await;
    for number in 2..=40 {
        let new = pending(user, number, 1);
        store.insert_pending_login(&new).await.unwrap();
    }
    let finish = async |log_in, proof: &FactorProof, number| {
        let (token, session) = (hash(log_in), session(user, number));
        let finished = store.finish_login(&token, proof, &session, &[]);
        finished.await.unwrap()
    };
    let done = |outcomes: &[CodeOutcome]| {
        let done = outcomes.iter().filter(|one| **one == CodeOutcome::Done);
        done.count()
    };

    let step = FactorProof::Totp { step: 11 };
    let code = recovery(1);
    let steps = join_all((1..=10).map(|number| finish(number, &step, number))).await;
    let codes = join_all((11..=20).map(|number| finish(number, &code, number))).await;
    let other = recovery(2);
    let one_log_in = join_all((21..=30).map(|number| finish(40, &other, number))).await;

    assert_eq!((done(&steps), done(&codes), done(&one_log_in)), (1, 1, 1));
    assert!(one_log_in.contains(&CodeOutcome::LoginOver));
    assert_eq!(
        store.count("pending_logins").await,
        37,
        "nothing else has changed"
    );
    assert_eq!(store.count("sessions").await, 4);
    let earlier = finish(39, &FactorProof::Totp { step: 10 }, 50).await;
    assert_eq!(earlier, CodeOutcome::Refused);
    let unknown = finish(39, &recovery(9), 50).await;
    assert_eq!(unknown, CodeOutcome::Refused);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_factor_is_taken_away_with_all_that_hangs_on_it_by_a_code() {
    let store = TestStore::open().await;
    let user = enrolled(&store).await;
    let other = store.add_user("bob").await;
    let disable = async |user, generation, proof: &FactorProof| {
        let account = (user, generation);
        store
            .disable_second_factor(account, proof, &[])
            .await
            .unwrap()
    };

    assert!(
        !disable(user, 1, &FactorProof::Totp { step: 10 }).await,
        "used"
    );
    assert!(!disable(user, 1, &recovery(9)).await, "no code");
    assert!(!disable(user, 0, &recovery(1)).await, "of before");
    assert!(!disable(other, 0, &recovery(1)).await, "somebody else's");
    assert_eq!(store.count("recovery_codes").await, 2);
    assert_eq!(store.count("pending_logins").await, 1);
    assert!(disable(user, 1, &recovery(1)).await);

    let factor = store.second_factor(user).await.unwrap().unwrap();
    assert!(factor.sealed_secret.is_none() && factor.enabled_at.is_none());
    assert_eq!(factor.last_step, 0);
    assert_eq!(store.count("recovery_codes").await, 0);
    assert_eq!(store.count("pending_logins").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_is_sealed_anew_unless_it_has_changed() {
    let store = TestStore::open().await;
    let user = enrolled(&store).await;
    store.add_user("bob").await;

    let found = store.totp_secrets_after(UserId(0)).await.unwrap();
    store
        .reseal_totp_secret(user, SEALED, b"anew")
        .await
        .unwrap();
    store
        .reseal_totp_secret(user, SEALED, b"late")
        .await
        .unwrap();

    assert_eq!(found, [(user, SEALED.to_vec())]);
    let found = store.totp_secrets_after(UserId(0)).await.unwrap();
    assert_eq!(found, [(user, b"anew".to_vec())]);
    assert!(store.totp_secrets_after(user).await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn log_ins_that_nobody_finished_are_purged() {
    let store = TestStore::open().await;
    enrolled(&store).await;

    assert_eq!(store.purge_pending_logins(later(300)).await.unwrap(), 0);
    assert_eq!(store.purge_pending_logins(later(301)).await.unwrap(), 1);
    assert_eq!(store.purge_pending_logins(later(301)).await.unwrap(), 0);
}
