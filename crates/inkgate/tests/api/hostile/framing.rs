//! Heads and bodies that are too large, too many or in another coding.

use super::{head_of_post, nothing_stored, send, start, writes};

#[tokio::test(flavor = "multi_thread")]
async fn a_head_without_end_is_refused() {
    let (app, alice) = start().await;
    let long = "a".repeat(1024 * 1024);

    for request in [
        format!("GET /{long} HTTP/1.1\r\nHost: a\r\n\r\n"),
        format!("GET /?{long} HTTP/1.1\r\nHost: a\r\n\r\n"),
        format!("GET / HTTP/1.1\r\nHost: {long}\r\n\r\n"),
        format!("GET / HTTP/1.1\r\nHost: a\r\nX: {long}\r\n\r\n"),
        format!("GET / HTTP/1.1\r\nHost: a\r\n{long}: x\r\n\r\n"),
        format!("GET / HTTP/1.1\r\nHost: a\r\nX: {long}"),
        format!("{long} / HTTP/1.1\r\nHost: a\r\n\r\n"),
        format!("GET / HTTP/1.1\r\n{}\r\n", "X: y\r\n".repeat(10_000)),
        format!("GET / HTTP/1.1\r\n{}\r\n", "X: y\r\n".repeat(101)),
    ] {
        let reply = send(&app, &request).await;
        assert!(
            matches!(reply.status(), 0 | 400 | 414 | 431),
            "{:?}: {}",
            &request[..40],
            reply.head()
        );
    }

    nothing_stored(&app, &alice).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_huge_body_is_refused_when_it_is_announced() {
    let (app, alice) = start().await;

    for (_, path, _) in writes() {
        for length in ["8388609", "1099511627776", "9223372036854775807"] {
            let head = head_of_post(&alice, path).replace("Connection: close\r\n", "");
            let reply = send(&app, format!("{head}Content-Length: {length}\r\n\r\n")).await;
            // hyper itself refuses a length that it could not count.
            assert!(
                matches!(reply.status(), 413 | 400),
                "{path} {length}: {}",
                reply.text()
            );
            let closes = reply.head().to_lowercase().contains("connection: close");
            assert!(closes, "{path} {length}: {}", reply.text());
        }
    }

    nothing_stored(&app, &alice).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_in_chunks_is_refused_once_it_is_too_large() {
    let (app, alice) = start().await;
    let chunk = format!("10000\r\n{}\r\n", " ".repeat(65536));

    for (path, chunks) in [
        ("/api/v1/users", 2),
        ("/api/v1/login", 2),
        ("/api/v1/posts", 130),
        ("/api/v2/posts", 130),
    ] {
        let head = head_of_post(&alice, path);
        let request = format!(
            "{head}Transfer-Encoding: chunked\r\n\r\n{}0\r\n\r\n",
            chunk.repeat(chunks)
        );
        let reply = send(&app, request).await;
        // Whoever goes on sending may find the connection reset before the answer is read.
        assert!(
            matches!(reply.status(), 413 | 0),
            "{path}: {}",
            reply.text()
        );
    }

    nothing_stored(&app, &alice).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_small_body_in_many_chunks_is_read_like_any_other() {
    let (app, alice) = start().await;
    let chunks: String =
        r#"{"title":""}"#.chars().map(|character| format!("1;x=y\r\n{character}\r\n")).collect();

    let head = head_of_post(&alice, "/api/v1/todos");
    let trailer = "Authorization: Bearer x\r\nContent-Length: 3\r\n";
    let request = format!("{head}Transfer-Encoding: chunked\r\n\r\n{chunks}0\r\n{trailer}\r\n");
    let reply = send(&app, request).await;

    assert_eq!(reply.statuses(), [400], "{}", reply.text());
    assert!(reply.text().contains("title must have"), "{}", reply.text());
    nothing_stored(&app, &alice).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_who_waits_for_a_go_ahead_gets_it_or_the_refusal() {
    let (app, alice) = start().await;
    let expecting = |path: &str, length: u32, body: &str| {
        let head = head_of_post(&alice, path);
        format!("{head}Expect: 100-continue\r\nContent-Length: {length}\r\n\r\n{body}")
    };

    let read = send(&app, expecting("/api/v1/todos", 2, "{}")).await;
    let too_large = send(&app, expecting("/api/v1/todos", 8_388_609, "")).await;
    let request = expecting("/api/v1/todos", 2, "");
    let stranger = request.replace("Bearer ", "Bearer x");
    let stranger = send(&app, stranger).await;
    let odd = request.replace("100-continue", "200-maybe") + "{}";
    let odd = send(&app, odd).await;

    assert_eq!(read.statuses(), [100, 400], "{}", read.text());
    assert_eq!(too_large.statuses(), [413], "{}", too_large.text());
    assert_eq!(stranger.statuses(), [401], "{}", stranger.text());
    assert_eq!(odd.statuses(), [400], "{}", odd.text());
    nothing_stored(&app, &alice).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_compressed_is_no_json() {
    let (app, alice) = start().await;
    // `{}` as gzip.
    let gzip =
        b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xab\xae\x05\x00\x43\xbf\xa6\xa3\x02\x00\x00\x00";

    for (_, path, _) in writes() {
        let head = head_of_post(&alice, path);
        let length = gzip.len();
        let head = format!("{head}Content-Encoding: gzip\r\nContent-Length: {length}\r\n\r\n");
        let reply = send(&app, [head.as_bytes(), gzip].concat()).await;
        assert_eq!(reply.status(), 400, "{path}: {}", reply.text());
    }

    nothing_stored(&app, &alice).await;
}
