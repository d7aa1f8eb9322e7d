//! Complete lists, as the seed gives them.

use std::sync::Arc;

use domain::Domain;
use model::{Post, PostId, Todo, TodoId, UserId};
use serde::Serialize;

use super::filters::Bounds;
use super::wire::{PostOut, TodoOut};
use super::writer;
use crate::api::batches::Batches;
use crate::app::App;

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
