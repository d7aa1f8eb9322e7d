//! Connections that break off, and bytes that are no HTTP.

use super::{head_of_post, nothing_stored, send, send_and_leave, start};

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_breaks_off_changes_nothing() {
    let (app, alice) = start().await;
    let body = r#"{"title":"x","content":"y"}"#;
    let head = head_of_post(&alice, "/api/v1/posts");
    let whole = format!("{head}Content-Length: {}\r\n\r\n{body}", body.len());

    for length in [
        1,
        4,
        17,
        40,
        head.len() + 5,
        whole.len() - body.len(),
        whole.len() - 1,
    ] {
        let reply = send_and_leave(&app, &whole.as_bytes()[..length]).await;
        assert!(
            matches!(reply.status(), 0 | 400),
            "{length}: {}",
            reply.text()
        );
    }

    nothing_stored(&app, &alice).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_shorter_than_announced_changes_nothing() {
    let (app, alice) = start().await;
    let body = r#"{"title":"x","content":"y"}"#;

    for (path, announced) in [
        ("/api/v1/posts", 28),
        ("/api/v2/posts", 28),
        ("/api/v1/posts", 1_000_000),
    ] {
        let head = head_of_post(&alice, path);
        let request = format!("{head}Content-Length: {announced}\r\n\r\n{body}");
        let reply = send_and_leave(&app, request).await;
        assert!(
            matches!(reply.status(), 0 | 400),
            "{path}: {}",
            reply.text()
        );
    }
    for chunks in ["1b\r\n", "1b\r\n{\"title\":\"x\"", "5\r\n{\"tit\r\n"] {
        let head = head_of_post(&alice, "/api/v1/posts");
        let request = format!("{head}Transfer-Encoding: chunked\r\n\r\n{chunks}");
        let reply = send_and_leave(&app, request).await;
        assert!(
            matches!(reply.status(), 0 | 400),
            "{chunks:?}: {}",
            reply.text()
        );
    }

    nothing_stored(&app, &alice).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_stands_behind_a_body_is_not_part_of_it() {
    let (app, alice) = start().await;
    let head = head_of_post(&alice, "/api/v1/posts");

    // Announced are two bytes: the rest would be the next request, and is none.
    let request = format!("{head}Content-Length: 2\r\n\r\n{{}},\"title\":\"x\"}}");
    let reply = send(&app, request).await;

    assert_eq!(reply.statuses()[0], 400, "{}", reply.text());
    nothing_stored(&app, &alice).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_that_are_no_http_end_the_connection() {
    let (app, alice) = start().await;
    let every_byte: Vec<u8> = (0..=255).collect();
    let inputs: [&[u8]; 14] = [
        b"",
        b"\0",
        b"\r\n\r\n\r\n",
        &every_byte,
        &[0xff; 4096],
        // A TLS handshake, the preface of HTTP/2, SSH, and a line of SMTP.
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0",
        b"SSH-2.0-OpenSSH_9.9\r\n",
        b"EHLO example.com\r\n",
        b"GET /api/v1/posts\r\n\r\n",
        b"GET /api/v1/posts HTTP/9.9\r\n\r\n",
        b"GET /api/v1/posts HTTP/1.1 x\r\nHost: a\r\n\r\n",
        b"GET  /api/v1/posts HTTP/1.1\r\nHost: a\r\n\r\n",
        b" GET /api/v1/posts HTTP/1.1\r\nHost: a\r\n\r\n",
    ];

    for input in inputs {
        let reply = send_and_leave(&app, input).await;
        let shown = String::from_utf8_lossy(&input[..input.len().min(40)]);
        assert!(
            matches!(reply.status(), 0 | 400),
            "{shown:?}: {}",
            reply.text()
        );
    }

    nothing_stored(&app, &alice).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_in_a_row_are_answered_in_order() {
    let (app, alice) = start().await;
    let get = |path: &str| format!("GET {path} HTTP/1.1\r\nHost: a\r\n\r\n");
    let last = "GET /health/live HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    let body = "{\"title\":\"\"}";
    let head = head_of_post(&alice, "/api/v1/todos");
    let head = head.replace("Connection: close\r\n", "");
    let post = format!("{head}Content-Length: {}\r\n\r\n{body}", body.len());

    let requests = [
        get("/api/v1/posts"),
        get("/nowhere"),
        post,
        get("/api/v1/me"),
    ];
    let reply = send(&app, requests.concat() + last).await;
    let many = send(&app, get("/health/live").repeat(199) + last).await;

    assert_eq!(reply.statuses(), [200, 404, 400, 401, 200]);
    assert_eq!(many.statuses(), [200; 200]);
    nothing_stored(&app, &alice).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_connections_that_say_nothing_stop_nobody() {
    let (app, alice) = start().await;
    let mut silent = Vec::new();

    for _ in 0..100 {
        let connection = tokio::net::TcpStream::connect(app.address).await.unwrap();
        silent.push(connection);
    }

    nothing_stored(&app, &alice).await;
}
