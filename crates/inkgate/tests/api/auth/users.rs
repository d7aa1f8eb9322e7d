//! Users, as everybody sees them and as admins manage them.

use futures_util::future::join_all;
use model::Role;
use serde_json::{Value, json};

use crate::support::{Client, TestApp};

const USERS: &str = "/api/v2/users";

async fn with_role(app: &TestApp, name: &str, role: Role) -> Client {
    app.user_with_role(name, role).await;
    app.with_token(&app.login_v2(name, "1234").await.access)
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_sees_profiles_and_nothing_more() {
    let app = TestApp::spawn().await;
    app.register("Alice", "1234").await.expect(201);
    let profile = json!({"id": 1, "username": "Alice", "display_name": null, "bio": null,
        "avatar_url": null, "role": "author", "created_at": "2026-11-23T19:00:00.123Z"});
    let anybody = app.anonymous();

    for path in [
        "/api/v2/users/1",
        "/api/v2/users/by-name/alice",
        "/api/v2/users/by-name/ALICE",
    ] {
        let answer = anybody.get(path).await.expect(200);
        assert_eq!(answer.json(), profile);
        assert_eq!(
            answer.header("cache-control"),
            "public, max-age=0, must-revalidate"
        );
        let tag = answer.header("etag");
        let request = anybody
            .request(reqwest::Method::GET, path)
            .header("if-none-match", tag);
        anybody.send(request).await.expect(304);
    }
    let list = anybody.get(USERS).await.expect(200).json();
    assert_eq!(list, json!({"users": [profile], "next_cursor": null}));
    for path in [
        "/api/v2/users/2",
        "/api/v2/users/by-name/bob",
        "/api/v2/users/by-name/%00",
    ] {
        anybody.get(path).await.expect(404);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_owner_and_admins_see_the_account() {
    let app = TestApp::spawn().await;
    let root = with_role(&app, "root", Role::Admin).await;
    let alice = with_role(&app, "alice", Role::Editor).await;
    let seen = async |client: &Client, id: i64| {
        let answer = client.get(&format!("{USERS}/{id}")).await.expect(200);
        assert_eq!(answer.header("cache-control"), "private, no-store");
        answer.json().get("suspended").is_some()
    };

    assert!(seen(&root, 1).await && seen(&root, 2).await && seen(&alice, 2).await);
    assert!(!seen(&alice, 1).await);
    let list = alice.get(USERS).await.json();
    assert_eq!(list["users"][0].get("email"), None);
    assert_eq!(list["users"][1].get("email"), Some(&Value::Null));
    let seed = app.login("alice", "1234").await;
    seed.get(USERS).await.expect(401);
    app.with_token("x").get(USERS).await.expect(401);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_comes_in_pages() {
    let app = TestApp::spawn().await;
    for number in 1..=5 {
        app.register(&format!("user {number}"), "1234")
            .await
            .expect(201);
    }
    let anybody = app.anonymous();

    let (mut seen, mut path) = (Vec::new(), format!("{USERS}?limit=2"));
    while !path.is_empty() {
        let page = anybody.get(&path).await.expect(200).json();
        let users = page["users"].as_array().unwrap();
        seen.extend(users.iter().map(|user| user["id"].as_i64().unwrap()));
        let next = page["next_cursor"].as_str();
        path = next.map_or_else(String::new, |next| format!("{USERS}?limit=2&cursor={next}"));
    }

    assert_eq!(seen, [1, 2, 3, 4, 5]);
    anybody.get(&format!("{USERS}?limit=101")).await.expect(400);
    anybody
        .get(&format!("{USERS}?role=admin"))
        .await
        .expect(400);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_and_a_suspension_act_at_once() {
    let app = TestApp::spawn().await;
    let root = with_role(&app, "root", Role::Admin).await;
    let pair = app.pair("alice").await;
    let alice = app.with_token(&pair.access);
    let post = json!({"title": "Mine", "content": "x"});
    let path = "/api/v2/users/2";

    let demoted = root
        .patch(path, &json!({"role": "reader"}))
        .await
        .expect(200);
    assert_eq!(demoted.json()["role"], "reader");
    alice.post("/api/v2/posts", &post).await.expect(403);
    let both = json!({"role": "editor", "suspended": true});
    let suspended = root.patch(path, &both).await.expect(200).json();
    assert_eq!(
        (&suspended["role"], &suspended["suspended"]),
        (&json!("editor"), &json!(true))
    );
    alice.get("/api/v2/me").await.expect(401);
    app.refresh(&pair.refresh).await.expect(401);
    let lifted = root
        .patch(path, &json!({"suspended": false}))
        .await
        .expect(200);
    assert_eq!(lifted.json()["suspended"], false);

    // Tokens of before stay dead.
    alice.get("/api/v2/me").await.expect(401);
    app.refresh(&pair.refresh).await.expect(401);
    app.login_v2("alice", "1234").await;
    let unchanged = root.patch(path, &json!({})).await.expect(200);
    assert_eq!(unchanged.json(), lifted.json());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_admin_ends_sessions_and_deletes() {
    let app = TestApp::spawn().await;
    let root = with_role(&app, "root", Role::Admin).await;
    let pair = app.pair("alice").await;

    root.post("/api/v2/users/2/logout", &json!({}))
        .await
        .expect(204);
    app.with_token(&pair.access)
        .get("/api/v2/me")
        .await
        .expect(401);
    app.refresh(&pair.refresh).await.expect(401);
    let pair = app.login_v2("alice", "1234").await;
    root.delete("/api/v2/users/2").await.expect(204);

    app.with_token(&pair.access)
        .get("/api/v2/me")
        .await
        .expect(401);
    app.refresh(&pair.refresh).await.expect(401);
    root.delete("/api/v2/users/2").await.expect(404);
    root.post("/api/v2/users/2/logout", &json!({}))
        .await
        .expect(404);
    root.patch("/api/v2/users/2", &json!({"role": "admin"}))
        .await
        .expect(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_but_an_admin_manages_users() {
    let app = TestApp::spawn().await;
    let ed = with_role(&app, "ed", Role::Editor).await;
    app.register("alice", "1234").await.expect(201);

    for id in [1, 2] {
        let path = format!("{USERS}/{id}");
        for answer in [
            ed.patch(&path, &json!({"role": "admin"})).await,
            // Who may is told before what is wrong with the body.
            ed.patch(&path, &json!({"x": 1})).await,
            ed.delete(&path).await,
            ed.post(&format!("{path}/logout"), &json!({})).await,
        ] {
            assert_eq!(answer.expect(403).json()["code"], "role_required");
        }
    }
    ed.patch("/api/v2/users/3", &json!({})).await.expect(404);
    let anybody = app.anonymous();
    anybody
        .patch("/api/v2/users/1", &json!({}))
        .await
        .expect(401);
    assert_eq!(ed.get("/api/v2/me").await.json()["role"], "editor");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_an_account_changes_nothing() {
    let app = TestApp::spawn().await;
    let root = with_role(&app, "root", Role::Admin).await;
    app.register("alice", "1234").await.expect(201);

    for body in [
        json!({"role": "owner"}),
        json!({"role": null}),
        json!({"role": ["admin"]}),
        json!({"suspended": "true"}),
        json!({"suspended": null}),
        json!({"role": "admin", "suspended": 1}),
        json!({"role": "admin", "email_verified": true}),
        json!({"role": "admin", "id": 5}),
        json!([]),
    ] {
        root.patch("/api/v2/users/2", &body).await.expect(422);
    }

    let alice = root.get("/api/v2/users/2").await.json();
    assert_eq!(
        (&alice["role"], &alice["suspended"]),
        (&json!("author"), &json!(false))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_admin_stays_even_in_a_race() {
    let app = TestApp::spawn().await;
    let root = with_role(&app, "root", Role::Admin).await;
    for body in [json!({"role": "editor"}), json!({"suspended": true})] {
        let refused = root.patch("/api/v2/users/1", &body).await.expect(409);
        assert_eq!(refused.json()["code"], "last_admin");
    }
    root.delete("/api/v2/users/1").await.expect(409);
    let own = root.request(reqwest::Method::DELETE, "/api/v2/me");
    let own = root
        .send(own.json(&json!({"current_password": "1234"})))
        .await;
    assert_eq!(own.expect(409).json()["code"], "last_admin");
    root.get("/api/v2/me").await.expect(200);
    let admins = [root, with_role(&app, "second", Role::Admin).await];

    // Each takes the other away, in every way there is.
    let body = json!({"role": "author"});
    let paths = ["/api/v2/users/2", "/api/v2/users/1"];
    let race = (0..20).map(|number| {
        let (admin, path) = (&admins[number % 2], paths[number % 2]);
        let body = &body;
        async move {
            match number % 4 {
                0 | 1 => admin.patch(path, body).await,
                _ => admin.patch(path, &json!({"suspended": true})).await,
            }
        }
    });
    let done = join_all(race)
        .await
        .into_iter()
        .filter(|answer| answer.status == 200);

    assert!(done.count() >= 1);
    let me = join_all(admins.iter().map(|admin| admin.get("/api/v2/me"))).await;
    let still = me
        .iter()
        .filter(|me| me.status == 200 && me.json()["role"] == "admin");
    assert_eq!(still.count(), 1);
}
