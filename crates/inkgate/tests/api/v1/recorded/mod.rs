//! The recording of the Flask app, replayed: 304 requests in order on one fresh database. Each
//! must be answered as it was then, byte for byte but for times and ids, except where
//! `differences` says what we answer instead, and why.
//!
//! Three things hold for all cases and are no entries of that table:
//!
//! - What the seed answered as HTML is JSON of the one shape of errors here, with the same status
//!   and description (rule 1).
//! - Rows that we refuse to make are missing from later lists, and later ids are mapped (`ids`); a
//!   row that only we made is deleted at once, so that lists hold what they held then.
//! - The seed's todos had no authentication. Those requests are sent twice: as they were, which
//!   must be 401 (rule 5), and with the token of alice. She is an admin by then, because that is
//!   who may do to todos what anybody could in the seed.

mod case;
mod differences;
mod ids;
mod placeholders;
mod v2;

use std::collections::BTreeMap;

use model::{Role, UserId};
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE};
use serde_json::{Value, json};

use super::shapes::flask;
use crate::support::{Answer, TestApp};
use case::Case;
use differences::Ours;
use ids::{Ids, noun};

#[tokio::test(flavor = "multi_thread")]
async fn every_recorded_answer_is_given_but_for_the_differences_written_down() {
    let app = TestApp::spawn().await;
    let cases = case::all();
    let mut replay = Replay::new(&app, &cases);

    for case in &cases {
        replay.ask(case).await;
    }

    assert_eq!(cases.len(), 304);
    let failures = replay.failures;
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    let unmet: Vec<_> = replay.differences.keys().collect();
    assert!(unmet.is_empty(), "differences of no case: {unmet:?}");
    let alice = app.login("alice", "1234").await;
    for list in ["v1/users", "v1/posts", "v1/todos", "v2/posts", "v2/todos"] {
        // No row was stored that cannot be shown.
        alice.get(&format!("/api/{list}")).await.expect(200);
    }
}

struct Replay<'a> {
    app: &'a TestApp,
    cases: &'a [Case],
    differences: BTreeMap<[String; 3], Ours>,
    ids: Ids,
    tokens: Vec<(&'static str, String)>,
    failures: Vec<String>,
}

impl<'a> Replay<'a> {
    fn new(app: &'a TestApp, cases: &'a [Case]) -> Self {
        let (ids, tokens, failures) = Default::default();
        Self {
            app,
            cases,
            differences: differences::all(),
            ids,
            tokens,
            failures,
        }
    }

    async fn ask(&mut self, case: &Case) {
        self.prepare(case).await;
        let answer = self.send(case, case.authorization()).await;
        if !case.lacks_a_token() || case.is_about_the_route() {
            self.judge(case, answer).await;
            return;
        }
        if answer.status != 401 || !case.is_v2() && answer.message() != "Missing token" {
            self.fail(case, &format!("without a token: {}", answer.text()));
        }
        let answer = self.send(case, Some("Bearer {token of alice}")).await;
        self.judge(case, answer).await;
    }

    /// Does what must have been done before: both log in, and alice becomes an admin.
    async fn prepare(&mut self, case: &Case) {
        let [section, request, _] = case.key();
        if self.tokens.is_empty() && section.starts_with("me ") {
            for (name, password) in [("alice", "1234"), ("bob", "5678")] {
                let client = self.app.login(name, password).await;
                self.tokens.push((name, client.token().to_owned()));
            }
        }
        if section.starts_with("todos v1") && request == "GET /api/v1/todos" {
            let alice = self.ids.ours("users", 1).unwrap();
            let domain = &self.app.domain;
            domain.set_role(UserId(alice), Role::Admin).await.unwrap();
        }
        if request == "GET /api/v2/todos/7" && self.ids.ours("todos", 7).is_none() {
            // Refused to the seed's client for its `user_id`, and needed from here on.
            let client = self.app.with_token(&self.tokens[0].1);
            let todo = json!({"title": "Learn Flask"});
            let made = client.post("/api/v2/todos", &todo).await.expect(201);
            self.ids
                .learn("todos", 7, made.json()["id"].as_i64().unwrap());
        }
    }

    async fn send(&self, case: &Case, authorization: Option<&str>) -> Answer {
        let client = self.app.anonymous();
        let path = self.ids.path(case.path());
        let mut request = client.request(case.method(), &path);
        if let Some(text) = authorization {
            let text = placeholders::authorization(self.app, &self.tokens, text);
            request = request.header(AUTHORIZATION, text);
        }
        if let Some(media_type) = case.content_type() {
            request = request.header(CONTENT_TYPE, media_type);
        }
        if let Some(body) = case.body() {
            request = request.body(body.to_owned());
        }
        client.send(request).await
    }

