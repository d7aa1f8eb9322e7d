//! Jobs: claimed once, left behind, put back, laid aside.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use inkgate_store::Error;
use model::{JobAccount, JobId, NewJob, UserId};

use crate::support::{START, TestStore, later};

fn job(number: u8, account: JobAccount) -> NewJob {
    NewJob {
        id: JobId::new(START, [number; 10]),
        kind: "test",
        account,
        payload: format!(r#"{{"number":{number}}}"#),
        created_at: later(number.into()),
    }
}

async fn with_jobs(count: u8) -> TestStore {
    let store = TestStore::open().await;
    for number in 1..=count {
        let new = job(number, JobAccount::None);
        store.insert_job(&new, &[]).await.unwrap();
    }
    store
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_is_claimed_when_it_is_due_and_gone_when_it_is_done() {
    let store = with_jobs(2).await;

    assert!(
        store
            .claim_job(START, later(60), [1; 16])
            .await
            .unwrap()
            .is_none()
    );
    let first = store.claim_job(later(5), later(60), [1; 16]).await.unwrap();
    let first = first.unwrap();

    assert_eq!((first.kind.as_str(), first.attempt), ("test", 1));
    assert_eq!(first.payload, r#"{"number":1}"#);
    let second = store.claim_job(later(5), later(60), [2; 16]).await.unwrap();
    assert_eq!(second.unwrap().payload, r#"{"number":2}"#);
    let none = store.claim_job(later(5), later(60), [3; 16]).await.unwrap();
    assert!(none.is_none());
    assert!(store.finish_job(&first).await.unwrap());
    assert!(!store.finish_job(&first).await.unwrap());
    assert_eq!(store.count("jobs").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn those_who_claim_at_once_share_the_jobs() {
    let store = with_jobs(20).await;

    let claims = (0..60).map(|lease| store.claim_job(later(60), later(120), [lease; 16]));
    let claimed = join_all(claims).await.into_iter();
    let ids: Vec<_> = claimed.filter_map(Result::unwrap).collect();

    // Those who pass over each other's rows may find none where another one waits.
    let different: BTreeSet<_> = ids.iter().map(|job| job.id.to_string()).collect();
    assert_eq!(different.len(), ids.len(), "none was claimed twice");
    assert!(ids.iter().all(|job| job.attempt == 1));
    assert!(!ids.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_whose_server_has_died_comes_back_and_the_dead_cannot_end_it() {
    let store = with_jobs(1).await;
    let lost = store.claim_job(later(5), later(60), [1; 16]).await.unwrap();
    let lost = lost.unwrap();
    let claim = async |seconds, lease| {
        let claim = store.claim_job(later(seconds), later(seconds + 60), [lease; 16]);
        claim.await.unwrap()
    };
    assert!(claim(59, 2).await.is_none());

    let found = claim(60, 2).await.unwrap();

    assert_eq!((found.id, found.attempt), (lost.id, 2));
    assert!(!store.finish_job(&lost).await.unwrap());
    let failed = store.fail_job(&lost, later(60), Some(later(60)), "late");
    failed.await.unwrap();
    assert!(store.finish_job(&found).await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_failed_waits_and_what_is_dead_stays_until_it_is_retried_or_purged() {
    let store = with_jobs(2).await;
    let claim = async |seconds| {
        let claim = store.claim_job(later(seconds), later(seconds + 60), [1; 16]);
        claim.await.unwrap()
    };
    let (one, two) = (claim(5).await.unwrap(), claim(5).await.unwrap());
    store
        .fail_job(&one, later(30), None, "not yet")
        .await
        .unwrap();
    store
        .fail_job(&two, later(30), Some(later(6)), "never")
        .await
        .unwrap();

    assert!(claim(29).await.is_none());
    assert!(!store.retry_job(JobId::FIRST, later(29)).await.unwrap());
    let dead = store.jobs_after(JobId::FIRST, true).await.unwrap();
    assert_eq!(dead.len(), 1);
    assert_eq!(dead[0].last_error.as_deref(), Some("never"));
    assert_eq!(dead[0].dead_at, Some(later(6)));
    let counts = store.count_jobs().await.unwrap();
    assert_eq!((counts.waiting, counts.dead), (1, 1));
    assert_eq!(counts.oldest, Some(later(1)));
    let again = claim(30).await.unwrap();
    assert_eq!((again.id, again.attempt), (one.id, 2));
    assert!(
        !store.retry_job(one.id, later(31)).await.unwrap(),
        "it runs"
    );
    assert!(claim(200).await.is_some(), "its lease is over");
    assert!(claim(200).await.is_none());

    assert_eq!(store.retry_dead_jobs(later(201)).await.unwrap(), 1);
    let two = claim(201).await.unwrap();
    assert_eq!(two.attempt, 1);
    store
        .fail_job(&two, later(30), Some(later(202)), "never")
        .await
        .unwrap();
    assert_eq!(store.purge_jobs(later(202)).await.unwrap(), 0);
    assert_eq!(store.purge_jobs(later(203)).await.unwrap(), 1);
    assert_eq!(store.jobs_after(one.id, false).await.unwrap().len(), 0);
    assert_eq!(
        store.jobs_after(JobId::FIRST, false).await.unwrap().len(),
        1
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_knows_its_account_and_goes_with_it() {
    let store = TestStore::open().await;
    let alice = store.add_user("alice").await;
    for (number, account) in [
        (1, JobAccount::Of(alice)),
        (2, JobAccount::Named("alice".to_owned())),
        (3, JobAccount::Named("nobody".to_owned())),
    ] {
        store.insert_job(&job(number, account), &[]).await.unwrap();
    }
    let unknown = store
        .insert_job(&job(4, JobAccount::Of(UserId(99))), &[])
        .await;
    assert!(matches!(unknown, Err(Error::ForeignKey)));

    let mut accounts = Vec::new();
    while let Some(job) = store.claim_job(later(9), later(60), [1; 16]).await.unwrap() {
        accounts.push(job.user_id);
    }

    assert_eq!(accounts, [Some(alice), Some(alice), None]);
    store.delete_user(alice, START, &[]).await.unwrap();
    while store.purge_deleted_users().await.unwrap() > 0 {}
    assert_eq!(store.count("jobs").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_more_jobs_wait_than_there_is_room_for() {
    let store = TestStore::open().await;
    let insert = if store.database.is_sqlite() {
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 9999)
            INSERT INTO jobs (id, kind, payload, created_at, run_at)
            SELECT randomblob(16), 'test', '{}', 1, 1 FROM n"
    } else {
        "INSERT INTO jobs (id, kind, payload, created_at, run_at)
            SELECT md5(i::text)::uuid, 'test', '{}', 1, 1 FROM generate_series(1, 9999) AS i"
    };
    store.execute(insert).await;

    store
        .insert_job(&job(1, JobAccount::None), &[])
        .await
        .unwrap();
    let refused = store.insert_job(&job(2, JobAccount::None), &[]).await;

    assert!(matches!(refused, Err(Error::Overloaded)), "{refused:?}");
    assert_eq!(store.count("jobs").await, 10_000);
}
