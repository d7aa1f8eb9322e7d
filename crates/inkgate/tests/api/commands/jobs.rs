//! `inkgate jobs`, and how jobs are tried again.

use std::time::Duration;

use test_database::TestDatabase;

use crate::audit::execute;
use crate::support::{Program, TestApp};

/// Adds a job that no version knows, as one of a later version may leave behind. When it is due is
/// given in seconds since 1970.
pub(crate) async fn add_job(database: &TestDatabase, number: u8, due: i64) {
    let hex = format!("0193e1a05b7c70008000{number:012x}");
    let id = if database.is_sqlite() {
        format!("x'{hex}'")
    } else {
        format!("'{hex}'")
    };
    let at = due * 1_000_000;
    let sql = format!(
        "INSERT INTO jobs (id, kind, payload, created_at, run_at)
        VALUES ({id}, 'from_the_future', '{{}}', {at}, {at})"
    );
    execute(database, &sql).await;
}

async fn run_all(app: &TestApp) {
    while app.domain.run_due_jobs(|| true).await.unwrap() > 0 {}
}

async fn metric(app: &TestApp, name: &str) -> String {
    let metrics = app.anonymous().get("/metrics").await.expect(200).text();
    let line = metrics
        .lines()
        .find_map(|line| line.strip_prefix(&format!("inkgate_{name} ")));
    line.unwrap_or_else(|| panic!("no {name} in {metrics}"))
        .to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_fails_is_tried_for_half_a_day_and_then_laid_aside_for_thirty() {
    let app = TestApp::spawn().await;
    let database = app.database.as_ref().unwrap();
    let now = app.clock.now().as_seconds();
    add_job(database, 1, now).await;
    let program = Program::on(database);
    let list = |arguments: &[&str]| program.run(arguments).expect_success().out;
    assert_eq!(metric(&app, "jobs_waiting").await, "1");

    let (mut attempts, mut waited) = (0, 0);
    while metric(&app, "jobs_waiting").await == "1" {
        run_all(&app).await;
        attempts += 1;
        let wait = (30 << (attempts - 1)).min(6 * 3600);
        app.advance(Duration::from_secs(wait - 1));
        run_all(&app).await;
        assert!(list(&["jobs", "list"]).contains(&format!("\t{attempts} attempts\t")));
        app.advance(Duration::from_secs(1));
        waited += wait;
    }

    assert_eq!(attempts, 12);
    assert!(waited > 12 * 3600);
    assert_eq!(metric(&app, "jobs_dead").await, "1");
    assert_eq!(metric(&app, "jobs_oldest_seconds").await, "0");
    let dead = list(&["jobs", "list", "--dead"]);
    assert!(dead.contains("\tfrom_the_future\tdead since "), "{dead}");
    assert!(dead.contains("this version knows no job"), "{dead}");
    app.advance(Duration::from_hours(24 * 30));
    app.domain.tidy().await.unwrap();
    assert_eq!(list(&["jobs", "list"]), "");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_age_of_what_waits_is_told() {
    let app = TestApp::spawn().await;
    let database = app.database.as_ref().unwrap();
    let now = app.clock.now().as_seconds();
    add_job(database, 1, now + 5000).await;
    add_job(database, 2, now + 1000).await;

    app.advance(Duration::from_secs(900));
    assert_eq!(metric(&app, "jobs_oldest_seconds").await, "0");
    app.advance(Duration::from_secs(160));
    let age: u64 = metric(&app, "jobs_oldest_seconds").await.parse().unwrap();

    assert!((59..=60).contains(&age), "{age}");
    assert_eq!(metric(&app, "jobs_waiting").await, "2");
}

#[tokio::test(flavor = "multi_thread")]
async fn dead_jobs_are_retried_one_by_one_or_all() {
    let database = TestDatabase::create().await;
    let program = Program::on(&database);
    program.run(&["migrate"]).expect_success();
    for number in 1..=3 {
        add_job(&database, number, 1_795_460_400).await;
    }
    execute(&database, "UPDATE jobs SET dead_at = 1, attempts = 12").await;
    let dead = || {
        program
            .run(&["jobs", "list", "--dead"])
            .expect_success()
            .out
    };
    let id = "0193e1a0-5b7c-7000-8000-000000000002";

    let one = program.run(&["jobs", "retry", id]).expect_success().out;
    assert_eq!(one, format!("{id} runs again\n"));
    assert_eq!(dead().lines().count(), 2);
    assert!(!dead().contains(id));
    let listed = program.run(&["jobs", "list"]).expect_success().out;
    assert_eq!(listed.lines().count(), 3);
    let rest = program.run(&["jobs", "retry", "--dead"]).expect_success();
    assert_eq!(rest.out, "2 jobs run again\n");
    assert_eq!(dead(), "");

    let unknown = id.replace("0002", "0009");
    let line = program.run(&["jobs", "retry", &unknown]).expect_refusal(1);
    assert!(line.contains("see `inkgate jobs list`"), "{line}");
    for arguments in [&["jobs", "retry"][..], &["jobs", "retry", "x"]] {
        let ended = program.run(arguments);
        assert_eq!(ended.code, Some(2), "{ended:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_server_runs_jobs_by_itself() {
    let database = TestDatabase::create().await;
    let program = Program::on(&database);
    let running = program.serve();
    add_job(&database, 1, 0).await;

    loop {
        let list = program.run(&["jobs", "list"]).expect_success().out;
        if list.contains("\t1 attempts\tthis version knows no job") {
            break;
        }
        tokio::task::yield_now().await;
    }

    let log = running.stop().expect_success().err;
    assert!(
        log.contains("a job has failed; it will be tried again"),
        "{log}"
    );
}
