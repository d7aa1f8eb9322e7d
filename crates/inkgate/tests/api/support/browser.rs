//! A browser: keeps cookies, and says of each request which page it comes from.

use reqwest::Method;
use reqwest::header::{COOKIE, SET_COOKIE};
use serde_json::{Value, json};

use super::{Answer, Client, TestApp};

/// Where the pages are that may use cookies.
pub(crate) const ORIGIN: &str = "https://blog.test";

/// A server that browsers reach at [`ORIGIN`].
pub(crate) async fn app_for_browsers() -> TestApp {
    TestApp::spawn_with(&["--env", "testing", "--public-url", ORIGIN]).await
}

/// Somebody's browser, with a page of one's own open.
pub(crate) struct Browser {
    client: Client,
    /// Name and value, as the server has set them.
    pub(crate) cookies: Vec<(String, String)>,
    /// What is sent beside cookies.
    pub(crate) headers: Vec<(&'static str, &'static str)>,
}

impl Browser {
    pub(crate) fn new(app: &TestApp) -> Self {
        Self {
            client: app.anonymous(),
            cookies: Vec::new(),
            headers: vec![("x-inkgate-csrf", "1"), ("sec-fetch-site", "same-origin")],
        }
    }

    /// One that has logged in.
    pub(crate) async fn of(app: &TestApp, name: &str) -> Self {
        let mut browser = Self::new(app);
        browser.log_in(name).await.expect(200);
        browser
    }

    pub(crate) async fn log_in(&mut self, name: &str) -> Answer {
        let body = json!({"username": name, "password": "1234", "mode": "cookie"});
        self.post("/api/v2/auth/login", &body).await
    }

    pub(crate) fn cookie(&self, name: &str) -> &str {
        let mut cookies = self.cookies.iter();
        let found = cookies.find(|(found, _)| found == name);
        &found
            .unwrap_or_else(|| panic!("no {name} in {:?}", self.cookies))
            .1
    }

    pub(crate) async fn get(&mut self, path: &str) -> Answer {
        self.send(Method::GET, path, None).await
    }

    pub(crate) async fn post(&mut self, path: &str, body: &Value) -> Answer {
        let body = ("application/json", body.to_string());
        self.send(Method::POST, path, Some(body)).await
    }

    /// Sends a request, and keeps the cookies that come back.
    pub(crate) async fn send(
        &mut self,
        method: Method,
        path: &str,
        body: Option<(&str, String)>,
    ) -> Answer {
        let mut request = self.client.request(method, path);
        for (name, value) in &self.headers {
            request = request.header(*name, *value);
        }
        if !self.cookies.is_empty() {
            let cookies = self.cookies.iter();
            let cookies: Vec<_> = cookies
                .map(|(name, value)| format!("{name}={value}"))
                .collect();
            request = request.header(COOKIE, cookies.join("; "));
        }
        if let Some((media_type, body)) = body {
            request = request.header("content-type", media_type).body(body);
        }
        let answer = self.client.send(request).await;
        self.keep(&answer);
        answer
    }

    fn keep(&mut self, answer: &Answer) {
        for line in answer.headers.get_all(SET_COOKIE) {
            let line = line.to_str().unwrap();
            let (name, rest) = line.split_once('=').unwrap();
            self.cookies.retain(|(kept, _)| kept != name);
            if !rest.contains("Max-Age=0") {
                let value = rest.split(';').next().unwrap();
                self.cookies.push((name.to_owned(), value.to_owned()));
            }
        }
    }
}
