//! All users with all their posts: two questions a batch, however many users there are.

use std::collections::VecDeque;
use std::sync::Arc;

use domain::Domain;
use model::{Post, PostId, User, UserId};

use super::filters::Bounds;
use super::wire::PostOut;
use super::writer;
use crate::api::batches::Batches;
use crate::app::App;

/// The users by id, with their posts by id.
pub(super) struct UserBatches {
    domain: Arc<Domain>,
    place: Bounds,
    /// Users of this batch that are not written whole; of the first some posts may be.
    users: VecDeque<User>,
    /// The last post that was written or passed over.
    written: (UserId, PostId),
    is_open: bool,
    first: bool,
}

impl UserBatches {
    pub(super) fn new(app: &App, place: Bounds) -> Self {
        Self {
            domain: Arc::clone(&app.domain),
            place,
            users: VecDeque::new(),
            written: (UserId(0), PostId(0)),
            is_open: false,
            first: true,
        }
    }

    /// Asks for more users; false when there are none.
    async fn more_users(&mut self) -> domain::Result<bool> {
        let limit = u32::try_from(self.place.limit).unwrap_or(u32::MAX);
        self.users = self
            .domain
            .users_after(UserId(self.place.after), limit)
            .await?
            .into();
        let (Some(first), Some(last)) = (self.users.front(), self.users.back()) else {
            return Ok(false);
        };
        self.written = (first.id, PostId(0));
        self.place.after = last.id.0;
        self.place.limit -= self.users.len() as u64;
        Ok(true)
    }

    fn push_post(&mut self, out: &mut Vec<u8>, post: &Post) {
        while self
            .users
            .front()
            .is_some_and(|user| user.id < post.author.id)
        {
            self.close_user(out);
        }
        // The user of a post may have been deleted between the two questions.
        if self
            .users
            .front()
            .is_some_and(|user| user.id == post.author.id)
        {
            if !self.open_user(out) {
                out.push(b',');
            }
            writer::push(out, &PostOut::from(post));
        }
        self.written = (post.author.id, post.id);
    }

    /// Begins the first user, unless that was done.
    fn open_user(&mut self, out: &mut Vec<u8>) -> bool {
        let Some(user) = self.users.front().filter(|_| !self.is_open) else {
            return false;
        };
        if !std::mem::take(&mut self.first) {
            out.push(b',');
        }
        out.extend_from_slice(&head(user));
        self.is_open = true;
        true
    }

    fn close_user(&mut self, out: &mut Vec<u8>) {
        self.open_user(out);
        if let Some(user) = self.users.pop_front() {
            out.extend_from_slice(&tail(&user));
        }
        self.is_open = false;
    }
}

impl Batches for UserBatches {
    async fn next(&mut self, out: &mut Vec<u8>) -> domain::Result<bool> {
        if self.users.is_empty() && !self.more_users().await? {
            return Ok(false);
        }
        let (user, post) = self.written;
        let last = self.users.back().map_or(user, |user| user.id);
        let posts = self.domain.posts_by_users(user, post, last).await?;
        for post in &posts {
            self.push_post(out, post);
        }
        if !posts.is_empty() {
            return Ok(true);
        }
        while !self.users.is_empty() {
            self.close_user(out);
        }
        // Asked for at once, so that a list that ends here is known to.
        Ok(self.place.limit > 0 && self.more_users().await?)
    }
}

/// What stands before a user's posts.
pub(super) fn head(user: &User) -> Vec<u8> {
    format!("{{\"id\":{},\"posts\":[", user.id).into_bytes()
}

/// What stands behind them.
pub(super) fn tail(user: &User) -> Vec<u8> {
    let mut out = b"],\"username\":".to_vec();
    writer::push(&mut out, &user.username);
    out.push(b'}');
    out
}
