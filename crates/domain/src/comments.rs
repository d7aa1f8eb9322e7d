//! What can be done with comments.

use model::{
    Comment, CommentContent, CommentDraft, CommentId, CommentRevision, CommentStatus, Cursor,
    FieldError, Invalid, NewComment, NewIdempotencyKey, Page, PageLimit, Post, PostId,
};

use crate::accounts::revoked;
use crate::auth::comment_policy::{CommentAction, sees_comment};
use crate::auth::policy::{Action, may};
use crate::{Actor, CommentModeration, Domain, Error, Noun, Result};

impl Domain {
    /// A page of the comments below a post, oldest first: what everybody sees, and the caller's own
    /// that wait to be approved.
    pub async fn comments_of_post(
        &self,
        actor: Option<&Actor>,
        post: PostId,
        after: &Cursor,
        limit: PageLimit,
    ) -> Result<Page<Comment>> {
        self.visible_post(actor, post).await?;
        let reader = actor.map(|actor| actor.id);
        let page = self.store.comments_of_post(post, reader, after, limit);
        Ok(page.await?)
    }

    /// How many comments the caller sees below a post.
    pub async fn count_comments_of_post(&self, actor: Option<&Actor>, post: PostId) -> Result<i64> {
        self.visible_post(actor, post).await?;
        let reader = actor.map(|actor| actor.id);
        Ok(self.store.count_comments_of_post(post, reader).await?)
    }

    /// One comment, if the caller may see it and the post above it.
    pub async fn comment(&self, actor: Option<&Actor>, id: CommentId) -> Result<Comment> {
        let not_found = || Error::NotFound(Noun::Comment);
        let comment = self.store.comment(id).await?.ok_or_else(not_found)?;
        let post = self.visible_post(actor, comment.post_id).await;
        post.map_err(|error| match error {
            Error::NotFound(_) => not_found(),
            other => other,
        })?;
        sees_comment(actor, &comment)?;
        Ok(comment)
    }

    /// A post that the caller may comment on; asked before the body is looked at.
    pub async fn commentable_post(&self, actor: &Actor, id: PostId) -> Result<Post> {
        let post = self.visible_post(Some(actor), id).await?;
        may(actor, Action::Comment(CommentAction::Write(&post)))?;
        Ok(post)
    }

    /// Writes a comment of the caller's below a post.
    pub async fn create_comment(
        &self,
        actor: &Actor,
        post: PostId,
        draft: CommentDraft,
        key: Option<NewIdempotencyKey>,
    ) -> Result<Comment> {
        let above = self.commentable_post(actor, post).await?;
        self.check_parent(post, draft.parent_id).await?;
        let parent = draft.parent_id;
        let new = NewComment {
            post_id: post,
            user_id: actor.id,
            html: rendered(&draft.content)?,
            draft,
            status: self.status_of_new(actor, &above).await?,
        };
        let now = self.clock.now();
        let inserted = self.store.insert_comment(&new, now, key.as_ref());
        let inserted = inserted.await?;
        if let Some(comment) = inserted {
            return Ok(comment);
        }
        // Something of what was checked has changed meanwhile; what is left is the account itself.
        self.commentable_post(actor, post).await?;
        self.check_parent(post, parent).await?;
        Err(revoked())
    }

    /// A comment that the caller may change; asked before the body is looked at.
    pub async fn editable_comment(&self, actor: &Actor, id: CommentId) -> Result<Comment> {
        let comment = self.comment(Some(actor), id).await?;
        may(actor, Action::Comment(CommentAction::Edit(&comment)))?;
        Ok(comment)
    }

    /// Changes what a comment says, if its version is still `version` where one is named. Where all
    /// are moderated, an approved one waits again.
    pub async fn update_comment(
        &self,
        actor: &Actor,
        id: CommentId,
        content: Option<CommentContent>,
        version: Option<i64>,
    ) -> Result<Comment> {
        let before = self.editable_comment(actor, id).await?;
        let html = content.as_ref().map(rendered).transpose()?;
        refuse_stale(&before, version)?;
        let Some((content, html)) = content.zip(html) else {
            return Ok(before);
        };
        let trusted = may(actor, Action::Comment(CommentAction::Moderate(&before))).is_ok();
        let revision = CommentRevision {
            html,
            content,
            moderated: self.settings.comment_moderation == CommentModeration::All && !trusted,
        };
        let now = self.clock.now();
        let updated = self
            .store
            .update_comment(&before, &revision, version, now)
            .await?;
        match updated {
            Some(comment) => Ok(comment),
            None => Err(self.stale_comment(actor, id).await),
        }
    }

    /// A comment that the caller may delete.
    pub async fn deletable_comment(&self, actor: &Actor, id: CommentId) -> Result<Comment> {
        let comment = self.comment(Some(actor), id).await?;
        may(actor, Action::Comment(CommentAction::Delete(&comment)))?;
        Ok(comment)
    }

    /// Deletes a comment for good, if its version is still `version` where one is named. What
    /// answered it stays.
    pub async fn delete_comment(
        &self,
        actor: &Actor,
        id: CommentId,
        version: Option<i64>,
    ) -> Result<()> {
        let before = self.deletable_comment(actor, id).await?;
        if self.store.delete_comment(&before, version).await? {
            return Ok(());
        }
        Err(self.stale_comment(actor, id).await)
    }

    /// Why a write met no comment that was there a moment ago.
    pub(crate) async fn stale_comment(&self, actor: &Actor, id: CommentId) -> Error {
        match self.comment(Some(actor), id).await {
            Ok(comment) => Error::Stale {
                current: comment.version,
            },
            Err(error) => error,
        }
    }

    /// Threads are two deep, and what somebody answers is what everybody sees.
    async fn check_parent(&self, post: PostId, parent: Option<CommentId>) -> Result<()> {
        let Some(id) = parent else { return Ok(()) };
        let found = self.store.comment(id).await?;
        let found = found
            .filter(|comment| comment.post_id == post && comment.status == CommentStatus::Approved);
        let Some(comment) = found else {
            let must = "must be the id of an approved comment below this post";
            return Err(Invalid::new(must).of("parent_id").into());
        };
        if comment.parent_id.is_some() {
            return Err(Error::Invalid(vec![FieldError {
                field: "parent_id".to_owned(),
                code: "too_deep",
                message: "must be a comment that answers no other: threads are two deep".to_owned(),
            }]));
        }
        Ok(())
    }

    /// Who sees a comment that is written now.
    async fn status_of_new(&self, actor: &Actor, post: &Post) -> Result<CommentStatus> {
        let approved = may(actor, Action::Comment(CommentAction::ModerateOn(post))).is_ok()
            || match self.settings.comment_moderation {
                CommentModeration::None => true,
                CommentModeration::First => self.store.has_approved_comment(actor.id).await?,
                CommentModeration::All => false,
            };
        Ok(if approved {
            CommentStatus::Approved
        } else {
            CommentStatus::Pending
        })
    }
}

pub(crate) fn refuse_stale(comment: &Comment, version: Option<i64>) -> Result<()> {
    if version.is_some_and(|version| version != comment.version) {
        return Err(Error::Stale {
            current: comment.version,
        });
    }
    Ok(())
}

/// Safe HTML of what somebody says.
pub(crate) fn rendered(content: &CommentContent) -> Result<String> {
    let html = render::comment(content.as_str());
    html.map_err(|nested| Invalid::new(nested.to_string()).of("content").into())
}
