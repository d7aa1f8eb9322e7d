//! Complete lists, as the seed gives them, streamed batch by batch: each batch is a short read,
//! and memory does not grow with the list.

use std::sync::Arc;

use axum::body::Body;
use axum::http::StatusCode;
use axum::response::Response;
use bytes::Bytes;
use domain::Domain;
use futures_util::stream::try_unfold;
use model::{Post, PostId, Todo, TodoId, UserId};
use serde::Serialize;

use super::filters::Bounds;
use super::wire::{PostOut, TodoOut};
use super::writer;
use crate::app::App;
use crate::error::{Error, Result};
use crate::json;

/// What a batch takes that was cut for its size, names and quotes included.
const BATCH_ROOM: usize = 640 * 1024;

/// Something that writes a list bit by bit.
pub(super) trait Batches: Send + 'static {
    /// Appends the next batch; false when the list is at its end.
    fn next(&mut self, out: &mut Vec<u8>) -> impl Future<Output = domain::Result<bool>> + Send;
}

/// Answers with a list between `head` and `tail`. One of up to two batches is a body like any
/// other; a longer one is streamed, and only so many may be at a time.
pub(super) async fn answer(
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

/// Appends `rows`, with a comma before each but the first of the list.
fn push_rows<T: Serialize>(out: &mut Vec<u8>, first: &mut bool, rows: impl Iterator<Item = T>) {
    for row in rows {
        if !std::mem::take(first) {
            out.push(b',');
        }
        writer::push(out, &row);
    }
}

/// The posts of everybody, or of one user, by id.
pub(super) struct PostBatches {
    domain: Arc<Domain>,
    of: Option<UserId>,
    place: Bounds,
    first: bool,
}

impl PostBatches {
    pub(super) fn new(app: &App, of: Option<UserId>, place: Bounds) -> Self {
        Self {
            domain: Arc::clone(&app.domain),
            of,
            place,
            first: true,
        }
    }
}

impl Batches for PostBatches {
    async fn next(&mut self, out: &mut Vec<u8>) -> domain::Result<bool> {
        let limit = u32::try_from(self.place.limit).unwrap_or(u32::MAX);
        let posts = self
            .domain
            .posts_after(PostId(self.place.after), self.of, limit)
            .await?;
        let Some(last) = posts.last() else {
            return Ok(false);
        };
        self.place.after = last.id.0;
        self.place.limit -= posts.len() as u64;
        push_rows(
            out,
            &mut self.first,
            posts.iter().map(|post: &Post| PostOut::from(post)),
        );
        Ok(self.place.limit > 0)
    }
}

/// The todos of one user, by id.
pub(super) struct TodoBatches {
    domain: Arc<Domain>,
    of: UserId,
    completed: Option<bool>,
    place: Bounds,
    first: bool,
}

impl TodoBatches {
    pub(super) fn new(app: &App, of: UserId, completed: Option<bool>, place: Bounds) -> Self {
        Self {
            domain: Arc::clone(&app.domain),
            of,
            completed,
            place,
            first: true,
        }
    }
}

impl Batches for TodoBatches {
    async fn next(&mut self, out: &mut Vec<u8>) -> domain::Result<bool> {
        let limit = u32::try_from(self.place.limit).unwrap_or(u32::MAX);
        let after = TodoId(self.place.after);
        let todos = self
            .domain
            .todos_after(self.of, after, self.completed, limit)
            .await?;
        let Some(last) = todos.last() else {
            return Ok(false);
        };
        self.place.after = last.id.0;
        self.place.limit -= todos.len() as u64;
        push_rows(
            out,
            &mut self.first,
            todos.iter().map(|todo: &Todo| TodoOut::from(todo)),
        );
        Ok(self.place.limit > 0)
    }
}
