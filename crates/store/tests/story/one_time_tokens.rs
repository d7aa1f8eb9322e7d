//! One-time tokens: the newest of a kind, spent once, and dead with what they were made for.

use futures_util::future::join_all;
use inkgate_store::Error;
use model::{Email, JobAccount, JobId, NewJob, NewOneTimeToken, OneTimeKind, OneTimeToken, UserId};

use crate::support::{START, TestStore, later};

const HASH: [u8; 32] = [7; 32];

fn email(text: &str) -> Email {
    Email::parse(text).unwrap()
}

/// A token that the job of this number makes at this second.
fn token(user_id: UserId, kind: OneTimeKind, (job, seconds): (u8, u64)) -> NewOneTimeToken {
    NewOneTimeToken {
        user_id,
        kind,
        hash: [job; 32],
        email: email("Alice@example.org"),
        generation: 0,
        job_id: JobId::new(START, [job; 10]),
        asked_at: later(seconds),
        created_at: later(seconds),
        expires_at: later(seconds + 1800),
    }
}

fn verify(user_id: UserId, at: (u8, u64)) -> NewOneTimeToken {
    token(user_id, OneTimeKind::Verify, at)
}

impl TestStore {
    /// Stores a token, with a minute between mails.
    async fn put(&self, new: &NewOneTimeToken) -> bool {
        let since = new.created_at.before(std::time::Duration::from_mins(1));
        self.put_one_time_token(new, since).await.unwrap()
    }

    async fn good(&self, hash: u8, kind: OneTimeKind) -> Option<OneTimeToken> {
        let hash = [hash; 32];
        self.one_time_token(&hash, kind, later(100)).await.unwrap()
    }

