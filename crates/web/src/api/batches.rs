//! Long answers, streamed batch by batch: each batch is a short read, and memory does not grow with
//! the answer.

use std::sync::Arc;

use axum::body::Body;
use axum::http::StatusCode;
use axum::response::Response;
use bytes::Bytes;
use futures_util::stream::try_unfold;

use crate::app::App;
use crate::error::{Error, Result};
use crate::json;

/// What a batch takes that was cut for its size, names and quotes included.
const BATCH_ROOM: usize = 640 * 1024;

/// Something that writes a list bit by bit.
pub(crate) trait Batches: Send + 'static {
    /// Appends the next batch; false when the list is at its end.
    fn next(&mut self, out: &mut Vec<u8>) -> impl Future<Output = domain::Result<bool>> + Send;
}

/// Answers with a list between `head` and `tail`. One of up to two batches is a body like any
/// other; a longer one is streamed, and only so many may be at a time.
pub(crate) async fn answer(
    app: &App,
    head: Vec<u8>,
    mut batches: impl Batches,
    tail: Vec<u8>,
) -> Result<Response> {
    let mut start = head;
    for _ in 0..2 {
        if !batches.next(&mut start).await? {
            start.extend_from_slice(&tail);
            return Ok(json::answer(StatusCode::OK, json::JSON, start.into()));
        }
    }
    let lists = Arc::clone(&app.complete_lists);
    let permit = lists.try_acquire_owned().map_err(|_| Error::TooManyLists)?;
    let state = Some((Bytes::from(start), batches, tail));
    let stream = try_unfold(state, move |state| {
        // The place is taken until the last byte is handed over, or the client has gone.
        let _permit = &permit;
        step(state)
    });
    let mut response = Response::new(Body::from_stream(stream));
    response
        .headers_mut()
        .insert(axum::http::header::CONTENT_TYPE, json::JSON);
    Ok(response)
}

type Step<B> = Option<(Bytes, B, Vec<u8>)>;

async fn step<B: Batches>(state: Step<B>) -> domain::Result<Option<(Bytes, Step<B>)>> {
    let Some((ready, mut batches, tail)) = state else {
        return Ok(None);
    };
    // Room for a usual batch at once: what grows leaves its former places behind.
    let mut out = Vec::with_capacity(BATCH_ROOM);
    if batches.next(&mut out).await? {
        return Ok(Some((ready, Some((out.into(), batches, tail)))));
    }
    let end = [&ready[..], &out, &tail].concat();
    Ok(Some((end.into(), None)))
}
