//! Bodies that are no JSON, and JSON of values that no field takes.

use reqwest::Method;
use serde_json::Value;

use super::{nothing_stored, start, writes};
use crate::support::{Answer, Client};

async fn send(alice: &Client, method: &Method, path: &str, body: impl Into<Vec<u8>>) -> Answer {
    alice
        .raw(method.clone(), path, "application/json", body)
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_json_is_400() {
    let (app, alice) = start().await;
    let deep = |open: &str, close: &str| open.repeat(5_000) + &close.repeat(5_000);

    for (method, path, body) in writes() {
        let good = body.to_string();
        let utf16: Vec<u8> = format!("\u{feff}{good}")
            .encode_utf16()
            .flat_map(u16::to_be_bytes)
            .collect();
        for bytes in [
            utf16,
            [b"\xef\xbb\xbf", good.as_bytes()].concat(),
            good.replace(['x', 'b'], "\u{1}").into_bytes(),
            [good.as_bytes(), b"\xff"].concat(),
            good.bytes()
                .map(|byte| {
                    if byte == b'x' || byte == b'b' {
                        0xe9
                    } else {
                        byte
                    }
                })
                .collect(),
            good.replace("\"}", "\\ud800\"}").into_bytes(),
            good.replace("\"}", "\\q\"}").into_bytes(),
            good.replace('}', ",\"n\":1e400}").into_bytes(),
            good.replace('}', ",\"n\":01}").into_bytes(),
            good.replace('}', ",\"n\":NaN}").into_bytes(),
            good.replace('}', ",\"n\":.5}").into_bytes(),
            good.replace('}', ",\"n\":{\"a\":1,\"a\":2}}").into_bytes(),
            good.replace('}', &format!(",\"n\":{}}}", deep("[", "]")))
                .into_bytes(),
            good.replace('}', &format!(",\"n\":{}}}", deep("{\"a\":", "}")))
                .into_bytes(),
            "[".repeat(60_000).into_bytes(),
            vec![0; 1_000],
        ] {
            let answer = send(&alice, &method, path, bytes.clone()).await;
            let shown = String::from_utf8_lossy(&bytes[..bytes.len().min(80)]);
            assert_eq!(answer.status, 400, "{path} {shown:?}: {}", answer.text());
        }
    }

    nothing_stored(&app, &alice).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_nul_in_any_text_is_refused() {
    let (app, alice) = start().await;
    let texts = [
        ("/api/v1/users", "username", 400),
        ("/api/v1/users", "password", 400),
        ("/api/v1/posts", "title", 400),
        ("/api/v1/posts", "content", 400),
        ("/api/v1/todos", "title", 400),
        ("/api/v1/todos", "description", 400),
        ("/api/v2/posts", "title", 422),
        ("/api/v2/posts", "content", 422),
        ("/api/v2/posts", "category", 422),
        ("/api/v2/todos", "title", 422),
        ("/api/v2/todos", "description", 422),
        ("/api/v2/todos", "due_at", 422),
    ];

    for (path, field, status) in texts {
        let (method, _, mut body) = of_path(path);
        for text in ["\0", "a\0b", "\0a", "a\0"] {
            body[field] = text.into();
            let answer = send(&alice, &method, path, body.to_string()).await;
            assert_eq!(answer.status, status, "{path} {field}: {}", answer.text());
            assert!(answer.text().contains(field), "{}", answer.text());
        }
    }

    nothing_stored(&app, &alice).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_that_no_field_takes_is_refused() {
    let (app, alice) = start().await;
    let numbers = [
        "9223372036854775807",
        "9223372036854775808",
        "-9223372036854775808",
        "-9223372036854775809",
        "18446744073709551616",
        "1e308",
        "-0",
        "-0.0",
        "0.5",
        "1e2",
        "999999999999999999999999999999999999999",
    ];

    for number in numbers {
        for (path, field, statuses) in [
            ("/api/v1/todos", "user_id", [400, 403]),
            ("/api/v1/todos", "completed", [400, 400]),
            ("/api/v1/todos", "title", [400, 400]),
            ("/api/v1/posts", "content", [400, 400]),
            ("/api/v1/users", "password", [400, 400]),
            ("/api/v2/todos", "priority", [422, 422]),
            ("/api/v2/todos", "due_at", [422, 422]),
            ("/api/v2/posts", "category", [422, 422]),
        ] {
            let (method, _, mut body) = of_path(path);
            body[field] = "replaced".into();
            let body = body.to_string().replace("\"replaced\"", number);
            let answer = send(&alice, &method, path, body).await;
            let refused = statuses.contains(&answer.status);
            assert!(refused, "{path} {field} {number}: {}", answer.text());
        }
    }

    nothing_stored(&app, &alice).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_time_that_is_none_is_refused() {
    let (app, alice) = start().await;

    for time in [
        "",
        "now",
        "2026-13-01T00:00:00Z",
        "2026-02-30T00:00:00Z",
        "2026-11-23T25:00:00Z",
        "2026-11-23",
        "2026-11-23T19:00:00",
        "0000-01-01T00:00:00Z",
        "-000001-01-01T00:00:00Z",
        "+275760-09-13T00:00:00Z",
        "9999-12-31T23:59:59-23:59",
        "2026-11-23T19:00:00Z[UTC]",
        "2026-11-23T19:00:00+99:99",
    ] {
        let body = serde_json::json!({"title": "x", "due_at": time});
        let answer = alice.post("/api/v2/todos", &body).await;
        assert_eq!(answer.status, 422, "{time:?}: {}", answer.text());
    }

    nothing_stored(&app, &alice).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_unknown_fields_are_refused_or_ignored() {
    let (app, alice) = start().await;

    for (method, path, _) in writes() {
        let fields = (0..10_000).map(|number| (format!("x{number}"), 0.into()));
        let body: Value = Value::Object(fields.collect());
        let answer = send(&alice, &method, path, body.to_string()).await;
        // Accounts take 64 KiB.
        let wanted = if path.ends_with("users") {
            413
        } else if path.contains("v1") {
            400
        } else {
            422
        };
        assert_eq!(answer.status, wanted, "{path}");
        // Not one for each: an answer must not be far larger than its request.
        assert!(answer.body.len() < 20_000, "{path}: {}", answer.body.len());
    }

    nothing_stored(&app, &alice).await;
}

fn of_path(path: &str) -> (Method, &'static str, Value) {
    writes().into_iter().find(|(_, of, _)| *of == path).unwrap()
}
