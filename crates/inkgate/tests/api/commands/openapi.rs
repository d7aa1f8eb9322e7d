//! `inkgate openapi`.

use serde_json::Value;
use tempfile::tempdir;
use test_database::TestDatabase;

use crate::support::Program;

#[tokio::test(flavor = "multi_thread")]
async fn the_documents_are_those_that_the_server_shows() {
    let database = TestDatabase::create().await;
    let program = Program::on(&database);
    let running = program.serve();

    for version in ["v1", "v2"] {
        let printed = program.run(&["openapi", version]).expect_success().out;
        let printed: Value = serde_json::from_str(&printed).unwrap();
        let path = format!("/api/{version}/openapi.json");
        let shown = running.anonymous().get(&path).await.expect(200).json();
        assert_eq!(printed, shown, "{version}");
        assert!(
            printed["openapi"].as_str().unwrap().starts_with("3."),
            "{version}"
        );
    }
}

#[test]
fn a_version_that_does_not_exist_is_refused() {
    let folder = tempdir().unwrap();

    let ended = Program::in_folder(folder.path()).run(&["openapi", "v3"]);

    assert_eq!((ended.code, ended.out.as_str()), (Some(2), ""));
}
