//! What can be done with posts.

use model::{Cursor, NewPost, Page, PageLimit, Post, PostFilter, PostId, PostPatch, UserId};

use crate::auth::policy::{Action, may};
use crate::bodies::{Body, BodyKey, Form};
use crate::{Actor, Domain, Error, Noun, Result};

impl Domain {
    /// One post, as the body that `write` makes of it.
    pub async fn show_post(
        &self,
        id: PostId,
        form: Form,
        write: fn(&Post) -> Body,
    ) -> Result<Body> {
        let key = BodyKey::Post(form, id);
        if let Some(body) = self.kept_body(&key) {
            return Ok(body);
        }
        let read_in = key.epoch(self.store.epochs());
        let body = write(&self.post(id).await?);
        self.bodies.keep(key, read_in, &body);
        Ok(body)
    }

    /// The first page of the newest posts, as the body that `write` makes of it. `list` names
    /// everything that the body depends on.
    pub async fn show_newest_posts(
        &self,
        list: String,
        filter: &PostFilter,
        limit: PageLimit,
        write: impl FnOnce(&Page<Post>) -> Body,
    ) -> Result<Body> {
        let key = BodyKey::Posts(Form::V2, list);
        if let Some(body) = self.kept_body(&key) {
            return Ok(body);
        }
        let read_in = key.epoch(self.store.epochs());
        let body = write(&self.newest_posts(filter, &Cursor::NEWEST, limit).await?);
        self.bodies.keep(key, read_in, &body);
        Ok(body)
    }

    /// A node that does not know what others have written shows nothing from memory.
    fn kept_body(&self, key: &BodyKey) -> Option<Body> {
        let body = self.bodies.get(key, self.store.epochs());
        body.filter(|_| self.is_current())
    }

    /// A page of the newest posts.
    pub async fn newest_posts(
        &self,
        filter: &PostFilter,
        before: &Cursor,
        limit: PageLimit,
    ) -> Result<Page<Post>> {
        Ok(self.store.newest_posts(filter, before, limit).await?)
    }

    /// One post.
    pub async fn post(&self, id: PostId) -> Result<Post> {
        self.store
            .post(id)
            .await?
            .ok_or(Error::NotFound(Noun::Post))
    }

    /// A post that the caller may see, asked for by its number.
    pub async fn visible_post(&self, _: Option<&Actor>, id: PostId) -> Result<Post> {
        self.post(id).await
    }

    /// The next batch of all posts by id, or of one user's; empty at the end.
    pub async fn posts_after(
        &self,
        after: PostId,
        user_id: Option<UserId>,
        limit: u32,
    ) -> Result<Vec<Post>> {
        Ok(self.store.posts_after(after, user_id, limit).await?)
    }

    /// The next batch of the posts of the users up to `last`; empty at the end.
    pub async fn posts_by_users(
        &self,
        user: UserId,
        after: PostId,
        last: UserId,
    ) -> Result<Vec<Post>> {
        Ok(self.store.posts_by_users(user, after, last).await?)
    }

    /// Whether the caller may write posts at all; asked before the body is looked at.
    pub fn may_write_posts(&self, actor: &Actor) -> Result<()> {
        may(actor, Action::WritePost)
    }

    /// Publishes a post of the caller's.
    pub async fn create_post(&self, actor: &Actor, new: &NewPost) -> Result<Post> {
        may(actor, Action::WritePost)?;
        let now = self.clock.now();
        let published_at = now.floor_to_millis();
        let inserted = self.store.insert_post(actor.id, new, now, published_at);
        Ok(inserted.await?)
    }

    /// A post that the caller may edit; asked before the body is looked at.
    pub async fn editable_post(&self, actor: &Actor, id: PostId) -> Result<Post> {
        let post = self.post(id).await?;
        may(actor, Action::EditPost(&post))?;
        Ok(post)
    }

    /// Changes the named fields of a post, if its version is still `version` where one is named.
    pub async fn update_post(
        &self,
        actor: &Actor,
        id: PostId,
        patch: &PostPatch,
        version: Option<i64>,
    ) -> Result<Post> {
        let post = self.editable_post(actor, id).await?;
        if version.is_some_and(|version| version != post.version) {
            return Err(Error::Stale {
                current: post.version,
            });
        }
        if patch.is_empty() {
            return Ok(post);
        }
        let updated = self
            .store
            .update_post(id, patch, version, self.clock.now())
            .await?;
        match updated {
            Some(post) => Ok(post),
            None => Err(Error::Stale {
                current: self.post(id).await?.version,
            }),
        }
    }

    /// A post that the caller may delete.
    pub async fn deletable_post(&self, actor: &Actor, id: PostId) -> Result<Post> {
        let post = self.post(id).await?;
        may(actor, Action::DeletePost(&post))?;
        Ok(post)
    }

    /// Moves a post to the trash, if its version is still `version` where one is named.
    pub async fn delete_post(&self, actor: &Actor, id: PostId, version: Option<i64>) -> Result<()> {
        self.deletable_post(actor, id).await?;
        let deleted = self
            .store
            .delete_post(id, actor.id, version, self.clock.now());
        if deleted.await? {
            return Ok(());
        }
        Err(Error::Stale {
            current: self.post(id).await?.version,
        })
    }
}
