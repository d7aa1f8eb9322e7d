//! `inkgate migrate`.

use test_database::TestDatabase;

use crate::support::Program;

#[tokio::test(flavor = "multi_thread")]
async fn a_schema_is_made_and_left_alone_when_it_is_there() {
    let database = TestDatabase::create().await;
    let program = Program::on(&database);

    for _ in 0..2 {
        let ended = program.run(&["migrate"]).expect_success();
        assert_eq!(ended.out, "the schema is up to date\n");
    }

    let list = program.run(&["user", "list"]).expect_success();
    assert_eq!(list.out, "");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_served_can_be_migrated() {
    let database = TestDatabase::create().await;
    let program = Program::on(&database);
    let running = program.serve();

    program.run(&["migrate"]).expect_success();

    running
        .user("alice")
        .await
        .get("/api/v1/me")
        .await
        .expect(200);
}
