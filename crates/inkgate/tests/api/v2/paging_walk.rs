//! Pages that are read while rows come and go: nothing is shown twice, and nothing that stayed is
//! missed.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use proptest::prelude::{Just, Strategy, any, prop_oneof};
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use serde_json::{Value, json};

use crate::support::{Client, TestApp};

/// What happens between two pages.
#[derive(Clone, Debug)]
enum Step {
    /// A post is written, at once or a moment later.
    Write { later: bool },
    /// One of the posts that are there is deleted.
    Delete(usize),
    /// One of the posts that are there is changed.
    Change(usize),
    /// The next page is read.
    Read { limit: u32 },
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        any::<bool>().prop_map(|later| Step::Write { later }),
        any::<usize>().prop_map(Step::Delete),
        any::<usize>().prop_map(Step::Change),
        (1u32..4).prop_map(|limit| Step::Read { limit }),
        Just(Step::Read { limit: 1 }),
    ]
}

/// A reader of the posts of one category, with what she was shown and what there was.
struct Walk<'a> {
    app: &'a TestApp,
    author: &'a Client,
    category: String,
    /// The posts that are there.
    there: Vec<i64>,
    /// Those that were there when the reading began, and still are.
    stayed: BTreeSet<i64>,
    shown: Vec<i64>,
    cursor: Option<String>,
    ended: bool,
}

impl Walk<'_> {
    async fn write(&mut self, later: bool) {
        if later {
            self.app.advance(Duration::from_millis(1));
        }
        let new = json!({"title": "T", "content": "", "category": self.category});
        let made = self.author.post("/api/v2/posts", &new).await.expect(201);
        self.there.push(made.json()["id"].as_i64().unwrap());
    }

    async fn take(&mut self, step: Step) {
        match step {
            Step::Write { later } => self.write(later).await,
            Step::Delete(at) if !self.there.is_empty() => {
                let id = self.there.remove(at % self.there.len());
                self.stayed.remove(&id);
                let path = format!("/api/v2/posts/{id}");
                self.author.delete(&path).await.expect(200);
            }
            Step::Change(at) if !self.there.is_empty() => {
                let path = format!("/api/v2/posts/{}", self.there[at % self.there.len()]);
                let patch = json!({"content": "x"});
                self.author.patch(&path, &patch).await.expect(200);
            }
            Step::Read { limit } => self.read(limit).await,
            Step::Delete(_) | Step::Change(_) => {}
        }
    }

    async fn read(&mut self, limit: u32) {
        if self.ended {
            return;
        }
        let mut path = format!("/api/v2/posts?category={}&limit={limit}", self.category);
        if let Some(cursor) = &self.cursor {
            path.push_str("&cursor=");
            path.push_str(cursor);
        }
        let page = self.app.anonymous().get(&path).await.expect(200).json();
        let rows = page["posts"].as_array().unwrap().iter();
        self.shown
            .extend(rows.filter_map(|post| post["id"].as_i64()));
        self.cursor = page["next_cursor"].as_str().map(str::to_owned);
        self.ended = page["next_cursor"] == Value::Null;
    }

    fn verdict(&self) -> Result<(), TestCaseError> {
        let once: BTreeSet<_> = self.shown.iter().copied().collect();
        if once.len() == self.shown.len() && self.stayed.is_subset(&once) {
            return Ok(());
        }
        let (shown, stayed) = (&self.shown, &self.stayed);
        Err(TestCaseError::fail(format!(
            "shown {shown:?}, of the posts that stayed {stayed:?}"
        )))
    }
}

#[test]
fn nothing_is_shown_twice_or_missed_while_posts_come_and_go() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let app = runtime.block_on(TestApp::spawn());
    let author = runtime.block_on(app.user("alice"));
    let walks = AtomicU32::new(0);
    let config = Config {
        cases: 12,
        failure_persistence: None,
        ..Config::default()
    };
    let story = (
        proptest::collection::vec(any::<bool>(), 1..8),
        proptest::collection::vec(step(), 0..20),
    );

    let walked = TestRunner::new(config).run(&story, |(before, steps)| {
        runtime.block_on(async {
            let number = walks.fetch_add(1, Ordering::Relaxed);
            let mut walk = Walk {
                app: &app,
                author: &author,
                category: format!("walk-{number}"),
                there: Vec::new(),
                stayed: BTreeSet::new(),
                shown: Vec::new(),
                cursor: None,
                ended: false,
            };
            for later in before {
                walk.write(later).await;
            }
            walk.stayed.extend(&walk.there);
            for step in steps {
                walk.take(step).await;
            }
            while !walk.ended {
                walk.read(2).await;
            }
            walk.verdict()
        })
    });

    let _in_runtime = runtime.enter();
    walked.unwrap();
}
