//! Who sees a post in which state, and how: the whole table.

use std::time::Duration;

use model::Role;
use reqwest::Method;
use serde_json::{Value, json};

use super::{ids, problem, write_with};
use crate::support::{Client, TestApp};

/// Every state, and where a stranger finds a post in it: in what is public, by its number, by its
/// slug.
const STATES: [(&str, [bool; 3]); 6] = [
    ("published", [true, true, true]),
    ("scheduled", [false, false, false]),
    ("unlisted", [false, false, true]),
    ("draft", [false, false, false]),
    ("archived", [false, false, false]),
    ("trashed", [false, false, false]),
];

/// Everything that shows public posts, or is made of them.
const PUBLIC: [&str; 20] = [
    "/api/v2/posts",
    "/api/v2/posts?total=true",
    "/api/v2/posts?sort=published_at",
    "/api/v2/posts?sort=-updated_at",
    "/api/v2/posts?sort=title",
    "/api/v2/posts?status=published",
    "/api/v2/posts?user_id=1",
    "/api/v2/posts?author=olga",
    "/api/v2/posts?published_after=2000-01-01T00:00:00Z",
    "/api/v2/posts?published_before=2099-01-01T00:00:00Z",
    "/api/v2/posts?language=en",
    "/api/v2/posts?tag=all&sort=title",
    "/api/v2/posts?tag=all",
    "/api/v2/posts/recent",
    "/api/v2/categories",
    "/api/v2/tags",
    "/api/v2/series",
    "/api/v1/posts",
    "/api/v1/users/1",
    "/api/v1/posts?user_id=1",
];

