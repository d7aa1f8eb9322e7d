//! T47: requests whose end two readers could see in different places.
//!
//! hyper reads them before Inkgate does. What it answers by itself is written down here: 400
//! and the end of the connection, or, where RFC 9112 allows it, one request and then the end. In
//! no case is the smuggled second request answered.

use crate::support::TestApp;
use crate::support::socket::talk;

/// What the first request tries to hide; its answer is easy to tell.
const SMUGGLED: &str = "GET /health/live HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

/// Sends a POST of these header lines and this body; gives the statuses of all answers.
async fn post(app: &TestApp, headers: &str, body: &str) -> (Vec<u16>, String) {
    let request = format!(
        "POST /api/v1/login HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n\
         {headers}\r\n{body}"
    );
    let reply = talk(app, request).await;
    let text = reply.text();
    assert!(!text.contains("healthy"), "smuggled: {headers:?}: {text}");
    (reply.statuses(), text)
}

#[tokio::test(flavor = "multi_thread")]
async fn t47_a_length_beside_chunks_is_no_second_request() {
    let app = TestApp::spawn().await;

    // RFC 9112, section 6.1: chunked counts, and the connection ends behind the answer.
    for headers in [
        "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 0\r\n",
    ] {
        let body = format!("0\r\n\r\n{SMUGGLED}");
        let (statuses, text) = post(&app, headers, &body).await;
        assert_eq!(statuses, [400], "{headers:?}: {text}");
    }
    still_answers(&app).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn t47_an_encoding_that_is_not_plainly_chunked_is_refused() {
    let app = TestApp::spawn().await;

    for encoding in [
        "Transfer-Encoding: xchunked\r\n",
        "Transfer-Encoding: chunked, identity\r\n",
        "Transfer-Encoding: identity\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n",
        "Transfer-Encoding: \"chunked\"\r\n",
        "Transfer-Encoding : chunked\r\n",
        "Transfer-Encoding\t: chunked\r\n",
        "Transfer-Encoding:\u{b}chunked\r\n",
        "Transfer-Encoding: chunked\0\r\n",
        "Transfer-Encoding:\r\n chunked\r\n",
        "X: y\r\n Transfer-Encoding: chunked\r\n",
    ] {
        for length in ["", "Content-Length: 5\r\n"] {
            let body = format!("0\r\n\r\n{SMUGGLED}");
            let (statuses, text) = post(&app, &format!("{encoding}{length}"), &body).await;
            assert_eq!(statuses, [400], "{encoding:?} {length:?}: {text}");
        }
    }
    still_answers(&app).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn t47_a_length_that_is_none_or_two_is_refused() {
    let app = TestApp::spawn().await;

    for headers in [
        "Content-Length: 0\r\nContent-Length: 44\r\n",
        "Content-Length: 44\r\nContent-Length: 0\r\n",
        "Content-Length: 0, 44\r\n",
        "Content-Length: +5\r\n",
        "Content-Length: -5\r\n",
        "Content-Length: 0x5\r\n",
        "Content-Length: 5.0\r\n",
        "Content-Length: 5 5\r\n",
        "Content-Length: 1e1\r\n",
        "Content-Length: ５\r\n",
        "Content-Length: 18446744073709551616\r\n",
        "Content-Length: 99999999999999999999999\r\n",
        "Content-Length: \r\n",
        "Content-Length : 0\r\n",
        "Content-Length:\r\n 0\r\n",
    ] {
        let (statuses, text) = post(&app, headers, SMUGGLED).await;
        assert_eq!(statuses, [400], "{headers:?}: {text}");
    }
    still_answers(&app).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn t47_chunks_whose_size_is_none_end_the_connection() {
    let app = TestApp::spawn().await;
    let headers = "Transfer-Encoding: chunked\r\n";
    let extension = format!("0;{}\r\n\r\n", "x".repeat(64 * 1024));

    for chunks in [
        "10000000000000000\r\nx\r\n0\r\n\r\n",
        "fffffffffffffffff\r\nx\r\n0\r\n\r\n",
        "+1\r\nx\r\n0\r\n\r\n",
        "-1\r\nx\r\n0\r\n\r\n",
        "0x1\r\nx\r\n0\r\n\r\n",
        "g\r\n\r\n",
        "\r\n\r\n",
        "1\r\nxx\r\n0\r\n\r\n",
        "1\nx\n0\n\n",
        "1;a\nb\r\nx\r\n0\r\n\r\n",
        &extension,
    ] {
        let (statuses, text) = post(&app, headers, &format!("{chunks}{SMUGGLED}")).await;
        assert!(
            statuses.is_empty() || statuses == [400],
            "{:?}: {text}",
            &chunks[..chunks.len().min(40)]
        );
    }
    still_answers(&app).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn t47_a_bare_line_feed_ends_a_line_and_hides_nothing() {
    let app = TestApp::spawn().await;

    // hyper takes a bare LF for the end of a line, as RFC 9112, section 2.2, allows: both ends
    // of the head are then where anybody would see them.
    let reply = talk(
        &app,
        "GET /health/live HTTP/1.1\nHost: a\nConnection: close\n\n",
    )
    .await;
    assert_eq!(reply.statuses(), [200]);
    let (statuses, text) = post(
        &app,
        "X: y\nConnection: close\nContent-Length: 44\n",
        SMUGGLED,
    )
    .await;
    assert_eq!(statuses, [400], "{text}");
    // A bare CR is no end of anything.
    let (statuses, text) = post(&app, "X: y\rContent-Length: 0\r\n", "").await;
    assert_eq!(statuses, [400], "{text}");
    still_answers(&app).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn t47_a_refused_body_is_not_read_as_the_next_request() {
    let app = TestApp::spawn().await;
    let length = format!("Content-Length: {}\r\n", SMUGGLED.len());
    let last = "PATCH /health HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

    // The route is refused before its body is read: 404, 405, 401.
    for target in [
        "POST /nowhere",
        "PUT /api/v1/login",
        "POST /api/v1/posts",
        "DELETE /api/v1/posts/1",
        "GET /api/v1/posts/1",
    ] {
        let request = format!("{target} HTTP/1.1\r\nHost: a\r\n{length}\r\n{SMUGGLED}{last}");
        let reply = talk(&app, request).await;
        // The connection is closed, or goes on behind the body.
        assert!(
            matches!(reply.statuses()[..], [401 | 404 | 405] | [_, 405]),
            "{target}: {}",
            reply.text()
        );
        assert!(!reply.text().contains("healthy"), "{target}");
    }
    still_answers(&app).await;
}

async fn still_answers(app: &TestApp) {
    app.anonymous().get("/health/live").await.expect(200);
}
