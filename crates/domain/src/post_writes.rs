//! What can be done with posts.

use model::{
    NewIdempotencyKey, NewPost, Post, PostDraft, PostFields, PostId, PostPatch, PostState,
    PostStatus, PostWrite, RenderedPost, RevisionChange, Slug, SlugWish, TagKey, Timestamp, UserId,
};

use crate::accounts::revoked;
use crate::auth::policy::{Action, may};
use crate::idempotency::Terms;
use crate::post_state::{StateWish, change_state};
use crate::search::words_of;
use crate::{Actor, Domain, Error, Result};

/// How often a write is tried again that others were faster than.
const TRIES: usize = 100;
/// After so many tries the next number behind a slug is not left to chance any more: somebody may have
/// taken it on purpose.
pub(crate) const TRIES_OF_NUMBERS: usize = 20;
/// How many characters at the end of an unlisted post's slug cannot be guessed (50 bits).
const UNGUESSABLE_CHARS: usize = 10;
/// What they are.
const UNGUESSABLE: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";

/// How a post is changed.
pub(crate) struct Rewrite<'a> {
    pub(crate) patch: &'a PostPatch,
    pub(crate) terms: Terms,
    /// What is remembered of it, whatever has changed.
    pub(crate) revision: Option<RevisionChange>,
    /// The pending edit that ends with it.
    pub(crate) draft: Option<&'a PostDraft>,
}

impl Domain {
    /// Whether the caller may write posts at all; asked before the body is looked at.
    pub fn may_write_posts(&self, actor: &Actor) -> Result<()> {
        may(actor, Action::WritePost)
    }

    /// Writes a post of the caller's; published at once unless something else is wanted. With it goes
    /// the key that it was asked for with.
    pub async fn create_post(
        &self,
        actor: &Actor,
        new: &NewPost,
        key: Option<NewIdempotencyKey>,
    ) -> Result<Post> {
        may(actor, Action::WritePost)?;
        let rendered = self.renderer.render(new.content.as_str()).await?;
        let mut write = first_write(actor.id, new, rendered, self.clock.now())?;
        write.slug = self.slug_for(write.fields.status, write.slug)?;
        write.key = key;
        for tries in 0..TRIES {
            match self.store.insert_post(actor.id, &write).await {
                Err(error) if is_taken(&error) && matches!(write.slug, SlugWish::Free(_)) => {
                    if tries == TRIES_OF_NUMBERS {
                        self.evade(&mut write.slug)?;
                    }
                }
                Err(store::Error::ForeignKey) => return Err(revoked()),
                outcome => return outcome.map_err(taken),
            }
        }
        Err(busy())
    }

    /// A post that the caller may edit; asked before the body is looked at.
    pub async fn editable_post(&self, actor: &Actor, id: PostId) -> Result<Post> {
        let post = self.visible_post(Some(actor), id).await?;
        may(actor, Action::EditPost(&post))?;
        Ok(post)
    }

    /// Changes the named fields of a post, on these terms.
    pub async fn update_post(
        &self,
        actor: &Actor,
        id: PostId,
        patch: &PostPatch,
        terms: Terms,
    ) -> Result<Post> {
        let rewrite = Rewrite {
            patch,
            terms,
            revision: None,
            draft: None,
        };
        self.rewrite_post(actor, id, &rewrite).await
    }

    /// Changes a post as `rewrite` says.
    pub(crate) async fn rewrite_post(
        &self,
        actor: &Actor,
        id: PostId,
        rewrite: &Rewrite<'_>,
    ) -> Result<Post> {
        let (patch, Terms { version, key }) = (rewrite.patch, rewrite.terms);
        let rendered = match &patch.content {
            Some(content) => Some(self.renderer.render(content.as_str()).await?),
            None => None,
        };
        for tries in 0..TRIES {
            let post = self.editable_post(actor, id).await?;
            let mut write = self.rewritten(actor, &post, patch, rendered.clone())?;
            if version.is_some_and(|version| version != post.version) {
                return Err(Error::Stale {
                    current: post.version,
                });
            }
            if patch.is_empty() && rewrite.draft.is_none() {
                return Ok(post);
            }
            if tries >= TRIES_OF_NUMBERS {
                self.evade(&mut write.slug)?;
            }
            write.revision = rewrite.revision.or(write.revision);
            write.key = key;
            let version = post.version;
            match self
                .store
                .update_post(id, version, &write, rewrite.draft)
                .await
            {
                Ok(Some(post)) => return Ok(post),
                Err(store::Error::RowCount { .. }) => return Err(Error::DraftChanged),
                // Somebody else was faster; only the fields that are named are written over theirs.
                Ok(None) => {}
                Err(error) if is_taken(&error) && matches!(write.slug, SlugWish::Free(_)) => {}
                Err(error) => return Err(taken(error)),
            }
        }
        Err(busy())
    }