    /// Makes an address the account's own.
    async fn verify(&self, user_id: UserId, text: &str) {
        let mut new = verify(user_id, (99, 0));
        new.email = email(text);
        assert!(self.put(&new).await);
        let token = self.good(99, OneTimeKind::Verify).await.unwrap();
        assert!(
            self.verify_email(&token, START, ("none", &[]), &[])
                .await
                .unwrap()
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_newest_token_replaces_the_one_before_and_no_older_job_replaces_it() {
    let store = TestStore::open().await;
    let alice = store.add_user("alice").await;

    assert!(store.put(&verify(alice, (2, 0))).await);
    // The same job again; the same mail too soon; an older job; the same mail later.
    assert!(store.put(&verify(alice, (2, 30))).await);
    assert!(!store.put(&verify(alice, (3, 89))).await);
    assert!(!store.put(&verify(alice, (1, 500))).await);
    assert!(store.good(2, OneTimeKind::Verify).await.is_some());
    assert!(store.put(&verify(alice, (3, 90))).await);
    assert!(store.good(2, OneTimeKind::Verify).await.is_none());
    // Another address is another mail, but not for an older job.
    let mut other = verify(alice, (4, 91));
    other.email = email("other@example.org");
    assert!(store.put(&other).await);
    assert!(!store.put(&verify(alice, (3, 92))).await);

    let found = store.good(4, OneTimeKind::Verify).await.unwrap();
    assert_eq!(found.email, "other@example.org");
    assert_eq!((found.user_id, found.username.as_str()), (alice, "alice"));
    assert!(store.good(4, OneTimeKind::Reset).await.is_none());
    assert_eq!(store.count("one_time_tokens").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_made_for_nobody_who_is_gone_suspended_or_revoked() {
    let store = TestStore::open().await;
    let gone = store.add_user("gone").await;
    store.delete_user(gone, START, &[]).await.unwrap();
    let suspended = store.add_user("suspended").await;
    store.suspend_user(suspended, START).await.unwrap();
    let revoked = store.add_user("revoked").await;
    store.end_all_sessions(revoked, START, &[]).await.unwrap();

    for user in [gone, suspended, revoked, UserId(99)] {
        assert!(!store.put(&verify(user, (1, 0))).await);
    }
    let mut anew = verify(revoked, (1, 0));
    anew.generation = 1;
    assert!(store.put(&anew).await);
    store.end_all_sessions(revoked, START, &[]).await.unwrap();
    assert!(store.good(1, OneTimeKind::Verify).await.is_none());
    // What is dead stands in nobody's way, however young it is.
    let mut anew = verify(revoked, (2, 1));
    anew.generation = 2;
    assert!(store.put(&anew).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_spent_by_one_of_those_who_show_it_at_once() {
    let store = TestStore::open().await;
    let alice = store.add_user("alice").await;
    store.verify(alice, "alice@example.org").await;
    let new = token(alice, OneTimeKind::Reset, (1, 0));
    assert!(store.put(&new).await);
    let reset = store.good(1, OneTimeKind::Reset).await.unwrap();

    let spent = (0..20).map(|_| store.reset_password(&reset, "another", START, &[]));
    let spent = join_all(spent).await.into_iter();

    assert_eq!(spent.filter(|spent| *spent.as_ref().unwrap()).count(), 1);
    let login = store.login_by_email(&email("ALICE@example.org")).await;
    let login = login.unwrap().unwrap();
    assert_eq!(
        (login.password_hash.as_str(), login.generation),
        ("another", 1)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_for_another_password_counts_while_the_address_is_the_account_s_own() {
    let store = TestStore::open().await;
    let alice = store.add_user("alice").await;
    let reset = token(alice, OneTimeKind::Reset, (1, 0));
    assert!(store.put(&reset).await);
    assert!(
        store.good(1, OneTimeKind::Reset).await.is_none(),
        "nobody confirmed it"
    );
    store.verify(alice, "alice@example.org").await;
    assert!(store.put(&reset).await);
    let held = store.good(1, OneTimeKind::Reset).await.unwrap();
    assert_eq!(held.email, "Alice@example.org");

    let mut change = verify(alice, (2, 1));
    change.email = email("new@example.org");
    assert!(store.put(&change).await);
    let change = store.good(2, OneTimeKind::Verify).await.unwrap();
    assert_eq!(change.verified_email.as_deref(), Some("alice@example.org"));
    assert!(
        store
            .verify_email(&change, later(5), ("none", &[]), &[])
            .await
            .unwrap()
    );

    assert!(store.good(1, OneTimeKind::Reset).await.is_none());
    let late = store.reset_password(&held, "stolen", later(6), &[]).await;
    assert!(!late.unwrap());
    let user = store.user(alice).await.unwrap().unwrap();
    assert_eq!(user.email.as_deref(), Some("new@example.org"));
    assert_eq!(user.email_verified_at, Some(later(5)));
    assert!(
        store
            .user_by_email(&email("alice@example.org"))
            .await
            .unwrap()
            .is_none()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_of_another_is_refused_and_nothing_is_spent_or_enqueued() {
    let store = TestStore::open().await;
    let (alice, bob) = (store.add_user("alice").await, store.add_user("bob").await);
    store.verify(alice, "alice@example.org").await;
    assert!(store.put(&verify(bob, (1, 0))).await);
    let token = store.good(1, OneTimeKind::Verify).await.unwrap();
    let job = NewJob {
        id: JobId::new(START, [1; 10]),
        kind: "test",
        account: JobAccount::Of(bob),
        payload: "{}".to_owned(),
        created_at: START,
    };

    let taken = store
        .verify_email(&token, START, ("none", &[job]), &[])
        .await;

    assert!(matches!(taken, Err(Error::Unique(_))), "{taken:?}");
    assert!(store.good(1, OneTimeKind::Verify).await.is_some());
    assert_eq!(store.count("jobs").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_that_are_over_are_purged() {
    let store = TestStore::open().await;
    let alice = store.add_user("alice").await;
    assert!(store.put(&verify(alice, (7, 0))).await);
    let found = store
        .one_time_token(&HASH, OneTimeKind::Verify, later(1799))
        .await;
    assert!(found.unwrap().is_some());
    let over = store
        .one_time_token(&HASH, OneTimeKind::Verify, later(1800))
        .await;
    assert!(over.unwrap().is_none());

    assert_eq!(store.purge_one_time_tokens(later(1800)).await.unwrap(), 0);
    assert_eq!(store.purge_one_time_tokens(later(1801)).await.unwrap(), 1);
}
