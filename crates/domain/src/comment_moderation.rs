//! Deciding who sees a comment.

use model::{Comment, CommentFilter, CommentId, CommentStatus, Cursor, Page, PageLimit};

use crate::auth::comment_policy::CommentAction;
use crate::auth::policy::{Action, may};
use crate::comments::refuse_stale;
use crate::idempotency::Terms;
use crate::{Actor, Domain, Result};

impl Domain {
    /// A page of the comments of this status that the caller may moderate, oldest first: those below
    /// the caller's own posts, and for editors and admins all.
    pub async fn moderated_comments(
        &self,
        actor: &Actor,
        status: CommentStatus,
        after: &Cursor,
        limit: PageLimit,
    ) -> Result<Page<Comment>> {
        let filter = moderated_by(actor, status);
        Ok(self.store.comments(&filter, after, limit).await?)
    }

    /// How many comments of this status the caller may moderate.
    pub async fn count_moderated_comments(
        &self,
        actor: &Actor,
        status: CommentStatus,
    ) -> Result<i64> {
        let filter = moderated_by(actor, status);
        Ok(self.store.count_comments(&filter).await?)
    }

    /// A comment that the caller may moderate.
    pub async fn moderatable_comment(&self, actor: &Actor, id: CommentId) -> Result<Comment> {
        let comment = self.comment(Some(actor), id).await?;
        may(actor, Action::Comment(CommentAction::Moderate(&comment)))?;
        Ok(comment)
    }

    /// Decides who sees a comment, on these terms: what has other words by now is not approved by
    /// mistake.
    pub async fn moderate_comment(
        &self,
        actor: &Actor,
        id: CommentId,
        status: CommentStatus,
        Terms { version, key }: Terms,
    ) -> Result<Comment> {
        let before = self.moderatable_comment(actor, id).await?;
        refuse_stale(&before, version)?;
        if before.status == status {
            return Ok(before);
        }
        let moderated = self
            .store
            .moderate_comment(&before, status, version, key.as_ref());
        match moderated.await? {
            Some(comment) => Ok(comment),
            None => Err(self.stale_comment(actor, id).await),
        }
    }
}

fn moderated_by(actor: &Actor, status: CommentStatus) -> CommentFilter {
    let all = may(actor, Action::Comment(CommentAction::ModerateAll)).is_ok();
    CommentFilter {
        status,
        post_author: (!all).then_some(actor.id),
    }
}
