//! One's own account, and what others see of it.

use model::{Content, NewPost, Role, Title, UserId};
use serde_json::{Value, json};

use crate::attacks::claims;
use crate::support::{Answer, Client, Pair, TestApp};

const ME: &str = "/api/v2/me";

async fn alice(app: &TestApp) -> Client {
    app.with_token(&app.pair("alice").await.access)
}

fn code(answer: &Answer) -> String {
    answer.json()["code"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn me_is_the_account_for_a_token_of_either_version() {
    let app = TestApp::spawn().await;
    let alice = alice(&app).await;
    let seed = app.login("alice", "1234").await;

    let (one, other) = (alice.get(ME).await, seed.get(ME).await);

    let me = one.expect(200);
    assert_eq!(me.header("cache-control"), "private, no-store");
    let wanted = json!({"id": 1, "username": "alice", "display_name": null, "bio": null,
        "avatar_url": null, "role": "author", "created_at": "2026-11-23T19:00:00.123Z",
        "email": null, "email_verified": false, "totp_enabled": false, "suspended": false});
    assert_eq!(me.json(), wanted);
    assert_eq!(other.expect(200).json(), wanted);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_profile_changes_field_by_field_and_null_clears() {
    let app = TestApp::spawn().await;
    let alice = alice(&app).await;
    let patch =
        json!({"display_name": " Alice ", "bio": "Hi", "avatar_url": "https://a.example/a"});

    let changed = alice.patch(ME, &patch).await.expect(200).json();
    let cleared = alice.patch(ME, &json!({"bio": null})).await.expect(200);
    let same = alice.patch(ME, &json!({})).await.expect(200).json();

    assert_eq!(changed["display_name"], "Alice");
    assert_eq!(changed["bio"], "Hi");
    assert_eq!(cleared.json()["bio"], Value::Null);
    assert_eq!(cleared.json()["display_name"], "Alice");
    assert_eq!(same, cleared.json());
    assert_eq!(alice.get(ME).await.json(), same);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_a_profile_changes_nothing() {
    let app = TestApp::spawn().await;
    let alice = alice(&app).await;
    let before = alice.get(ME).await.json();

    for (field, value) in [
        ("display_name", json!("x".repeat(101))),
        ("display_name", json!(" ")),
        ("display_name", json!(5)),
        ("bio", json!("x".repeat(2001))),
        ("bio", json!("a\u{0}b")),
        ("avatar_url", json!("http://a.example/a")),
        ("avatar_url", json!("javascript:alert(1)")),
        ("avatar_url", json!(["https://a.example/a"])),
    ] {
        let answer = alice
            .patch(ME, &json!({"display_name": "ok", field: value}))
            .await;
        let problem = answer.expect(422).json();
        assert_eq!(problem["errors"][0]["field"], field, "{problem}");
    }

    assert_eq!(alice.get(ME).await.json(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_profile_stands_beside_the_posts_at_once() {
    let app = TestApp::spawn().await;
    let alice = alice(&app).await;
    let post = json!({"title": "Mine", "content": "x"});
    let made = alice.post("/api/v2/posts", &post).await.expect(201).json();
    assert_eq!(made["author"]["display_name"], Value::Null);
    let anybody = app.anonymous();
    let paths = ["/api/v2/posts/1", "/api/v2/posts"];
    for path in paths {
        anybody.get(path).await.expect(200);
    }

    let patch = json!({"display_name": "Alice", "avatar_url": "https://a.example/a"});
    alice.patch(ME, &patch).await.expect(200);

    let author = json!({"id": 1, "username": "alice", "display_name": "Alice",
        "avatar_url": "https://a.example/a"});
    assert_eq!(anybody.get(paths[0]).await.json()["author"], author);
    assert_eq!(
        anybody.get(paths[1]).await.json()["posts"][0]["author"],
        author
    );
    let again = alice.post("/api/v2/posts", &post).await.expect(201).json();
    assert_eq!(again["author"], author);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_password_keeps_this_session_and_ends_the_others() {
    let app = TestApp::spawn().await;
    let (own, other) = (app.pair("alice").await, app.login_v2("alice", "1234").await);
    let seed = app.login("alice", "1234").await;
    let change = json!({"current_password": "1234", "new_password": "4321"});

    let alice = app.with_token(&own.access);
    let answer = alice.post("/api/v2/auth/password", &change).await;

    let new = Pair::of(answer);
    let (before, after) = (claims(&own.access), claims(&new.access));
    assert_eq!(before["sid"], after["sid"]);
    assert_eq!(after["gen"], 1);
    for pair in [&own, &other] {
        app.with_token(&pair.access).get(ME).await.expect(401);
        app.refresh(&pair.refresh).await.expect(401);
    }
    seed.get(ME).await.expect(401);
    app.with_token(&new.access).get(ME).await.expect(200);
    Pair::of(app.refresh(&new.refresh).await);
    let body = json!({"username": "alice", "password": "1234"});
    let old = app.anonymous().post("/api/v2/auth/login", &body).await;
    old.expect(401);
    app.login_v2("alice", "4321").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_wrong_password_changes_and_deletes_nothing_and_counts() {
    let flags = ["--env", "testing", "--limits", "true"];
    let app = TestApp::spawn_with(&flags).await;
    let alice = alice(&app).await;
    let change = json!({"current_password": "wrong", "new_password": "4321"});
    let wrong = json!({"current_password": "wrong"});
    let delete = async || {
        let request = alice.request(reqwest::Method::DELETE, ME).json(&wrong);
        alice.send(request).await
    };

    for _ in 0..5 {
        let refused = alice
            .post("/api/v2/auth/password", &change)
            .await
            .expect(403);
        assert_eq!(code(&refused), "wrong_password");
        assert_eq!(code(&delete().await.expect(403)), "wrong_password");
    }

    let refused = alice
        .post("/api/v2/auth/password", &change)
        .await
        .expect(429);
    assert_eq!(refused.header("retry-after"), "6");
    delete().await.expect(429);
    alice.get(ME).await.expect(200);
    app.advance(std::time::Duration::from_secs(60));
    app.login_v2("alice", "1234").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_weak_password_is_refused_by_its_field() {
    let flags = ["--env", "production", "--registration", "open"];
    let app = TestApp::spawn_with(&flags).await;
    let password = "correct horse battery staple";
    app.register("wilhelmina", password).await.expect(201);
    let pair = app.login_v2("wilhelmina", password).await;
    let client = app.with_token(&pair.access);

    for new in ["1234567", "password", "wilhelmina"] {
        let change = json!({"current_password": password, "new_password": new});
        let answer = client
            .post("/api/v2/auth/password", &change)
            .await
            .expect(422);
        assert_eq!(code(&answer), "weak_password");
        assert_eq!(answer.json()["errors"][0]["field"], "new_password");
    }

    client.get(ME).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_changes_at_once_leave_one_password_and_one_living_pair() {
    let app = TestApp::spawn().await;
    let own = app.pair("alice").await;
    let alice = app.with_token(&own.access);
    let change = async |new: &str| {
        let change = json!({"current_password": "1234", "new_password": new});
        alice.post("/api/v2/auth/password", &change).await
    };

    let (one, other) = tokio::join!(change("one"), change("other"));

    let won = [(one, "one"), (other, "other")]
        .into_iter()
        .filter(|(answer, _)| answer.status == 200);
    let won: Vec<_> = won.collect();
    assert_eq!(won.len(), 1);
    let (answer, password) = won.into_iter().next().unwrap();
    app.with_token(&Pair::of(answer).access)
        .get(ME)
        .await
        .expect(200);
    app.login_v2("alice", password).await;
    alice.get(ME).await.expect(401);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_account_is_gone_with_its_posts_and_its_name_is_free() {
    let app = TestApp::spawn().await;
    let pair = app.pair("alice").await;
    let alice = app.with_token(&pair.access);
    let post = json!({"title": "Mine", "content": "x"});
    alice.post("/api/v2/posts", &post).await.expect(201);
    app.anonymous().get("/api/v2/posts/1").await.expect(200);

    let password = json!({"current_password": "1234"});
    let request = alice.request(reqwest::Method::DELETE, ME).json(&password);
    alice.send(request).await.expect(204);

    alice.get(ME).await.expect(401);
    app.refresh(&pair.refresh).await.expect(401);
    for path in [
        "/api/v2/posts/1",
        "/api/v2/users/1",
        "/api/v2/users/by-name/alice",
    ] {
        app.anonymous().get(path).await.expect(404);
    }
    let body = json!({"username": "alice", "password": "1234"});
    let next = app.anonymous().post("/api/v2/auth/register", &body).await;
    assert_eq!(next.expect(201).json()["user"]["id"], 2);
    alice.get(ME).await.expect(401);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_guards_the_account_takes_no_token_of_v1() {
    let app = TestApp::spawn().await;
    let seed = app.user("alice").await;
    let password = json!({"current_password": "1234", "new_password": "4321"});

    seed.patch(ME, &json!({"bio": "x"})).await.expect(401);
    let delete = seed.request(reqwest::Method::DELETE, ME).json(&password);
    seed.send(delete).await.expect(401);
    seed.post("/api/v2/auth/password", &password)
        .await
        .expect(401);

    assert_eq!(seed.get(ME).await.expect(200).json()["bio"], Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_deleted_while_a_request_is_under_way_is_nobody() {
    let app = TestApp::spawn().await;
    app.register("alice", "1234").await.expect(201);
    let root = app.user_with_role("root", Role::Admin).await;
    let actor = domain::Actor {
        id: UserId(1),
        username: "alice".to_owned(),
        role: Role::Author,
    };
    root.delete("/api/v1/users/1").await.expect(200);

    let new = NewPost::of(Title::parse("T").unwrap(), Content::parse("").unwrap());
    let account = app.domain.own_account(&actor).await.map(drop);
    let post = app.domain.create_post(&actor, &new, None).await.map(drop);

    for outcome in [account, post] {
        let refused = matches!(outcome, Err(domain::Error::Unauthenticated(_)));
        assert!(refused, "{outcome:?}");
    }
}
