//! Who sees which comments.

use std::time::Duration;

use model::Role;
use reqwest::Method;
use reqwest::header::IF_NONE_MATCH;
use serde_json::{Value, json};

use super::comments::{LIST, say, with_a_post};
use super::{column, comment_count, comment_texts, problem};

#[tokio::test(flavor = "multi_thread")]
async fn pages_go_from_old_to_new_and_miss_nothing_that_was_there() {
    let (app, _alice, bob) = with_a_post().await;
    for number in 0..7 {
        say(&bob, &number.to_string()).await.expect(201);
        if number % 2 == 1 {
            app.advance(Duration::from_secs(1));
        }
    }

    let (mut found, mut path) = (Vec::new(), format!("{LIST}?limit=2"));
    loop {
        let page = app.anonymous().get(&path).await.expect(200);
        let json = page.json();
        for text in column(&json, "comments", "content") {
            found.push(text.as_str().unwrap().to_owned());
        }
        // Somebody deletes what was seen, and says something new.
        let seen = &json["comments"][0]["id"];
        bob.delete(&format!("/api/v2/comments/{seen}"))
            .await
            .expect(204);
        match json["next_cursor"].as_str() {
            Some(cursor) => path = format!("{LIST}?limit=2&cursor={cursor}"),
            None => break,
        }
        assert!(
            page.header("link").contains(&path),
            "{}",
            page.header("link")
        );
    }
    say(&bob, "new").await.expect(201);

    assert_eq!(found, ["0", "1", "2", "3", "4", "5", "6"]);
    for (query, code) in [
        ("limit=0", "invalid_query"),
        ("limit=101", "limit_too_large"),
        ("cursor=x", "invalid_cursor"),
        ("status=pending", "invalid_query"),
    ] {
        problem(&bob.get(&format!("{LIST}?{query}")).await, 400, code);
    }
    let first = bob.get(&format!("{LIST}?limit=1")).await.json();
    let cursor = first["next_cursor"].as_str().unwrap();
    let other = format!("/api/v2/comments?cursor={cursor}");
    problem(&bob.get(&other).await, 400, "invalid_cursor");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_see_a_post_sees_nothing_below_it() {
    let (app, alice, bob) = with_a_post().await;
    say(&bob, "words").await.expect(201);
    alice.delete("/api/v2/posts/1").await.expect(200);

    for client in [&app.anonymous(), &alice, &bob] {
        for path in [
            LIST,
            "/api/v2/comments/1",
            "/api/v2/posts/9/comments",
            "/api/v2/comments/9",
        ] {
            problem(&client.get(path).await, 404, "not_found");
        }
    }
    for client in [&alice, &bob] {
        problem(&say(client, "x").await, 404, "not_found");
        let patch = json!({"content": "x"});
        problem(
            &client.patch("/api/v2/comments/1", &patch).await,
            404,
            "not_found",
        );
        problem(&client.delete("/api/v2/comments/1").await, 404, "not_found");
        for verdict in ["approve", "spam", "reject"] {
            let path = format!("/api/v2/comments/1/{verdict}");
            problem(&client.post(&path, &json!({})).await, 404, "not_found");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_said_stays_without_an_author_who_is_gone() {
    let (app, alice, bob) = with_a_post().await;
    app.user_with_role("root", Role::Admin).await;
    let admin = app.with_token(&app.login_v2("root", "1234").await.access);
    say(&bob, "his words").await.expect(201);
    say(&alice, "her words").await.expect(201);
    admin
        .patch("/api/v2/users/2", &json!({"suspended": true}))
        .await
        .expect(200);
    let suspended = alice.get("/api/v2/comments/1").await.expect(200).json();
    assert_eq!(suspended["author"]["username"], "bob");

    admin.delete("/api/v2/users/2").await.expect(204);
    for purged in [false, true] {
        if purged {
            app.domain.tidy().await.unwrap();
        }
        let comment = alice.get("/api/v2/comments/1").await.expect(200).json();
        assert_eq!(comment["content"], "his words");
        assert_eq!(
            (&comment["author"], &comment["user_id"]),
            (&Value::Null, &Value::Null)
        );
        assert_eq!(
            comment_texts(&app.anonymous(), LIST).await,
            ["his words", "her words"]
        );
        assert_eq!(comment_count(&app).await, 2);
    }
    alice.delete("/api/v2/comments/1").await.expect(204);
    assert_eq!(comment_count(&app).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_public_list_may_be_kept_and_one_s_own_may_not() {
    let (app, _alice, bob) = with_a_post().await;
    say(&bob, "words").await.expect(201);

    for path in [LIST, "/api/v2/comments/1"] {
        let public = app.anonymous().get(path).await.expect(200);
        assert_eq!(
            public.header("cache-control"),
            "public, max-age=0, must-revalidate"
        );
        assert_eq!(public.header("vary"), "Authorization, Accept-Encoding");
        let again = app.anonymous().request(Method::GET, path);
        let again = again.header(IF_NONE_MATCH, public.header("etag"));
        app.anonymous().send(again).await.expect(304);
        let own = bob.get(path).await.expect(200);
        assert_eq!(own.header("cache-control"), "private, no-store");
        app.with_token("x.y.z").get(path).await.expect(401);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_that_takes_no_comments_shows_those_that_it_has() {
    let (app, alice, bob) = with_a_post().await;
    let editor = app.user_with_role("edith", Role::Editor).await;
    say(&bob, "in time").await.expect(201);
    let close = |enabled: bool| json!({"comments_enabled": enabled});
    alice
        .patch("/api/v2/posts/1", &close(false))
        .await
        .expect(200);

    for client in [&bob, &alice, &editor] {
        problem(&say(client, "too late").await, 403, "comments_disabled");
        // Asked before the body is looked at.
        let refused = client.raw(Method::POST, LIST, "text/plain", "{").await;
        problem(&refused, 403, "comments_disabled");
    }
    assert_eq!(comment_texts(&app.anonymous(), LIST).await, ["in time"]);
    let edited = bob
        .patch("/api/v2/comments/1", &json!({"content": "edited"}))
        .await;
    edited.expect(200);
    alice
        .patch("/api/v2/posts/1", &close(true))
        .await
        .expect(200);
    say(&bob, "again").await.expect(201);
    assert_eq!(comment_count(&app).await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn below_what_is_not_public_those_talk_who_see_it() {
    let (app, alice, bob) = with_a_post().await;
    let editor = app.user_with_role("edith", Role::Editor).await;
    say(&bob, "his").await.expect(201);

    for hidden in [
        json!({"status": "draft"}),
        json!({"status": "archived"}),
        json!({"status": "unlisted"}),
        json!({"status": "scheduled", "published_at": "2026-11-24T00:00:00Z"}),
    ] {
        alice.patch("/api/v2/posts/1", &hidden).await.expect(200);
        for client in [&bob, &app.anonymous()] {
            problem(&client.get(LIST).await, 404, "not_found");
            problem(&client.get("/api/v2/comments/1").await, 404, "not_found");
        }
        problem(&say(&bob, "x").await, 404, "not_found");
        problem(&bob.delete("/api/v2/comments/1").await, 404, "not_found");
        for client in [&alice, &editor] {
            assert_eq!(comment_texts(client, LIST).await[0], "his");
            say(client, "a note").await.expect(201);
        }
        alice
            .patch("/api/v2/posts/1", &json!({"status": "published"}))
            .await
            .expect(200);
        assert_eq!(comment_texts(&bob, LIST).await[0], "his");
    }
    assert_eq!(comment_count(&app).await, 9);
    alice.delete("/api/v2/posts/1").await.expect(200);
    alice
        .post("/api/v2/posts/1/restore", &json!({}))
        .await
        .expect(200);
    assert_eq!(comment_count(&app).await, 9);
    alice.delete("/api/v2/posts/1").await.expect(200);
    alice
        .delete("/api/v2/posts/1?permanent=true")
        .await
        .expect(200);
    problem(&bob.get("/api/v2/comments/1").await, 404, "not_found");
}
