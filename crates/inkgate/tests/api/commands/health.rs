//! `inkgate health`.

use test_database::TestDatabase;

use crate::support::Program;

#[tokio::test(flavor = "multi_thread")]
async fn a_server_is_healthy_while_it_runs() {
    let database = TestDatabase::create().await;
    let program = Program::on(&database);
    let running = program.serve();
    let asking = program.set("INKGATE_LISTEN", &running.address.to_string());

    let while_it_runs = asking.run(&["health"]).expect_success();
    running.stop().expect_success();
    let line = asking.run(&["health"]).expect_refusal(1);

    assert_eq!(while_it_runs.out, "healthy\n");
    assert!(line.contains("/health/ready"), "{line}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_listens_everywhere_is_asked_on_this_machine() {
    let database = TestDatabase::create().await;
    let program = Program::on(&database).set("INKGATE_LISTEN", "0.0.0.0:0");
    let running = program.serve();
    let port = running.address.port();

    let asking = program.set("INKGATE_LISTEN", &format!("0.0.0.0:{port}"));

    asking.run(&["health"]).expect_success();
}
