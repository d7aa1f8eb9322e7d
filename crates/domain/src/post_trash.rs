//! The trash.

use model::{Cursor, Page, PageLimit, Post, PostId, TrashedPost};

use crate::auth::policy::{Action, may};
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
        let own = may(actor, Action::SeeAllPosts).is_err().then_some(actor.id);
        Ok(self.store.trashed_posts(own, before, limit).await?)
    }

    /// A post in the trash that the caller may bring back or delete for good.
    pub async fn restorable_post(&self, actor: &Actor, id: PostId) -> Result<Post> {
        let found = self.store.trashed_post(id).await?;
        let trashed = found.ok_or(Error::NotFound(Noun::Post))?;
        may(actor, Action::RestorePost(&trashed))?;
        Ok(trashed.post)
    }

    /// Takes a post out of the trash, into the state that it had.
    pub async fn restore_post(
        &self,
        actor: &Actor,
        id: PostId,
        version: Option<i64>,
    ) -> Result<Post> {
        let post = self.restorable_post(actor, id).await?;
        let restored = version.is_none_or(|version| version == post.version)
            && self
                .store
                .restore_post(&post, actor.id, self.clock.now())
                .await?;
        if restored {
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
