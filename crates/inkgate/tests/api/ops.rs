//! Health and metrics.

use crate::support::TestApp;

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_runs_is_healthy() {
    let app = TestApp::spawn().await;

    for path in ["/health", "/health/live", "/health/ready"] {
        let answer = app.anonymous().get(path).await.expect(200);
        assert_eq!(answer.json()["status"], "healthy");
    }
}
