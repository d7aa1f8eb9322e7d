//! Posts.

use serde_json::json;

use crate::support::TestApp;

#[tokio::test(flavor = "multi_thread")]
async fn the_seed_s_story_is_told() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    let bob = app.user("bob").await;
    let post = json!({"title": "My Post", "content": "Hello"});

    app.anonymous()
        .post("/api/v1/posts", &post)
        .await
        .expect(401);
    let written = alice.post("/api/v1/posts", &post).await.expect(201);

    assert_eq!(
        written.text(),
        "{\"category\":\"general\",\"content\":\"Hello\",\"created_at\":\"2026-11-23T19:00:00.123456\",\
         \"id\":1,\"title\":\"My Post\",\"user_id\":1}\n"
    );
    let refused = bob
        .put("/api/v1/posts/1", &json!({"title": "Mine"}))
        .await
        .expect(403);
    assert_eq!(refused.message(), "You can only edit your own posts");
    let me = alice.get("/api/v1/me").await.expect(200).json();
    assert_eq!(me["posts"][0]["title"], "My Post");
    assert_eq!(
        app.anonymous()
            .get("/api/v1/posts/1")
            .await
            .expect(200)
            .text(),
        written.text()
    );
}
