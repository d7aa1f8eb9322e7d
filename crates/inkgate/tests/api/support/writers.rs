//! Clients who write until their server is gone, and note what was acknowledged.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use reqwest::Method;
use serde_json::{Value, json};
use tokio::sync::Notify;

use super::Client;

/// What was written so far, and which of it is known to be stored.
#[derive(Default)]
pub(crate) struct Ledger {
    sent: Mutex<BTreeSet<String>>,
    acknowledged: Mutex<BTreeMap<i64, String>>,
    grown: Notify,
}

impl Ledger {
    /// How many posts are known to be stored.
    pub(crate) fn count(&self) -> usize {
        self.acknowledged.lock().unwrap().len()
    }

    /// The titles that are known to be stored.
    pub(crate) fn titles(&self) -> BTreeSet<String> {
        let acknowledged = self.acknowledged.lock().unwrap();
        acknowledged.values().cloned().collect()
    }

    /// Waits until so many posts are known to be stored.
    pub(crate) async fn reach(&self, count: usize) {
        loop {
            let grown = self.grown.notified();
            if self.count() >= count {
                return;
            }
            grown.await;
        }
    }

    /// Writes posts, each with a title of its own, until the server does not answer any more.
    pub(crate) async fn write_until_gone(self: Arc<Self>, client: Client, name: String) {
        for number in 0.. {
            let title = format!("{name}, post {number}");
            self.sent.lock().unwrap().insert(title.clone());
            let post = json!({"title": title, "content": content(&title)});
            let request = client.request(Method::POST, "/api/v1/posts").json(&post);
            let Ok(response) = request.send().await else {
                return;
            };
            let status = response.status().as_u16();
            let Ok(written) = response.json::<Value>().await else {
                return;
            };
            assert_eq!(status, 201, "{written}");
            let id = written["id"].as_i64().unwrap();
            let earlier = self.acknowledged.lock().unwrap().insert(id, title);
            assert_eq!(earlier, None, "post {id} was given out twice");
            self.grown.notify_one();
        }
    }

    /// Fails the test unless every acknowledged post is there, whole, and none that was not sent.
    /// Gives the titles that are there.
    pub(crate) async fn check(&self, client: &Client) -> BTreeSet<String> {
        let list = client.get("/api/v1/posts").await.expect(200).json();
        let mut found = BTreeMap::new();
        for post in list["posts"].as_array().unwrap() {
            let title = post["title"].as_str().unwrap().to_owned();
            assert_eq!(post["content"], content(&title), "{title} is half a post");
            let id = post["id"].as_i64().unwrap();
            assert_eq!(found.insert(id, title), None, "post {id} is there twice");
        }
        for (id, title) in &*self.acknowledged.lock().unwrap() {
            assert_eq!(found.get(id), Some(title), "post {id} was lost");
        }
        let titles: BTreeSet<_> = found.values().cloned().collect();
        assert_eq!(titles.len(), found.len(), "a post is there twice");
        let strangers: Vec<_> = titles
            .difference(&self.sent.lock().unwrap())
            .cloned()
            .collect();
        assert!(strangers.is_empty(), "nobody wrote {strangers:?}");
        titles
    }
}

/// Says which post it belongs to from the first byte to the last, over several pages of a file.
fn content(title: &str) -> String {
    format!("{title}. ").repeat(400)
}