    fn rewritten(
        &self,
        actor: &Actor,
        post: &Post,
        patch: &PostPatch,
        rendered: Option<RenderedPost>,
    ) -> Result<PostWrite> {
        let mut write = PostWrite {
            fields: post.fields.clone(),
            title_key: String::new(),
            tag_keys: Vec::new(),
            rendered,
            words: String::new(),
            slug: SlugWish::Keep,
            revision: None,
            by: actor.id,
            now: self.clock.now(),
            key: None,
        };
        apply(&mut write, patch, patch.status)?;
        write.revision = revision(&post.fields, &write.fields);
        let fresh = || SlugWish::Free(render::slug(&write.fields.title));
        let hides = hides(&post.fields, &write.fields);
        let wish = match &patch.slug {
            Some(Some(slug)) if slug.as_str() == post.slug && !hides => SlugWish::Keep,
            Some(Some(slug)) => SlugWish::Exact(slug.as_str().to_owned()),
            Some(None) => fresh(),
            None if hides => SlugWish::Free(post.slug.clone()),
            None => SlugWish::Keep,
        };
        write.slug = self.slug_for(write.fields.status, wish)?;
        Ok(write)
    }

    /// The slug of an unlisted post is all that keeps it from being read: nobody must guess it.
    fn slug_for(&self, status: PostStatus, wish: SlugWish) -> Result<SlugWish> {
        match wish {
            SlugWish::Exact(slug) | SlugWish::Free(slug) if status == PostStatus::Unlisted => {
                // Short enough to be sent back, however often the post goes in and out of hiding.
                let room = Slug::MAX_BYTES - 1 - UNGUESSABLE_CHARS;
                let name = slug.get(..room).unwrap_or(&slug).trim_end_matches('-');
                Ok(SlugWish::Exact(format!("{name}-{}", self.slug_end()?)))
            }
            wish => Ok(wish),
        }
    }

    /// Puts random characters in place of a number where a slug that was made is taken.
    fn evade(&self, wish: &mut SlugWish) -> Result<()> {
        if let SlugWish::Free(slug) = wish {
            *slug = format!("{slug}-{}", self.slug_end()?);
        }
        Ok(())
    }

    /// Ten characters that nobody can guess.
    pub(crate) fn slug_end(&self) -> Result<String> {
        let bytes = self.random::<UNGUESSABLE_CHARS>()?.into_iter();
        let end = bytes.map(|byte| char::from(UNGUESSABLE[usize::from(byte % 32)]));
        Ok(end.collect())
    }
}

/// What is written of a new post, but for the end of an unlisted one's slug.
pub(crate) fn first_write(
    by: UserId,
    new: &NewPost,
    rendered: RenderedPost,
    now: Timestamp,
) -> Result<PostWrite> {
    let mut write = PostWrite {
        fields: PostFields::new(new.title.clone(), new.content.clone()),
        title_key: String::new(),
        tag_keys: Vec::new(),
        rendered: Some(rendered),
        words: String::new(),
        slug: SlugWish::Keep,
        revision: Some(RevisionChange::Created),
        by,
        now,
        key: None,
    };
    let published = PostState::Stored(PostStatus::Published);
    apply(&mut write, &new.rest, new.rest.status.or(Some(published)))?;
    let slug = new.rest.slug.clone().flatten();
    let free = SlugWish::Free(render::slug(&write.fields.title));
    write.slug = slug.map_or(free, |slug| SlugWish::Exact(slug.into_string()));
    Ok(write)
}

/// Takes over what `patch` names, and makes what follows from it.
fn apply(write: &mut PostWrite, patch: &PostPatch, state: Option<PostState>) -> Result<()> {
    let wish = StateWish {
        state,
        published_at: patch.published_at,
    };
    let cover = write.fields.apply(patch);
    let state = change_state(&mut write.fields, wish, write.now);
    let wrong: Vec<_> = cover.err().into_iter().chain(state.err()).collect();
    if !wrong.is_empty() {
        return Err(Error::Invalid(wrong));
    }
    write.title_key = render::title_key(&write.fields.title);
    write.words = words_of(&write.fields);
    let mut keys: Vec<TagKey> = Vec::new();
    for name in &write.fields.tags {
        let key = render::tag_key(name);
        if keys.iter().all(|seen| seen.key != key) {
            let name = name.clone();
            keys.push(TagKey { key, name });
        }
    }
    write.fields.tags = keys.iter().map(|tag| tag.name.clone()).collect();
    write.tag_keys = keys;
    Ok(())
}

/// Whether a post goes into hiding.
fn hides(before: &PostFields, after: &PostFields) -> bool {
    before.status != PostStatus::Unlisted && after.status == PostStatus::Unlisted
}

/// What is remembered of a change.
fn revision(before: &PostFields, after: &PostFields) -> Option<RevisionChange> {
    let published = PostStatus::Published;
    if before.status != published && after.status == published {
        return Some(RevisionChange::Published);
    }
    let same = before.title == after.title && before.content == after.content;
    (!same).then_some(RevisionChange::Updated)
}

fn taken(error: store::Error) -> Error {
    if is_taken(&error) {
        Error::SlugTaken
    } else {
        error.into()
    }
}

fn is_taken(error: &store::Error) -> bool {
    matches!(error, store::Error::Unique(what) if what == "post_slugs.slug")
}

/// So many others write the same thing at once that there is no getting through.
const fn busy() -> Error {
    Error::Overloaded {
        retry_after: std::time::Duration::from_secs(1),
    }
}
