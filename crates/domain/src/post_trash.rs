//! The trash.

use model::{Cursor, Page, PageLimit, Post, PostId, TrashedPost, UserId};

use crate::auth::policy::{Action, may};
use crate::idempotency::Terms;
use crate::search::words_of;
use crate::{Actor, Domain, Error, Noun, Result};

impl Domain {
    /// A post that the caller may delete.
    pub async fn deletable_post(&self, actor: &Actor, id: PostId) -> Result<Post> {
        let post = self.visible_post(Some(actor), id).await?;
        may(actor, Action::DeletePost(&post))?;
        Ok(post)
    }

    /// Moves a post to the trash, if its version is still `version` where one is named.
    pub async fn trash_post(&self, actor: &Actor, id: PostId, version: Option<i64>) -> Result<()> {
        self.deletable_post(actor, id).await?;
        let by = (actor.id, actor.role);
        let trashed = self.store.trash_post(id, by, version, self.clock.now());
        if trashed.await? {
            return Ok(());
        }
        Err(Error::Stale {
            current: self.visible_post(Some(actor), id).await?.version,
        })
    }

    /// A page of the trash: editors see all of it, others their own posts.
    pub async fn trashed_posts(
        &self,
        actor: &Actor,
        before: &Cursor,
        limit: PageLimit,
    ) -> Result<Page<TrashedPost>> {
        let page = self.store.trashed_posts(trash_of(actor), before, limit);
        Ok(page.await?)
    }

    /// How many posts the caller sees in the trash.
    pub async fn count_trashed_posts(&self, actor: &Actor) -> Result<i64> {
        Ok(self.store.count_trashed_posts(trash_of(actor)).await?)
    }

    /// A post in the trash that the caller may bring back or delete for good.
    pub async fn restorable_post(&self, actor: &Actor, id: PostId) -> Result<Post> {
        let found = self.store.trashed_post(id).await?;
        let trashed = found.ok_or(Error::NotFound(Noun::Post))?;
        may(actor, Action::RestorePost(&trashed))?;
        Ok(trashed.post)
    }

    /// Takes a post out of the trash, into the state that it had; on these terms.
    pub async fn restore_post(&self, actor: &Actor, id: PostId, terms: Terms) -> Result<Post> {
        let post = self.restorable_post(actor, id).await?;
        let (words, by) = (words_of(&post.fields), (actor.id, self.clock.now()));
        let restore = self
            .store
            .restore_post(&post, &words, by, terms.key.as_ref());
        let stale = terms.version.is_some_and(|version| version != post.version);
        if !stale && restore.await? {
            return self.visible_post(Some(actor), id).await;
        }
        Err(Error::Stale {
            current: self.restorable_post(actor, id).await?.version,
        })
    }

    /// Deletes a post in the trash for good.
    pub async fn delete_post(&self, actor: &Actor, id: PostId, version: Option<i64>) -> Result<()> {
        self.restorable_post(actor, id).await?;
        if self.store.delete_post(id, version).await? {
            return Ok(());
        }
        Err(Error::Stale {
            current: self.restorable_post(actor, id).await?.version,
        })
    }
}

/// Whose posts somebody sees in the trash: `None` for everybody's.
fn trash_of(actor: &Actor) -> Option<UserId> {
    may(actor, Action::SeeAllPosts).is_err().then_some(actor.id)
}
