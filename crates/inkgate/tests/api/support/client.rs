//! Somebody who talks to the server.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use reqwest::header::{CONTENT_TYPE, HeaderMap};
use reqwest::{Method, RequestBuilder};
use serde_json::Value;

use super::documented::Asked;

/// Somebody, with or without a token.
#[derive(Clone)]
pub(crate) struct Client {
    address: SocketAddr,
    http: reqwest::Client,
    token: Option<String>,
}

/// What the server answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Client {
    pub(crate) fn new(address: SocketAddr, token: Option<String>) -> Self {
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
        Self {
            address,
            http: http.build().unwrap(),
            token,
        }
    }

    pub(crate) fn token(&self) -> &str {
        self.token.as_deref().unwrap()
    }

    /// A request that is sent with [`Client::send`].
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self
            .http
            .request(method, format!("http://{}{path}", self.address));
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    /// Sends a request; fails the test if the answer is not as the OpenAPI documents say.
    pub(crate) async fn send(&self, request: RequestBuilder) -> Answer {
        let request = request.build().unwrap();
        let asked = Asked::of(&request);
        let response = self.http.execute(request).await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let answer = Answer {
            status,
            headers,
            body: response.bytes().await.unwrap().into(),
        };
        asked.check(&answer);
        answer
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(self.request(Method::GET, path)).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.send(self.request(Method::DELETE, path)).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(self.request(Method::POST, path).json(body)).await
    }

    pub(crate) async fn put(&self, path: &str, body: &Value) -> Answer {
        self.send(self.request(Method::PUT, path).json(body)).await
    }

    pub(crate) async fn patch(&self, path: &str, body: &Value) -> Answer {
        self.send(self.request(Method::PATCH, path).json(body))
            .await
    }

    /// Sends a body byte for byte.
    pub(crate) async fn raw(
        &self,
        method: Method,
        path: &str,
        media_type: &str,
        body: impl Into<Vec<u8>>,
    ) -> Answer {
        let request = self.request(method, path).header(CONTENT_TYPE, media_type);
        self.send(request.body(body.into())).await
    }
}

impl Answer {
    /// Fails the test unless this is the status.
    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text());
        self
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("no JSON: {}", self.text()))
    }

    /// A header as text; empty if it is not there.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    /// The message of v1's error shape, behind the status and its name.
    #[track_caller]
    pub(crate) fn message(&self) -> String {
        let json = self.json();
        let (error, message) = (&json["error"], json["message"].as_str().unwrap());
        let prefix = format!("{} {}: ", self.status, error.as_str().unwrap());
        message.strip_prefix(&prefix).unwrap_or(message).to_owned()
    }
}

/// Asks again until the answer has this status, as a server comes to it that follows what another
/// process has just written. A request that begins a second later must get no other answer.
pub(crate) async fn within_a_second(status: u16, ask: impl AsyncFn() -> Answer) -> Answer {
    let begin = Instant::now();
    loop {
        let waited = begin.elapsed();
        let answer = ask().await;
        if answer.status == status {
            return answer;
        }
        let late = waited >= Duration::from_secs(1);
        assert!(
            !late,
            "after {waited:?}: {} {}",
            answer.status,
            answer.text()
        );
        tokio::task::yield_now().await;
    }
}