struct Story {
    app: TestApp,
    owner: Client,
    /// A post in each of [`STATES`], each with a mark of its own wherever it can have one.
    posts: Vec<Value>,
    /// Those who see no more than anybody.
    strangers: Vec<(&'static str, Client)>,
    /// Those who see all that is not in the trash.
    insiders: Vec<(&'static str, Client)>,
}

/// What stands in the title, the category, a tag and the series of a post in `state`.
fn mark(state: &str) -> String {
    format!("mark-{state}")
}

async fn story() -> Story {
    let app = TestApp::spawn_with(&["--env", "testing", "--cache-bytes", "1000000"]).await;
    let owner = app.user("olga").await;
    let mut posts = Vec::new();
    for (state, _) in STATES {
        let mark = mark(state);
        let mut new = json!({
            "title": mark, "category": mark, "tags": ["all", mark], "series": mark,
            "language": "en", "status": state,
        });
        if state == "scheduled" {
            new["published_at"] = json!("2026-12-24T00:00:00Z");
        } else if state == "trashed" {
            new["status"] = json!("published");
        }
        let post = write_with(&owner, new).await;
        if state == "trashed" {
            owner.delete(&by_id(&post)).await.expect(200);
        } else {
            assert_eq!(post["status"], state);
        }
        posts.push(post);
    }
    let strangers = vec![
        ("nobody", app.anonymous()),
        ("reader", app.user_with_role("rita", Role::Reader).await),
        ("author", app.user("arno").await),
    ];
    let insiders = vec![
        ("owner", owner.clone()),
        ("editor", app.user_with_role("edda", Role::Editor).await),
        ("admin", app.user_with_role("root", Role::Admin).await),
    ];
    Story {
        app,
        owner,
        posts,
        strangers,
        insiders,
    }
}

fn by_id(post: &Value) -> String {
    format!("/api/v2/posts/{}", post["id"])
}

fn by_slug(post: &Value) -> String {
    format!("/api/v2/posts/by-slug/{}", post["slug"].as_str().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_is_shown_by_number_and_slug_to_those_who_may_see_it() {
    let story = story().await;
    let everybody = story.strangers.iter().map(|who| (who, false));
    let everybody = everybody.chain(story.insiders.iter().map(|who| (who, true)));

    for ((who, client), is_insider) in everybody {
        for (post, (state, [_, id, slug])) in story.posts.iter().zip(STATES) {
            let inside = is_insider && state != "trashed";
            for (path, seen) in [(by_id(post), id || inside), (by_slug(post), slug || inside)] {
                // Twice: what one asked must not be kept for the next.
                for _ in 0..2 {
                    let answer = client.get(&path).await;
                    if seen {
                        assert_eq!(answer.status, 200, "{who} {path} {state}");
                        assert_eq!(answer.json()["status"], state);
                    } else {
                        problem(&answer, 404, "not_found");
                    }
                }
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_public_shows_what_is_not_published() {
    let story = story().await;

    for (who, client) in story.strangers.iter().chain(&story.insiders) {
        for path in PUBLIC {
            // v1 asks who reads a user.
            let answer = client.get(path).await;
            if path == "/api/v1/users/1" && answer.status != 200 {
                continue;
            }
            let text = answer.expect(200).text();
            let is_of_users = path == "/api/v1/users/1";
            for (state, [public, ..]) in STATES {
                let shown = text.contains(&mark(state));
                assert!(
                    shown == public || (is_of_users && !shown),
                    "{who} {path} {state}: {text}"
                );
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_find_nothing_that_is_not_published() {
    let story = story().await;

    for (who, client) in story.strangers.iter().chain(&story.insiders) {
        for (state, [public, ..]) in STATES {
            for filter in ["category", "tag", "series"] {
                for sort in ["-published_at", "published_at", "-updated_at", "title"] {
                    let mark = mark(state);
                    let list = format!("/api/v2/posts?{filter}={mark}&sort={sort}&total=true");
                    let page = client.get(&list).await.expect(200).json();
                    let wanted = i64::from(public);
                    assert_eq!(page["total"], wanted, "{who} {list}");
                    assert_eq!(page["posts"].as_array().unwrap().len(), usize::from(public));
                }
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn counts_are_of_published_posts_alone() {
    let story = story().await;

    let tags = story.app.anonymous().get("/api/v2/tags").await.json();

    let wanted = json!([
        {"name": "all", "post_count": 1},
        {"name": "mark-published", "post_count": 1},
    ]);
    assert_eq!(tags["tags"], wanted);
}

#[tokio::test(flavor = "multi_thread")]
async fn v1_knows_published_posts_alone() {
    let story = story().await;

    for (who, client) in story.strangers.iter().chain(&story.insiders) {
        for (post, (state, [public, ..])) in story.posts.iter().zip(STATES) {
            let path = format!("/api/v1/posts/{}", post["id"]);
            let wanted = if public { 200 } else { 404 };
            assert_eq!(client.get(&path).await.status, wanted, "{who} {state}");
        }
    }
    for (post, (state, [public, ..])) in story.posts.iter().zip(STATES) {
        let path = format!("/api/v1/posts/{}", post["id"]);
        if !public {
            let put = story.owner.put(&path, &json!({"title": "Changed"})).await;
            assert_eq!(put.status, 404, "{state}");
            let deleted = story.owner.delete(&path).await;
            assert_eq!(deleted.status, 404, "{state}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_public_is_listed_to_its_author_and_editors() {
    let story = story().await;

    for (post, (state, _)) in story.posts.iter().zip(STATES) {
        if state == "trashed" {
            continue;
        }
        let list = format!("/api/v2/posts?status={state}");
        let id = post["id"].as_i64().unwrap();
        for (who, client) in &story.strangers {
            let answer = client.get(&list).await;
            match (state, *who) {
                ("published", _) => assert_eq!(ids(client, &list).await, [id], "{who}"),
                (_, "nobody") => drop(problem(&answer, 401, "missing_token")),
                _ => assert_eq!(
                    answer.expect(200).json()["posts"],
                    json!([]),
                    "{who} {state}"
                ),
            }
        }
        for (who, client) in &story.insiders {
            assert_eq!(ids(client, &list).await, [id], "{who} {state}");
            for sort in ["published_at", "-updated_at", "title"] {
                let list = format!("{list}&sort={sort}&tag=all&author=olga");
                assert_eq!(ids(client, &list).await, [id], "{who} {list}");
            }
        }
    }
    let trashed = story.owner.get("/api/v2/posts?status=trashed").await;
    problem(&trashed, 400, "invalid_query");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_of_what_is_not_public_is_kept_by_nobody() {
    let story = story().await;

    for state in ["draft", "scheduled", "unlisted", "archived"] {
        let list = format!("/api/v2/posts?status={state}");
        let shown = story.owner.get(&list).await.expect(200);
        assert_eq!(shown.header("cache-control"), "private, no-store");
        let arno = &story.strangers[2].1;
        assert_eq!(ids(arno, &list).await, [0i64; 0]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_change_nothing_in_any_state() {
    let story = story().await;
    let (_, arno) = &story.strangers[2];

    for (post, (state, [_, id, _])) in story.posts.iter().zip(STATES) {
        let path = by_id(post);
        let (status, code) = if id {
            (403, "forbidden")
        } else {
            (404, "not_found")
        };
        let patch = json!({"title": "Mine"});
        for answer in [
            arno.patch(&path, &patch).await,
            arno.put(&path, &patch).await,
            arno.delete(&path).await,
            arno.post(&format!("{path}/publish"), &json!({})).await,
            arno.post(&format!("{path}/unpublish"), &json!({})).await,
            arno.post(&format!("{path}/archive"), &json!({})).await,
        ] {
            assert_eq!(answer.status, status, "{state}: {}", answer.text());
            problem(&answer, status, code);
        }
        for answer in [
            arno.post(&format!("{path}/restore"), &json!({})).await,
            arno.delete(&format!("{path}?permanent=true")).await,
        ] {
            problem(&answer, 404, "not_found");
        }
        if state != "trashed" {
            assert_eq!(story.owner.get(&path).await.json()["version"], 1);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_state_leads_to_every_other() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    let reader = app.anonymous();
    let ahead = "2027-01-01T00:00:00Z";
    let states = ["draft", "scheduled", "published", "unlisted", "archived"];

    for from in states {
        for to in states {
            let new =
                json!({"status": from, "published_at": (from == "scheduled").then_some(ahead)});
            let post = write_with(&alice, new).await;
            let mut patch = json!({"status": to});
            if to == "scheduled" {
                patch["published_at"] = json!(ahead);
            }
            app.advance(Duration::from_millis(1));

            let changed = alice.patch(&by_id(&post), &patch).await.expect(200).json();

            assert_eq!(changed["status"], to, "from {from}");
            assert_eq!(changed["version"], 2);
            let seen = reader.get(&by_id(&changed)).await.status;
            assert_eq!(seen == 200, to == "published", "{from} to {to}");
            let seen = reader.get(&by_slug(&changed)).await.status;
            assert_eq!(
                seen == 200,
                ["published", "unlisted"].contains(&to),
                "{from} to {to}"
            );
            let listed = ids(&reader, "/api/v2/posts").await;
            let id = changed["id"].as_i64().unwrap();
            assert_eq!(listed.contains(&id), to == "published", "{from} to {to}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn publish_unpublish_and_archive_change_the_state_and_keep_the_date() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    let post = write_with(&alice, json!({"status": "draft"})).await;
    assert_eq!(post["published_at"], Value::Null);
    let act = async |verb: &str| {
        let path = format!("{}/{verb}", by_id(&post));
        // Without any body.
        let request = alice.request(Method::POST, &path);
        app.advance(Duration::from_secs(60));
        alice.send(request).await.expect(200).json()
    };

    let published = act("publish").await;
    let date = published["published_at"].clone();

    assert_eq!(published["status"], "published");
    assert_eq!(date, published["updated_at"]);
    for (verb, state) in [
        ("unpublish", "draft"),
        ("archive", "archived"),
        ("publish", "published"),
        ("publish", "published"),
    ] {
        let changed = act(verb).await;
        assert_eq!(
            (&changed["status"], &changed["published_at"]),
            (&json!(state), &date)
        );
    }
}
