//! Following others, and what comes of it.

use model::{Cursor, Invalid, Key, Page, PageLimit, Post, UserId};

use crate::{Actor, Domain, Error, Result};

/// How many others somebody may follow: what the feed costs grows with it.
const MAX_FOLLOWS: i64 = 1_000;

impl Domain {
    /// Lets the caller follow somebody; where that is so already, it stays as it is.
    pub async fn follow_user(&self, actor: &Actor, id: UserId) -> Result<()> {
        self.user(id).await?;
        if id == actor.id {
            return Err(Invalid::new("must be somebody else's").of("id").into());
        }
        if self.store.count_follows_beside(actor.id, id).await? >= MAX_FOLLOWS {
            return Err(Error::TooManyFollows);
        }
        let now = self.clock.now();
        Ok(self.store.insert_follow(actor.id, id, now).await?)
    }

    /// Lets the caller follow somebody no more.
    pub async fn unfollow_user(&self, actor: &Actor, id: UserId) -> Result<()> {
        self.user(id).await?;
        Ok(self.store.delete_follow(actor.id, id).await?)
    }

    /// A page of the public posts of those whom the caller follows, newest first.
    pub async fn feed(
        &self,
        actor: &Actor,
        before: &Cursor,
        limit: PageLimit,
    ) -> Result<Page<Post>> {
        // What is scheduled is not public yet.
        let next = self.clock.now().as_micros().saturating_add(1);
        let before = if before.key.int() < next {
            before.clone()
        } else {
            Cursor::of(Key::Int(next), i64::MIN)
        };
        Ok(self.store.feed(actor.id, &before, limit).await?)
    }

    /// How many public posts those have whom the caller follows.
    pub async fn count_feed(&self, actor: &Actor) -> Result<i64> {
        Ok(self.store.count_feed(actor.id, self.clock.now()).await?)
    }
}
