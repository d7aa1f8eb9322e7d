//! Targets, ids, queries and filters that no client means.

use super::{nothing_stored, send, start};

#[tokio::test(flavor = "multi_thread")]
async fn a_target_that_is_none_is_refused() {
    let (app, alice) = start().await;

    for target in [
        "\0",
        "/\0",
        "/api/v1/posts\0",
        "/api/v1/posts/\u{1}",
        "/api/v1/小",
        "小",
        "",
        "*",
        "api/v1/posts",
        "http://",
        "http:///api/v1/posts",
        "://a/b",
        "a:80",
        "/%",
        "/%zz",
        "/api/v1/posts/%ff",
        "/api/v1/posts/%c0%ae",
        "/api/v1/posts/%00",
        "/api/v1/users/1%00",
        "/api/v2/posts/%00%00",
        "/api/v2/todos/%ed%a0%80",
        "/../../etc/passwd",
        "/api/docs/../../etc/passwd",
        "/api/docs/%2e%2e/%2e%2e/etc/passwd",
        "/api/docs/..%5c..%5cCargo.toml",
    ] {
        let request = format!("GET {target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        let reply = send(&app, request).await;
        assert!(
            matches!(reply.status(), 0 | 303 | 307 | 400 | 404),
            "{target:?}: {}",
            reply.head()
        );
        assert!(!reply.text().contains("root:"));
    }

    nothing_stored(&app, &alice).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_absolute_target_is_its_path_whatever_it_says_before() {
    let (app, _) = start().await;

    let fragment = "GET /health/live#x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    assert_eq!(send(&app, fragment).await.status(), 200);
    for before in [
        "http://a",
        "https://b:1",
        "ftp://a",
        "HTTP://[::1]",
        "x://u:p@a",
    ] {
        let request =
            format!("GET {before}/health/live HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        let reply = send(&app, request).await;
        assert_eq!(reply.status(), 200, "{before}: {}", reply.text());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_that_is_none_is_not_found() {
    let (app, alice) = start().await;

    for id in [
        "0x1",
        "１",
        "%EF%BC%91",
        "1e0",
        "1.0",
        "+1",
        "-1",
        "--1",
        "1_0",
        "%201",
        "1%20",
        "1%0a",
        "%00",
        "null",
        "NaN",
        "1;2",
        "1,2",
        "1'--",
        "1%27%20OR%201=1",
        "${1}",
        "{id}",
        "9223372036854775807",
        "9223372036854775808",
        "18446744073709551616",
        "99999999999999999999999999999999999999",
        "999",
        "0",
        "00",
    ] {
        for list in [
            "/api/v1/users",
            "/api/v1/posts",
            "/api/v1/todos",
            "/api/v2/posts",
            "/api/v2/todos",
        ] {
            for method in ["GET", "DELETE"] {
                // `DELETE` of users asks for an admin before whether the user exists.
                let users = list.ends_with("users") && method == "DELETE";
                let request = format!(
                    "{method} {list}/{id} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\
                     Authorization: Bearer {}\r\n\r\n",
                    alice.token()
                );
                let reply = send(&app, request).await;
                let not_found = reply.status() == 404 || (users && reply.status() == 403);
                // hyper refuses what is not ASCII.
                let refused = !id.is_ascii() && reply.status() == 400;
                assert!(
                    not_found || refused,
                    "{method} {list}/{id}: {}",
                    reply.text()
                );
            }
        }
    }

    nothing_stored(&app, &alice).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_written_with_percent_signs_is_the_id() {
    let (app, _) = start().await;

    for id in ["1", "%31", "01", "%30%31"] {
        let path = format!("/api/v1/users/{id}");
        let user = app.anonymous().get(&path).await.expect(200);
        assert_eq!(user.json()["username"], "alice", "{id}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_query_of_v1_is_an_error() {
    let (app, alice) = start().await;

    for list in [
        "/api/v1/posts",
        "/api/v1/users",
        "/api/v1/todos",
        "/api/v1/users/1/todos",
    ] {
        for name in ["user_id", "completed", "limit", "after", "x"] {
            for value in hostile_values() {
                let path = format!("{list}?{name}={value}");
                let answer = alice.get(&path).await;
                assert_eq!(answer.status, 200, "{path}: {}", answer.text());
                answer.json();
            }
        }
    }

    nothing_stored(&app, &alice).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_query_of_v2_that_cannot_be_is_a_problem_and_no_error_of_ours() {
    let (app, alice) = start().await;

    for (list, names) in [
        (
            "/api/v2/posts",
            ["user_id", "category", "limit", "cursor", "x"],
        ),
        (
            "/api/v2/todos",
            ["priority", "completed", "limit", "cursor", "x"],
        ),
    ] {
        for name in names {
            for value in hostile_values() {
                let path = format!("{list}?{name}={value}");
                let answer = alice.get(&path).await;
                let allowed = matches!(answer.status, 200 | 400);
                assert!(allowed, "{path}: {} {}", answer.status, answer.text());
                assert!(name != "x" || answer.status == 400, "{path}");
                answer.json();
            }
        }
    }
    for query in [
        "?",
        "?&&&",
        "?=",
        "?%00",
        "?%00=%00",
        "?limit=1&limit=2",
        "?a[]=1",
        "?;",
    ] {
        for list in ["/api/v1/posts", "/api/v2/posts", "/api/v2/todos"] {
            let answer = alice.get(&format!("{list}{query}")).await;
            assert!(matches!(answer.status, 200 | 400), "{list}{query}");
        }
    }

    nothing_stored(&app, &alice).await;
}

/// Values, as they stand in a URL.
fn hostile_values() -> Vec<String> {
    let fixed = [
        "",
        "%00",
        "a%00b",
        "1%00",
        "%ff%fe",
        "%ed%a0%80",
        "%",
        "%zz",
        "+",
        "-1",
        "-0",
        "0x1",
        "%EF%BC%91",
        "1e400",
        "1e9",
        "NaN",
        "9223372036854775807",
        "9223372036854775808",
        "-9223372036854775808",
        "-9223372036854775809",
        "99999999999999999999999999",
        "null",
        "[]",
        "{}",
        "%27%20OR%201%3D1--",
        "%22%3B%20DROP%20TABLE%20posts%3B--",
        "%25",
        "_",
        "%E2%80%AE",
        "%F0%9F%99%82",
        "$1",
        ":1",
        "%3F",
    ];
    let long = "9".repeat(10_000);
    let texts = fixed.into_iter().map(str::to_owned);
    texts.chain([long, "%00".repeat(1_000)]).collect()
}
