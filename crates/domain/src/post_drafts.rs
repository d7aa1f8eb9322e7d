//! Pending edits: saved as often as one likes, seen by nobody but those who may edit the post.

use model::{Post, PostDraft, PostId, PostPatch};

use crate::idempotency::Terms;
use crate::post_writes::Rewrite;
use crate::{Actor, Domain, Error, Noun, Result};

impl Domain {
    /// The pending edit of a post.
    pub async fn post_draft(&self, actor: &Actor, id: PostId) -> Result<PostDraft> {
        self.editable_post(actor, id).await?;
        let found = self.store.post_draft(id).await?;
        found.ok_or(Error::NotFound(Noun::Draft))
    }

    /// Saves the pending edit of a post, in the place of the one that there was, if that is still at
    /// `version` where one is named. `changes` is a merge patch in JSON that was found good.
    pub async fn save_post_draft(
        &self,
        actor: &Actor,
        id: PostId,
        changes: &str,
        version: Option<i64>,
    ) -> Result<PostDraft> {
        let post = self.editable_post(actor, id).await?;
        let by = (actor.id, self.clock.now());
        let saved = self
            .store
            .save_post_draft((id, post.version), by, changes, version);
        match saved.await {
            Err(store::Error::ForeignKey) => Err(Error::NotFound(Noun::Post)),
            saved => match saved? {
                Some(draft) => Ok(draft),
                None => Err(self.stale_draft(actor, id).await),
            },
        }
    }

    /// Throws the pending edit of a post away, if it is still at `version` where one is named.
    pub async fn delete_post_draft(
        &self,
        actor: &Actor,
        id: PostId,
        version: Option<i64>,
    ) -> Result<()> {
        self.editable_post(actor, id).await?;
        if self.store.delete_post_draft(id, version).await? {
            Ok(())
        } else {
            Err(self.stale_draft(actor, id).await)
        }
    }

    /// Why a write met no pending edit at the version that was named.
    async fn stale_draft(&self, actor: &Actor, id: PostId) -> Error {
        match self.post_draft(actor, id).await {
            Ok(draft) => Error::Stale {
                current: draft.version,
            },
            Err(error) => error,
        }
    }

    /// Makes of a post what its pending edit says, which `patch` was read from, and ends the edit; on
    /// these terms.
    ///
    /// # Errors
    /// [`Error::DraftChanged`] when somebody has saved the edit meanwhile.
    pub async fn publish_post_draft(
        &self,
        actor: &Actor,
        draft: &PostDraft,
        patch: &PostPatch,
        terms: Terms,
    ) -> Result<Post> {
        let rewrite = Rewrite {
            patch,
            terms,
            revision: None,
            draft: Some(draft),
        };
        self.rewrite_post(actor, draft.post_id, &rewrite).await
    }
}
