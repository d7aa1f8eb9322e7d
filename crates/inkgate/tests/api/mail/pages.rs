//! The pages that links in mails lead to.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use reqwest::Method;
use sha2::{Digest, Sha256};

use crate::support::TestApp;

const PAGES: [(&str, &str); 2] = [
    ("/account/reset", "/api/v2/auth/password/reset"),
    ("/account/verify", "/api/v2/auth/email/verify"),
];

fn hash(html: &str, tag: &str) -> String {
    let (_, rest) = html.split_once(&format!("<{tag}>")).unwrap();
    let (text, rest) = rest.split_once(&format!("</{tag}>")).unwrap();
    assert!(!rest.contains(&format!("<{tag}")), "one only");
    format!("'sha256-{}'", BASE64_STANDARD.encode(Sha256::digest(text)))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_may_run_its_own_script_and_ask_its_own_server_alone() {
    let app = TestApp::spawn().await;
    for (path, _) in PAGES {
        let page = app.anonymous().get(path).await.expect(200);

        let html = page.text();
        let (script, style) = (hash(&html, "script"), hash(&html, "style"));
        assert_eq!(
            page.header("content-security-policy"),
            format!(
                "default-src 'none'; script-src {script}; style-src {style}; connect-src 'self'; \
                 base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
            )
        );
        assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
        assert_eq!(page.header("cache-control"), "no-store");
        assert_eq!(page.header("referrer-policy"), "no-referrer");
        assert_eq!(page.header("x-content-type-options"), "nosniff");
        for part in [
            "http:",
            "https:",
            "src=",
            "href=",
            "//\"",
            "style=",
            "onclick",
            "innerHTML",
        ] {
            assert!(!html.contains(part), "{part}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_asks_a_route_that_there_is() {
    let app = TestApp::spawn().await;
    let document = app.anonymous().get("/api/v2/openapi.json").await.json();
    for (path, route) in PAGES {
        let html = app.anonymous().get(path).await.expect(200).text();

        assert!(html.contains(&format!("fetch(\"{route}\"")), "{html}");
        assert!(document["paths"][route]["post"].is_object());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_is_the_same_whatever_is_asked_with_it() {
    let app = TestApp::spawn().await;
    for (path, _) in PAGES {
        let client = app.anonymous();
        let html = client.get(path).await.expect(200).text();

        let other = client.get(&format!("{path}?token=<script>")).await;
        assert_eq!(other.expect(200).text(), html);
        let head = client.send(client.request(Method::HEAD, path)).await;
        assert!(head.expect(200).body.is_empty());
        client.post(path, &serde_json::json!({})).await.expect(405);
    }
}