    async fn judge(&mut self, case: &Case, answer: Answer) {
        let difference = self.differences.remove(&case.key());
        if answer.status >= 500 {
            self.fail(case, "a client was the cause of it");
        }
        self.learn(case, &answer, difference.as_ref());
        let is_reused = !matches!(difference, Some(Ours::NewId));
        let as_recorded = is_reused && self.is_as_recorded(case, &answer);
        match difference {
            None if as_recorded => {}
            None => {
                let wanted = case.json().map(|json| self.rewritten(case, &json));
                let wanted = format!("{} {}", case.status(), wanted.unwrap_or_default());
                self.fail(
                    case,
                    &format!("{wanted}\n  {} {}", answer.status, answer.text()),
                );
            }
            Some(_) if as_recorded => self.fail(case, "is no difference"),
            Some(ours) => {
                if !self.is_ours(case, &ours, &answer) {
                    let found = format!("{} {}", answer.status, answer.text());
                    self.fail(case, &format!("{ours:?}\n  {found}"));
                }
            }
        }
        if answer.status == 201 && case.status() != 201 {
            let id = &answer.json()["id"];
            let client = self.app.with_token(&self.tokens[0].1);
            let path = format!("{}/{id}", case.path());
            client.delete(&path).await.expect(200);
        }
    }

    /// Learns the id of a row that both made; one that the seed gave out again is new here.
    fn learn(&mut self, case: &Case, answer: &Answer, difference: Option<&Ours>) {
        if (case.status(), answer.status) != (201, 201) {
            return;
        }
        let noun = noun(case.path());
        let theirs = case.json().unwrap()["id"].as_i64().unwrap();
        let ours = answer.json()["id"].as_i64().unwrap();
        let before = self.ids.ours(noun, theirs);
        let is_new_id = matches!(difference, Some(Ours::NewId));
        if is_new_id != before.is_some_and(|before| before != ours) {
            self.fail(case, &format!("{theirs} was {before:?}, and is {ours} now"));
        }
        self.ids.learn(noun, theirs, ours);
    }

    fn is_as_recorded(&self, case: &Case, answer: &Answer) -> bool {
        if case.is_v2() {
            return answer.status / 100 == case.status() / 100;
        }
        let allow = case::methods(answer.header("allow"));
        answer.status == case.status()
            && allow == case.allow()
            && self.has_body(case, answer, case.json())
    }

    fn is_ours(&self, case: &Case, ours: &Ours, answer: &Answer) -> bool {
        let (status, body) = match ours {
            Ours::Refusal(status, description) => (*status, case::failure(*status, description)),
            Ours::Body(status, text) => {
                let id = answer.json()["id"].to_string();
                (
                    *status,
                    serde_json::from_str(&text.replace("<id>", &id)).unwrap(),
                )
            }
            // That the id is new was checked when it was learned.
            Ours::NewId if case.is_v2() => return answer.status == 201,
            Ours::NewId => (201, case.json().unwrap()),
            Ours::Rows(rows) => (200, only(case.json().unwrap(), rows)),
            Ours::As(request) => {
                let mut cases = self.cases.iter();
                let other = cases.find(|other| other.key()[1] == *request);
                (200, other.unwrap().json().unwrap())
            }
            Ours::Status(status) => return answer.status == *status,
        };
        answer.status == status && self.has_body(case, answer, Some(body))
    }

    fn has_body(&self, case: &Case, answer: &Answer, wanted: Option<Value>) -> bool {
        let found = placeholders::normalised(&answer.text());
        match wanted {
            Some(json) => found == self.rewritten(case, &json),
            None => found.is_empty(),
        }
    }

    fn rewritten(&self, case: &Case, json: &Value) -> String {
        flask(&self.ids.body(noun(case.path()), json))
    }

    fn fail(&mut self, case: &Case, what: &str) {
        self.failures.push(format!("{:?}\n  {what}", case.key()));
    }
}

/// A list with these rows of it only.
fn only(mut list: Value, ids: &[i64]) -> Value {
    for rows in list.as_object_mut().unwrap().values_mut() {
        let rows = rows.as_array_mut().unwrap();
        rows.retain(|row| ids.contains(&row["id"].as_i64().unwrap()));
        assert_eq!(rows.len(), ids.len());
    }
    list
}
