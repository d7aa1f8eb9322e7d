//! What is left of a request's body when its answer is ready.
//!
//! A client that is refused may still be sending. To close the connection on it would reset it,
//! and the client would see a broken pipe where the answer says why. So what still comes is read
//! and thrown away, for a while.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use axum::http::header::EXPECT;
use hyper::body::{Body as HttpBody, Bytes, Frame, Incoming, SizeHint};
use tokio::runtime::Handle;

/// The most bytes that are thrown away.
const BYTES: usize = 32 * 1024 * 1024;
/// The longest that a client may take for them.
const PATIENCE: Duration = Duration::from_secs(10);
/// The longest that nothing may come.
const PAUSE: Duration = Duration::from_secs(2);

/// A request whose body is read on when nobody wants it any more.
pub(crate) fn lingering(request: Request<Incoming>) -> Request<Body> {
    if request.headers().contains_key(EXPECT) {
        // This client waits for our word before it sends, and to read would be to give it.
        return request.map(Body::new);
    }
    request.map(|body| Body::new(Lingering(Some(body))))
}

struct Lingering(Option<Incoming>);

impl HttpBody for Lingering {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let Some(body) = &mut self.0 else {
            return Poll::Ready(None);
        };
        let polled = Pin::new(body).poll_frame(context);
        if matches!(polled, Poll::Ready(None | Some(Err(_)))) {
            self.0 = None;
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.0.as_ref().is_none_or(HttpBody::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.0
            .as_ref()
            .map_or_else(SizeHint::default, HttpBody::size_hint)
    }
}

impl Drop for Lingering {
    fn drop(&mut self) {
        let rest = self.0.take().filter(|body| !body.is_end_stream());
        if let (Some(rest), Ok(runtime)) = (rest, Handle::try_current()) {
            runtime.spawn(tokio::time::timeout(PATIENCE, throw_away(rest)));
        }
    }
}

async fn throw_away(mut body: Incoming) {
    let mut left = BYTES;
    loop {
        let frame = poll_fn(|context| Pin::new(&mut body).poll_frame(context));
        let Ok(Some(Ok(frame))) = tokio::time::timeout(PAUSE, frame).await else {
            return;
        };
        let length = frame.data_ref().map_or(0, Bytes::len);
        let Some(rest) = left.checked_sub(length) else {
            return;
        };
        left = rest;
    }
}
