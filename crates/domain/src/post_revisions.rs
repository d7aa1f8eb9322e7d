//! What posts were. Whoever may edit a post sees it.

use model::{
    Content, Cursor, Page, PageLimit, Post, PostId, PostPatch, Revision, RevisionChange, Title,
};

use crate::idempotency::Terms;
use crate::post_diff::{Change, word_diff};
use crate::post_writes::Rewrite;
use crate::{Actor, Domain, Error, Noun, Result};

/// What has changed from one revision to another.
#[derive(Debug)]
pub struct RevisionDiff {
    /// Of the title.
    pub title: Vec<Change>,
    /// Of the source.
    pub content: Vec<Change>,
}

impl Domain {
    /// A page of a post's revisions, without their contents, the newest first.
    pub async fn revisions(
        &self,
        actor: &Actor,
        id: PostId,
        before: &Cursor,
        limit: PageLimit,
    ) -> Result<Page<Revision>> {
        self.editable_post(actor, id).await?;
        Ok(self.store.revisions(id, before, limit).await?)
    }

    /// How many revisions a post has.
    pub async fn count_revisions(&self, actor: &Actor, id: PostId) -> Result<i64> {
        self.editable_post(actor, id).await?;
        Ok(self.store.count_revisions(id).await?)
    }

    /// One revision of a post.
    pub async fn revision(&self, actor: &Actor, id: PostId, n: i64) -> Result<Revision> {
        self.editable_post(actor, id).await?;
        let found = self.store.revision(id, n).await?;
        found.ok_or(Error::NotFound(Noun::Revision))
    }

    /// What has changed from the revision `against`, of which 0 is the empty text that all begin with,
    /// to the revision `n`.
    pub async fn revision_diff(
        &self,
        actor: &Actor,
        id: PostId,
        n: i64,
        against: i64,
    ) -> Result<RevisionDiff> {
        let new = self.revision(actor, id, n).await?;
        let (title, content) = match against {
            0 => (String::new(), String::new()),
            n => {
                let old = self.revision(actor, id, n).await?;
                (old.title, old.content)
            }
        };
        let compare = move || RevisionDiff {
            title: word_diff(&title, &new.title),
            content: word_diff(&content, &new.content),
        };
        self.renderer.on_thread(compare).await
    }

    /// Brings back the title and the source of a revision, on these terms.
    pub async fn restore_revision(
        &self,
        actor: &Actor,
        id: PostId,
        n: i64,
        terms: Terms,
    ) -> Result<Post> {
        let revision = self.revision(actor, id, n).await?;
        let patch = PostPatch {
            title: Some(Title::parse(&revision.title).map_err(|error| error.of("title"))?),
            content: Some(Content::parse(&revision.content).map_err(|error| error.of("content"))?),
            ..PostPatch::default()
        };
        let rewrite = Rewrite {
            patch: &patch,
            terms,
            revision: Some(RevisionChange::Restored),
            draft: None,
        };
        self.rewrite_post(actor, id, &rewrite).await
    }
}
