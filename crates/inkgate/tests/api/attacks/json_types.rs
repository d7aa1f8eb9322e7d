//! T42: JSON of the wrong type where a name or a password belongs.

use reqwest::Method;
use serde_json::json;

use crate::support::TestApp;

const ROUTES: [&str; 2] = ["/api/v1/login", "/api/v1/users"];

#[tokio::test(flavor = "multi_thread")]
async fn t42_a_field_of_another_type_is_refused() {
    let app = TestApp::spawn().await;
    app.register("alice", "1234").await.expect(201);
    let before = app.domain.hashes_started();

    for value in [
        json!(["alice"]),
        json!(["alice", "bob"]),
        json!({"$gt": ""}),
        json!({"$ne": null}),
        json!(1234),
        json!(0),
        json!(1.5),
        json!(true),
        json!(null),
        json!([]),
        json!({}),
        json!(""),
    ] {
        for path in ROUTES {
            for body in [
                json!({"username": value, "password": "1234"}),
                json!({"username": "alice", "password": value}),
                json!({"username": value, "password": value}),
            ] {
                let answer = app.anonymous().post(path, &body).await;
                assert_eq!(answer.status, 400, "{path} {body}: {}", answer.text());
            }
        }
    }

    assert_eq!(app.domain.hashes_started(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn t42_a_body_that_two_readers_could_read_differently_is_refused() {
    let app = TestApp::spawn().await;
    app.register("alice", "1234").await.expect(201);
    let good = r#"{"username":"alice","password":"1234"}"#;
    let utf16: Vec<u8> = good.encode_utf16().flat_map(u16::to_le_bytes).collect();

    for body in [
        br#"{"username":"bob","username":"alice","password":"1234"}"#.to_vec(),
        br#"{"username":"alice","password":"x","password":"1234"}"#.to_vec(),
        br#"{"username":"alice","password":"1234","x":{"a":1,"a":1}}"#.to_vec(),
        br#"{"username":"bob","\u0075sername":"alice","password":"1234"}"#.to_vec(),
        [b"\xef\xbb\xbf", good.as_bytes()].concat(),
        utf16,
        format!("{good}{good}").into_bytes(),
        format!("{good}x").into_bytes(),
        format!("{good}\0").into_bytes(),
        format!("/* */{good}").into_bytes(),
        good.replace('"', "'").into_bytes(),
        good.replace("\"}", "\",}").into_bytes(),
        [b"{\"username\":\"alice\xff\",\"password\":\"1234\"}".to_vec()].concat(),
        br#"{"username":"\ud800alice","password":"1234"}"#.to_vec(),
        format!("[{good}]").into_bytes(),
        b"null".to_vec(),
        b"\"username password\"".to_vec(),
        b"5".to_vec(),
        Vec::new(),
    ] {
        for path in ROUTES {
            let answer = app
                .anonymous()
                .raw(Method::POST, path, "application/json", body.clone())
                .await;
            let shown = String::from_utf8_lossy(&body);
            assert_eq!(answer.status, 400, "{path} {shown}: {}", answer.text());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn t42_names_of_other_languages_internals_mean_nothing() {
    let app = TestApp::spawn().await;
    app.register("alice", "1234").await.expect(201);

    for body in [
        json!({"__proto__": {"username": "alice"}, "password": "1234"}),
        json!({"constructor": {"prototype": {"username": "alice"}}, "password": "1234"}),
        json!({"username[]": "alice", "password": "1234"}),
        json!({"user.name": "alice", "Username": "alice", "password": "1234"}),
    ] {
        for path in ROUTES {
            let answer = app.anonymous().post(path, &body).await.expect(400);
            assert_eq!(answer.message(), "Missing username or password");
        }
    }
    // Beside what is right they are as unknown as any other key.
    let body = json!({"username": "alice", "password": "1234", "__proto__": {"x": 1}});
    app.anonymous()
        .post("/api/v1/login", &body)
        .await
        .expect(200);
}
