//! SIGTERM: what is under way ends, what is new is refused, and the exit code is 0.

use std::io::ErrorKind;
use std::sync::Arc;

use test_database::TestDatabase;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::writers::Ledger;
use crate::support::{Program, Running};

const DRAINING: &str = "stopping: ";

/// Sends the head of a request and waits until somebody asks for its body.
async fn begin_post(running: &Running, token: &str, body: &str) -> TcpStream {
    let mut stream = TcpStream::connect(running.address).await.unwrap();
    let head = format!(
        "POST /api/v1/posts HTTP/1.1\r\nHost: test\r\nAuthorization: Bearer {token}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\nExpect: 100-continue\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let expected = "HTTP/1.1 100 Continue\r\n\r\n";
    let mut answer = vec![0; expected.len()];
    stream.read_exact(&mut answer).await.unwrap();
    assert_eq!(String::from_utf8(answer).unwrap(), expected);
    stream
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_on_its_way_arrives_and_is_stored() {
    let database = TestDatabase::create().await;
    let program = Program::on(&database);
    let mut running = program.serve();
    let token = running.user("alice").await.token().to_owned();
    let body = "{\"title\": \"The last one\", \"content\": \"Just in time.\"}";
    let mut stream = begin_post(&running, &token, body).await;

    running.terminate();
    running.wait_for_line(DRAINING);
    stream.write_all(body.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let ended = running.ended();

    assert!(answer.starts_with("HTTP/1.1 201 Created\r\n"), "{answer}");
    assert_eq!((ended.code, ended.out.as_str()), (Some(0), ""), "{ended:?}");
    let post = program
        .serve()
        .anonymous()
        .get("/api/v1/posts/1")
        .await
        .expect(200);
    assert_eq!(post.json()["title"], "The last one");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_is_being_read_comes_to_its_end() {
    let database = TestDatabase::create().await;
    let mut running = Program::on(&database).serve();
    let alice = running.user("alice").await;
    let content = "x".repeat(1024 * 1024);
    for number in 0..12 {
        let post = serde_json::json!({"title": format!("{number}"), "content": content});
        alice.post("/api/v1/posts", &post).await.expect(201);
    }
    let request = alice.request(reqwest::Method::GET, "/api/v1/posts");
    let response = request.send().await.unwrap();

    running.terminate();
    running.wait_for_line(DRAINING);
    let list = response.json::<serde_json::Value>().await.unwrap();

    assert_eq!(list["posts"].as_array().unwrap().len(), 12);
    assert_eq!(running.ended().code, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_comes_while_the_server_drains_is_refused() {
    let database = TestDatabase::create().await;
    let mut running = Program::on(&database).serve();
    let token = running.user("alice").await.token().to_owned();
    let mut under_way = begin_post(&running, &token, "{}").await;

    running.terminate();
    running.wait_for_line(DRAINING);
    // The message comes a moment before the door is closed; those let in meanwhile are sent away.
    let refused = loop {
        match TcpStream::connect(running.address).await {
            Ok(mut stream) => {
                let mut nothing = Vec::new();
                drop(stream.read_to_end(&mut nothing).await);
                assert!(nothing.is_empty());
            }
            // The door was closed behind somebody who was just coming in.
            Err(error) if error.kind() == ErrorKind::ConnectionReset => {}
            Err(error) => break error,
        }
    };

    assert_eq!(refused.kind(), ErrorKind::ConnectionRefused);
    under_way.write_all(b"{}").await.unwrap();
    let mut answer = String::new();
    under_way.read_to_string(&mut answer).await.unwrap();
    assert!(
        answer.starts_with("HTTP/1.1 400 "),
        "it was still draining: {answer}"
    );
    assert_eq!(running.ended().code, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn writes_in_flight_are_acknowledged_or_not_stored() {
    let database = TestDatabase::create().await;
    let program = Program::on(&database);
    let running = program.serve();
    let token = running.user("alice").await.token().to_owned();
    let ledger = Arc::new(Ledger::default());
    let start = |writer| {
        let client = running.with_token(&token);
        let name = format!("writer {writer}");
        tokio::spawn(Arc::clone(&ledger).write_until_gone(client, name))
    };
    let writers: Vec<_> = (0..8).map(start).collect();
    ledger.reach(100).await;

    running.terminate();
    for writer in writers {
        writer.await.unwrap();
    }
    let ended = running.ended();

    assert_eq!(ended.code, Some(0), "{ended:?}");
    let stored = ledger.check(&program.serve().anonymous()).await;
    assert_eq!(stored, ledger.titles());
}
