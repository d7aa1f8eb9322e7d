//! Authors who are gone, and writers who meet.

use model::Role;
use serde_json::{Value, json};

use super::super::{problem, stored_number, write_post, write_with};
use super::{POST, POSTS, Story};

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_author() {
    let story = Story::begin().await;
    let (app, reader) = (&story.app, story.app.anonymous());
    let root = app.user_with_role("root", Role::Admin).await;
    let draft = json!({"title": "Draft", "status": "draft"});
    write_with(&story.alice, draft).await;
    write_post(&root, "Stays").await;
    root.delete("/api/v1/users/1").await.expect(200);

    for _ in 0..2 {
        for client in [&reader, &root] {
            for path in [
                POST,
                "/api/v2/posts/by-slug/my-post",
                "/api/v2/posts/2",
                "/api/v2/posts/by-slug/draft",
            ] {
                problem(&client.get(path).await, 404, "not_found");
            }
            client.get("/api/v1/posts/1").await.expect(404);
            for list in ["/api/v2/posts?user_id=1", "/api/v2/posts?author=alice"] {
                let page = client.get(list).await.expect(200).json();
                assert_eq!(page["posts"], json!([]));
            }
        }
        for answer in [
            root.patch(POST, &json!({"title": "T"})).await,
            root.delete(POST).await,
            root.post(&format!("{POST}/publish"), &json!({})).await,
            root.post(&format!("{POST}/restore"), &json!({})).await,
        ] {
            problem(&answer, 404, "not_found");
        }
        let drafts = root
            .get("/api/v2/posts?status=draft")
            .await
            .expect(200)
            .json();
        assert_eq!(drafts["posts"], json!([]));
        let list: Value = reader.get(POSTS).await.expect(200).json();
        assert_eq!(super::super::column(&list, "posts", "title"), ["Stays"]);
        let gone = story
            .alice
            .post(POSTS, &json!({"title": "T", "content": ""}))
            .await;
        assert_eq!(gone.status, 401, "{}", gone.text());
        // Once more when nothing is left of the author.
        app.domain.tidy().await.unwrap();
    }
    assert_eq!(stored_number(app, "SELECT count(*) FROM posts").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_writers_on_one_post() {
    let story = Story::begin().await;
    let (alice, root) = (
        &story.alice,
        story.app.user_with_role("root", Role::Admin).await,
    );

    for round in 1..=10 {
        let (title, words) = (
            json!({"title": format!("T{round}")}),
            json!({"content": format!("{round}")}),
        );
        let (one, two) = tokio::join!(alice.patch(POST, &title), root.patch(POST, &words));
        let (one, two) = (one.expect(200).json(), two.expect(200).json());

        assert_ne!(one["version"], two["version"]);
        let post = story.app.anonymous().get(POST).await.json();
        assert_eq!(
            (&post["title"], &post["content"]),
            (&title["title"], &words["content"])
        );
        assert_eq!(post["version"], 1 + 2 * round);
    }
    let last = json!({"title": "Last"});
    let (deleted, changed) = tokio::join!(alice.delete(POST), root.patch(POST, &last));
    deleted.expect(200);
    assert!([200, 404].contains(&changed.status), "{}", changed.text());
    problem(&story.app.anonymous().get(POST).await, 404, "not_found");
}
