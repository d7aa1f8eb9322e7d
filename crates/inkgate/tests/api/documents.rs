//! The OpenAPI documents, held against the server that they describe, and the pages that show them.

use std::collections::BTreeSet;
use std::process::Command;

use reqwest::Method;
use serde_json::Value;

use crate::support::{Client, TestApp};

const VERSIONS: [&str; 2] = ["v1", "v2"];

/// One operation of a document.
struct Operation {
    method: Method,
    /// With numbers in place of ids.
    path: String,
    told: Value,
}

async fn document(client: &Client, version: &str) -> Value {
    let path = format!("/api/{version}/openapi.json");
    client.get(&path).await.expect(200).json()
}

fn operations(document: &Value) -> Vec<Operation> {
    let mut operations = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, told) in item.as_object().unwrap() {
            operations.push(Operation {
                method: method.to_uppercase().parse().unwrap(),
                path: filled(path),
                told: told.clone(),
            });
        }
    }
    assert!(!operations.is_empty());
    operations
}

/// A path with numbers where its parameters are.
fn filled(path: &str) -> String {
    ["{id}", "{n}", "{link_id}"]
        .iter()
        .fold(path.to_owned(), |path, name| path.replace(name, "1"))
}

/// Every `$ref` below `value`.
fn references(value: &Value) -> Vec<String> {
    match value {
        Value::Object(object) => object
            .iter()
            .flat_map(|(name, value)| match (name.as_str(), value) {
                ("$ref", Value::String(to)) => vec![to.clone()],
                _ => references(value),
            })
            .collect(),
        Value::Array(values) => values.iter().flat_map(references).collect(),
        _ => Vec::new(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_served_is_what_the_command_prints() {
    let app = TestApp::spawn().await;
    let folder = tempfile::tempdir().unwrap();

    for version in VERSIONS {
        let path = format!("/api/{version}/openapi.json");
        let served = app.anonymous().get(&path).await.expect(200);
        let mut command = Command::new(env!("CARGO_BIN_EXE_inkgate"));
        let command = command
            .args(["openapi", version])
            .current_dir(folder.path());
        let printed = command.env_clear().output().unwrap();

        assert!(printed.status.success());
        assert_eq!(served.header("content-type"), "application/json");
        assert_eq!(served.text(), String::from_utf8(printed.stdout).unwrap());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_is_openapi_3_1_and_refers_to_what_it_holds() {
    let app = TestApp::spawn().await;

    for version in VERSIONS {
        let document = document(&app.anonymous(), version).await;

        assert!(document["openapi"].as_str().unwrap().starts_with("3.1."));
        assert_eq!(document["info"]["title"], format!("Inkgate {version}"));
        assert_eq!(document["info"]["contact"], Value::Null);
        for reference in references(&document) {
            let pointer = reference.strip_prefix('#').unwrap();
            assert!(document.pointer(pointer).is_some(), "{reference}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_operation_has_a_name_of_its_own_and_says_what_it_does() {
    let app = TestApp::spawn().await;

    for version in VERSIONS {
        let operations = operations(&document(&app.anonymous(), version).await);

        let ids: BTreeSet<_> = operations
            .iter()
            .map(|operation| operation.told["operationId"].as_str().unwrap())
            .collect();
        assert_eq!(ids.len(), operations.len());
        for Operation { told, .. } in &operations {
            assert!(!told["summary"].as_str().unwrap().is_empty(), "{told}");
            assert_eq!(told["tags"].as_array().unwrap().len(), 1, "{told}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_is_described_and_every_refusal_has_its_shape() {
    let app = TestApp::spawn().await;

    for (version, media_type) in [
        ("v1", "application/json"),
        ("v2", "application/problem+json"),
    ] {
        for Operation { path, told, .. } in operations(&document(&app.anonymous(), version).await) {
            for (status, response) in told["responses"].as_object().unwrap() {
                let description = response["description"].as_str().unwrap_or_default();
                assert!(!description.is_empty(), "{path} {status}");
                if status.starts_with(['4', '5']) {
                    let media_types: Vec<_> =
                        response["content"].as_object().unwrap().keys().collect();
                    assert_eq!(media_types, [media_type], "{path} {status}");
                }
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_demands_a_token_says_so_and_nothing_else_does() {
    let app = TestApp::spawn().await;
    let client = app.anonymous();

    for version in VERSIONS {
        for Operation { method, path, told } in operations(&document(&client, version).await) {
            let answer = client.raw(method, &path, "application/json", "{}").await;

            // One of the ways in may be to come without a token.
            let ways = told["security"].as_array().cloned().unwrap_or_default();
            let demanded = !ways.is_empty() && !ways.contains(&serde_json::json!({}));
            assert_eq!(answer.status == 401, demanded, "{path}: {}", answer.text());
            let opens = ["/login", "/mfa", "/refresh", "/reset", "/verify"]
                .iter()
                .any(|end| path.ends_with(end));
            let possible = opens || !ways.is_empty();
            assert_eq!(told["responses"]["401"].is_object(), possible);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_path_has_the_methods_that_are_documented_and_no_others() {
    let app = TestApp::spawn().await;
    let client = app.anonymous();

    for version in VERSIONS {
        let document = document(&client, version).await;
        for (path, item) in document["paths"].as_object().unwrap() {
            let request = client.request(Method::OPTIONS, &filled(path));
            let options = client.send(request).await.expect(200);

            let allowed: BTreeSet<_> = options.header("allow").split(',').collect();
            let names = item.as_object().unwrap().keys();
            let documented: Vec<_> = names.map(|name| name.to_uppercase()).collect();
            let mut wanted: BTreeSet<_> = documented.iter().map(String::as_str).collect();
            wanted.insert("OPTIONS");
            if wanted.contains("GET") {
                wanted.insert("HEAD");
            }
            assert_eq!(allowed, wanted, "{path}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pages_come_from_the_program_and_name_no_other_host() {
    let app = TestApp::spawn().await;
    let client = app.anonymous();

    let led = client.get("/api/docs").await;
    let page = client.get("/api/docs/").await.expect(200);
    let start = client
        .get("/api/docs/swagger-initializer.js")
        .await
        .expect(200);

    assert_eq!((led.status, led.header("location")), (303, "/api/docs/"));
    assert!(page.header("content-type").starts_with("text/html"));
    for text in [page.text(), start.text()] {
        assert!(
            !text.contains("http:") && !text.contains("https:"),
            "{text}"
        );
        assert!(!text.contains("\"//"), "{text}");
    }
    for version in VERSIONS {
        assert!(
            start
                .text()
                .contains(&format!("/api/{version}/openapi.json"))
        );
    }
    assert!(
        start.text().contains("\"validatorUrl\": \"none\""),
        "{}",
        start.text()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_the_page_needs_is_there_with_its_type() {
    let app = TestApp::spawn().await;
    let client = app.anonymous();
    let page = client.get("/api/docs/").await.expect(200).text();

    let needed: Vec<_> = page
        .split(['"'])
        .skip(1)
        .step_by(2)
        .filter(|text| {
            [".js", ".css", ".png"]
                .iter()
                .any(|end| text.ends_with(end))
        })
        .collect();

    assert!(needed.len() >= 5, "{needed:?}");
    for name in needed {
        let path = format!("/api/docs/{}", name.trim_start_matches("./"));
        let asset = client.get(&path).await.expect(200);
        let kind = match name.rsplit_once('.').unwrap().1 {
            "js" => "text/javascript",
            "css" => "text/css",
            _ => "image/png",
        };
        assert!(asset.header("content-type").starts_with(kind), "{name}");
        assert!(!asset.body.is_empty());
    }
    client.get("/api/docs/nothing.js").await.expect(404);
}
