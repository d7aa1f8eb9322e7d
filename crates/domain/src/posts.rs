//! What can be seen of posts.

use std::borrow::Cow;

use model::{Cursor, Facet, Page, PageLimit, Post, PostFilter, PostId, Timestamp, UserId};
use store::FacetKind;

use crate::auth::policy::{Action, Asked, may, sees};
use crate::bodies::{Body, BodyKey, Form};
use crate::{Actor, AuthFailure, Domain, Error, Noun, Result};

/// What a slug leads to.
#[derive(Debug)]
pub enum BySlug {
    /// The post that has it, as a body.
    Post(Body),
    /// The slug that the post has by now.
    Moved(String),
}

impl Domain {
    /// One post that everybody may see, as the body that `write` makes of it, or one that the caller
    /// may see.
    pub async fn show_post(
        &self,
        actor: Option<&Actor>,
        id: PostId,
        form: Form,
        write: impl FnOnce(&Post, Timestamp) -> Body,
    ) -> Result<Body> {
        let key = BodyKey::Post(form, id);
        if let Some(body) = self.kept_body(&key) {
            return Ok(body);
        }
        let read_in = key.epoch(self.store.epochs());
        let post = self.visible_post(actor, id).await?;
        // One moment for both: what was written as scheduled must not be kept as published.
        let now = self.clock.now();
        let body = write(&post, now);
        if post.is_listed(now) {
            self.bodies.keep(key, read_in, &body, None);
        }
        Ok(body)
    }

    /// The same by its slug, or where it is by now.
    pub async fn show_post_by_slug(
        &self,
        actor: Option<&Actor>,
        slug: &str,
        write: impl FnOnce(&Post, Timestamp) -> Body,
    ) -> Result<BySlug> {
        let key = BodyKey::Posts(Form::V2, format!("slug {slug}"));
        if let Some(body) = self.kept_body(&key) {
            return Ok(BySlug::Post(body));
        }
        let read_in = key.epoch(self.store.epochs());
        let post = self.post_by_slug(actor, slug).await?;
        if post.slug != slug {
            return Ok(BySlug::Moved(post.slug));
        }
        let now = self.clock.now();
        let body = write(&post, now);
        if post.is_listed(now) {
            self.bodies.keep(key, read_in, &body, None);
        }
        Ok(BySlug::Post(body))
    }

    async fn post_by_slug(&self, actor: Option<&Actor>, slug: &str) -> Result<Post> {
        let not_found = || Error::NotFound(Noun::Post);
        if slug.contains('\0') {
            return Err(not_found());
        }
        let found = self.store.post_by_slug(slug).await?;
        let post = found.ok_or_else(not_found)?;
        // An old slug must not tell the one that only those know who were told it.
        let asked = if post.slug == slug {
            Asked::BySlug
        } else {
            Asked::ById
        };
        sees(actor, &post, asked, self.clock.now())?;
        Ok(post)
    }

    /// Something that is made of the public lists, as the body that `read` makes of it. `name` names
    /// everything that the body depends on, and `now` is the moment that it shows, or one before.
    pub async fn show_list<E: From<Error>>(
        &self,
        name: String,
        now: Timestamp,
        read: impl Future<Output = std::result::Result<Body, E>>,
    ) -> std::result::Result<Body, E> {
        if !self.bodies.keeps() {
            return read.await;
        }
        let key = BodyKey::Posts(Form::V2, name);
        if let Some(body) = self.kept_body(&key) {
            return Ok(body);
        }
        let read_in = key.epoch(self.store.epochs());
        let next = self.store.next_listed(now).await;
        let until = next.map_err(Error::from)?;
        let body = read.await?;
        self.bodies.keep(key, read_in, &body, until);
        Ok(body)
    }

    /// A node that does not know what others have written shows nothing from memory.
    fn kept_body(&self, key: &BodyKey) -> Option<Body> {
        let now = self.clock.now();
        let body = self.bodies.get(key, self.store.epochs(), now);
        body.filter(|_| self.is_current())
    }

    /// A page of posts. Of those that are not public, authors see their own, editors all.
    pub async fn posts(
        &self,
        actor: Option<&Actor>,
        filter: &PostFilter,
        after: Option<&Cursor>,
        limit: PageLimit,
    ) -> Result<Page<Post>> {
        let filter = narrowed(actor, filter)?;
        Ok(self.store.posts(&filter, after, limit).await?)
    }

    /// How many posts there are on all pages.
    pub async fn count_posts(&self, actor: Option<&Actor>, filter: &PostFilter) -> Result<i64> {
        let filter = narrowed(actor, filter)?;
        Ok(self.store.count_posts(&filter).await?)
    }

    /// What public posts are filed under.
    pub async fn facets(&self, kind: FacetKind) -> Result<Vec<Facet>> {
        Ok(self.store.facets(kind, self.clock.now()).await?)
    }

    /// A post that the caller may see, asked for by its number.
    pub async fn visible_post(&self, actor: Option<&Actor>, id: PostId) -> Result<Post> {
        let found = self.store.post(id).await?;
        let post = found.ok_or(Error::NotFound(Noun::Post))?;
        sees(actor, &post, Asked::ById, self.clock.now())?;
        Ok(post)
    }

    /// A post that everybody may see: v1 knows no other.
    pub async fn listed_post(&self, id: PostId) -> Result<Post> {
        self.visible_post(None, id).await
    }

    /// The next batch of all public posts by id, or of one user's; empty at the end.
    pub async fn posts_after(
        &self,
        after: PostId,
        user_id: Option<UserId>,
        limit: u32,
    ) -> Result<Vec<Post>> {
        let now = self.clock.now();
        let posts = self.store.listed_posts_after(now, after, user_id, limit);
        Ok(posts.await?)
    }

    /// The next batch of the public posts of the users up to `last`; empty at the end.
    pub async fn posts_by_users(
        &self,
        user: UserId,
        after: PostId,
        last: UserId,
    ) -> Result<Vec<Post>> {
        let now = self.clock.now();
        let posts = self.store.listed_posts_by_users(now, (user, after), last);
        Ok(posts.await?)
    }
}

/// A list of what is not public, kept to what the caller may see.
fn narrowed<'a>(actor: Option<&Actor>, filter: &'a PostFilter) -> Result<Cow<'a, PostFilter>> {
    if filter.state.is_none() {
        return Ok(Cow::Borrowed(filter));
    }
    let actor = known(actor)?;
    if may(actor, Action::SeeAllPosts).is_ok() {
        return Ok(Cow::Borrowed(filter));
    }
    let own = Some(actor.id);
    Ok(Cow::Owned(PostFilter {
        own,
        ..filter.clone()
    }))
}

/// Who asks for what is not for everybody.
pub fn known(actor: Option<&Actor>) -> Result<&Actor> {
    actor.ok_or(Error::Unauthenticated(AuthFailure::MissingToken))
}
