//! What ends a token on one server ends it on the other.

use std::time::Instant;

use reqwest::Method;
use serde_json::{Value, json};

use super::{Nodes, TRIES, login, on, print, until_not};
use crate::support::{Answer, Client, Pair, Program, SECRET_KEY, within_a_second};

#[tokio::test(flavor = "multi_thread")]
async fn t20_a_log_out_holds_on_the_other_server_within_a_second() {
    let Some(nodes) = Nodes::start().await else {
        return;
    };
    nodes.one.user("alice").await;
    let mut delays = Vec::new();

    for _ in 0..TRIES {
        let pair = login(&nodes.one, "alice").await;
        let here = nodes.one.with_token(&pair.access);
        let there = on(&nodes.two, &here);
        there.get("/api/v2/me").await.expect(200);

        let out = here.post("/api/v2/auth/logout", &json!({})).await;
        let since = Instant::now();

        out.expect(204);
        here.get("/api/v2/me").await.expect(401);
        let ask = async || there.get("/api/v2/me").await;
        delays.push(until_not(200, since, ask).await);
        there.get("/api/v2/me").await.expect(401);
    }

    print("a log-out on the other server", delays);
}

/// Does something that ends the token of `alice`, whose number is 2.
async fn end(way: &str, root: &Client, alice: &Client) -> Answer {
    let none = json!({});
    let password = json!({"current_password": "1234", "new_password": "1234"});
    match way {
        "logout-all" => alice.post("/api/v2/auth/logout-all", &none).await,
        "session" => {
            let list: Value = alice.get("/api/v2/auth/sessions").await.json();
            let mut sessions = list["sessions"].as_array().unwrap().iter();
            let own = sessions.find(|session| session["current"] == true).unwrap();
            let path = format!("/api/v2/auth/sessions/{}", own["id"].as_str().unwrap());
            alice.delete(&path).await
        }
        "password" => alice.post("/api/v2/auth/password", &password).await,
        "logout by an admin" => root.post("/api/v2/users/2/logout", &none).await,
        "suspension" => {
            root.patch("/api/v2/users/2", &json!({"suspended": true}))
                .await
        }
        "restoring" => {
            root.patch("/api/v2/users/2", &json!({"suspended": false}))
                .await
        }
        "deletion" => root.delete("/api/v2/users/2").await,
        other => panic!("{other}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn t20_whatever_ends_a_token_ends_it_on_the_other_server() {
    let Some(nodes) = Nodes::start().await else {
        return;
    };
    let create = [
        "user",
        "create",
        "--username",
        "root",
        "--role",
        "admin",
        "--password-stdin",
    ];
    Program::on(&nodes.database)
        .run_with_input(&create, "1234\n")
        .expect_success();
    let root = nodes
        .one
        .with_token(&login(&nodes.one, "root").await.access);
    nodes.one.user("alice").await;
    let v1 = nodes.one.login("alice", "1234").await;
    let v1 = on(&nodes.two, &v1);
    v1.get("/api/v1/me").await.expect(200);

    for way in [
        "session",
        "logout-all",
        "password",
        "logout by an admin",
        "suspension",
        "deletion",
    ] {
        let alice = nodes
            .one
            .with_token(&login(&nodes.one, "alice").await.access);
        let there = on(&nodes.two, &alice);
        there.get("/api/v2/me").await.expect(200);

        let answer = end(way, &root, &alice).await;

        assert!(
            matches!(answer.status, 200 | 204),
            "{way}: {}",
            answer.text()
        );
        within_a_second(401, async || there.get("/api/v2/me").await).await;
        if way == "suspension" {
            end("restoring", &root, &alice).await.expect(200);
            let _ = login(&nodes.two, "alice").await;
            there.get("/api/v2/me").await.expect(401);
        }
    }
    v1.get("/api/v1/me").await.expect(401);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_acts_on_the_other_server_within_a_second() {
    let Some(nodes) = Nodes::start().await else {
        return;
    };
    let alice = nodes.two.user("alice").await;
    let post = json!({"title": "x", "content": "y"});
    alice.post("/api/v1/posts", &post).await.expect(201);
    let program = Program::on(&nodes.database);

    program
        .run(&["user", "set-role", "alice", "reader"])
        .expect_success();

    within_a_second(403, async || alice.post("/api/v1/posts", &post).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn t20_a_revoked_key_is_refused_by_both_servers_within_a_second() {
    let Some(nodes) = Nodes::start().await else {
        return;
    };
    nodes.one.user("alice").await;
    let pair = login(&nodes.one, "alice").await;
    let clients = [&nodes.one, &nodes.two].map(|server| server.with_token(&pair.access));
    for client in &clients {
        client.get("/api/v2/me").await.expect(200);
    }
    let program = Program::on(&nodes.database);
    let list = program.run(&["keys", "list"]).expect_success().out;
    let active = list.lines().find(|line| line.contains("\tactive")).unwrap();

    let kid = active.split('\t').next().unwrap();
    program.run(&["keys", "revoke", kid]).expect_success();

    for client in &clients {
        within_a_second(401, async || client.get("/api/v2/me").await).await;
    }
    let pair = login(&nodes.two, "alice").await;
    nodes
        .two
        .with_token(&pair.access)
        .get("/api/v2/me")
        .await
        .expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_token_is_spent_once_whichever_server_it_is_shown_to() {
    let Some(nodes) = Nodes::start().await else {
        return;
    };
    nodes.one.user("alice").await;
    let pair = login(&nodes.one, "alice").await;
    let refresh = async |server: &crate::support::Running, token: &str| {
        let body = json!({"refresh_token": token});
        let request = server.anonymous();
        let request = request
            .request(Method::POST, "/api/v2/auth/refresh")
            .json(&body);
        server.anonymous().send(request).await
    };

    let (one, two) = tokio::join!(
        refresh(&nodes.one, &pair.refresh),
        refresh(&nodes.two, &pair.refresh)
    );

    // Two tabs: both get the same next token.
    let (one, two) = (Pair::of(one), Pair::of(two));
    assert_eq!(one.refresh, two.refresh);
    refresh(&nodes.two, &one.refresh).await.expect(200);
    refresh(&nodes.one, &pair.refresh).await.expect(401);
    let there = nodes.two.with_token(&two.access);
    within_a_second(401, async || there.get("/api/v2/me").await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_that_is_replaced_server_by_server_costs_nobody_a_session() {
    let Some(nodes) = Nodes::start().await else {
        return;
    };
    nodes.one.user("alice").await;
    let pair = login(&nodes.one, "alice").await;
    let new = Program::on(&nodes.database)
        .set("INKGATE_PUBLIC_URL", "http://blog.test")
        .set(
            "SECRET_KEY",
            "another key for tests that has more than 32 bytes",
        )
        .set("SECRET_KEY_PREVIOUS", SECRET_KEY);

    let three = new.serve();

    // It has sealed the keys anew, which the others cannot open: they go on with what they hold.
    for _ in 0..3 {
        let later = login(&nodes.one, "alice").await;
        for server in [&nodes.one, &nodes.two, &three] {
            for token in [&pair.access, &later.access] {
                server.with_token(token).get("/api/v2/me").await.expect(200);
            }
        }
        test_database::execute(nodes.database.url(), "NOTIFY inkgate").await;
    }
}
