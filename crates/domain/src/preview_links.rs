//! Links to posts that are not public: whoever has one sees the post, until it ends.

use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use model::{Cursor, Page, PageLimit, Post, PostId, PreviewLink, Secret};
use sha2::{Digest, Sha256};

use crate::{Actor, Domain, Error, Noun, Result};

const PREFIX: &str = "ink_preview_";

impl Domain {
    /// Makes a link to a post that is good for `life`; gives its token, which is shown once.
    pub async fn create_preview_link(
        &self,
        actor: &Actor,
        id: PostId,
        life: Duration,
    ) -> Result<(PreviewLink, Secret<String>)> {
        self.editable_post(actor, id).await?;
        let secret = self.random::<32>()?;
        let token = format!("{PREFIX}{}", BASE64_URL_SAFE_NO_PAD.encode(secret));
        let now = self.clock.now();
        let (hash, times) = (hash(&token), (now, now.after(life)));
        let stored = self.store.insert_preview_link(id, &hash, times);
        match stored.await {
            Err(store::Error::ForeignKey) => Err(Error::NotFound(Noun::Post)),
            stored => Ok((stored?, Secret::new(token))),
        }
    }

    /// A page of the links to a post that are good, the newest first.
    pub async fn preview_links(
        &self,
        actor: &Actor,
        id: PostId,
        before: &Cursor,
        limit: PageLimit,
    ) -> Result<Page<PreviewLink>> {
        self.editable_post(actor, id).await?;
        let now = self.clock.now();
        Ok(self.store.preview_links(id, now, before, limit).await?)
    }

    /// One link to a post that is good.
    pub async fn preview_link(&self, actor: &Actor, id: PostId, link: i64) -> Result<PreviewLink> {
        self.editable_post(actor, id).await?;
        let found = self.store.preview_link(id, link, self.clock.now()).await?;
        found.ok_or(Error::NotFound(Noun::PreviewLink))
    }

    /// Revokes a link to a post.
    pub async fn delete_preview_link(&self, actor: &Actor, id: PostId, link: i64) -> Result<()> {
        self.editable_post(actor, id).await?;
        if self.store.delete_preview_link(id, link).await? {
            Ok(())
        } else {
            Err(Error::NotFound(Noun::PreviewLink))
        }
    }

    /// The post that a token leads to, whatever state it is in.
    pub async fn previewed_post(&self, token: &str) -> Result<Post> {
        let not_found = || Error::NotFound(Noun::PreviewLink);
        let hash = hash(token);
        let id = self.store.previewed_post(&hash, self.clock.now()).await?;
        let post = self.store.post(id.ok_or_else(not_found)?).await?;
        post.ok_or_else(not_found)
    }

    /// Where a token is shown.
    pub fn preview_url(&self, token: &str) -> String {
        format!("{}/api/v2/preview/{token}", self.settings.public_url)
    }
}

/// What is stored of a token. It has 256 random bits: nothing slower is needed.
fn hash(token: &str) -> [u8; 32] {
    Sha256::digest(token).into()
}
