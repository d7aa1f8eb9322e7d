//! Filling a database with what a generator made up: rows are checked, rendered and written as those
//! of clients are, but many at once, and with dates in the past.

use model::{
    AuditKind, CommentDraft, CommentId, CommentStatus, NewComment, NewPost, NewTodo, NewUser,
    Password, PostId, PostStatus, PostWrite, ProfilePatch, Role, SlugWish, Timestamp, UserId,
    Username,
};
use serde_json::Value;

use crate::audit::By;
use crate::comments::rendered;
use crate::post_writes::first_write;
use crate::todos::keys_of;
use crate::{Domain, Error, Result};

/// A user who was made up.
#[derive(Clone, Debug)]
pub struct SeedUser {
    /// The name to log in with.
    pub username: Username,
    /// What the account may do.
    pub role: Role,
    /// What is shown of the user.
    pub profile: ProfilePatch,
    /// When the account was made.
    pub created_at: Timestamp,
}

/// A post that was made up.
#[derive(Clone, Debug)]
pub struct SeedPost {
    /// Who wrote it.
    pub author: UserId,
    /// The post.
    pub new: NewPost,
    /// What its slug ends in if it is unlisted: nobody needs to guess what can be made up again.
    pub slug_end: String,
    /// When it was written.
    pub created_at: Timestamp,
}

/// A comment that was made up.
#[derive(Clone, Debug)]
pub struct SeedComment {
    /// The post that it stands below.
    pub post: PostId,
    /// Who wrote it.
    pub author: UserId,
    /// What is said, and below which comment.
    pub draft: CommentDraft,
    /// Who sees it.
    pub status: CommentStatus,
    /// When it was written.
    pub created_at: Timestamp,
}

/// A post with all that is made of it.
#[derive(Clone, Debug)]
pub struct ReadyPost(UserId, PostWrite);

impl ReadyPost {
    /// From when on readers may comment on it, if they may.
    pub fn commentable_from(&self) -> Option<Timestamp> {
        let fields = &self.1.fields;
        let open = fields.status == PostStatus::Published && fields.comments_enabled;
        fields.published_at.filter(|_| open)
    }
}

impl Domain {
    /// Whether there is any post, in whatever state.
    pub async fn has_posts(&self) -> Result<bool> {
        Ok(self.store.has_posts().await?)
    }

    /// The hash of the password that all who are made up log in with; without one it is of a
    /// password that nobody knows.
    ///
    /// # Errors
    /// On `password`, where it is too weak for a user of this name.
    pub async fn seed_password(
        &self,
        password: Option<Password>,
        username: &Username,
    ) -> Result<String> {
        let password = match password {
            Some(password) => {
                self.check_password(username, &password)?;
                password
            }
            None => Password::parse(&format!("{:?}", self.random::<32>()?))
                .map_err(|invalid| invalid.of("password"))?,
        };
        self.hash(password).await
    }

    /// Is called when everything is stored.
    pub async fn seeded(&self) -> Result<()> {
        Ok(self.store.analyze().await?)
    }

    /// Stores users who share the hash of a password, and gives their numbers.
    ///
    /// # Errors
    /// [`Error::UsernameTaken`]; then none is stored.
    pub async fn seed_users(&self, users: &[SeedUser], password_hash: &str) -> Result<Vec<UserId>> {
        let new = users.iter().map(|user| {
            let new = NewUser {
                username: user.username.clone(),
                password_hash: password_hash.to_owned(),
                role: user.role,
                email: None,
                created_at: user.created_at,
            };
            (new, user.profile.clone())
        });
        let inserted = self.store.insert_users(&new.collect::<Vec<_>>()).await;
        inserted.map_err(|error| match error {
            store::Error::Unique(_) => Error::UsernameTaken,
            error => error.into(),
        })
    }

    /// Makes all that belongs to posts; needs no database.
    ///
    /// # Errors
    /// As a client that writes such a post would get.
    pub async fn ready_posts(&self, posts: &[SeedPost]) -> Result<Vec<ReadyPost>> {
        let mut ready = Vec::with_capacity(posts.len());
        for post in posts {
            let rendered = self.renderer.render(post.new.content.as_str()).await?;
            let mut write = first_write(post.author, &post.new, rendered, post.created_at)?;
            if write.fields.status == PostStatus::Unlisted
                && let SlugWish::Free(slug) = &write.slug
            {
                write.slug = SlugWish::Exact(format!("{slug}-{}", post.slug_end));
            }
            ready.push(ReadyPost(post.author, write));
        }
        Ok(ready)
    }

    /// Stores posts, in order, and gives their numbers.
    pub async fn seed_posts(&self, posts: Vec<ReadyPost>) -> Result<Vec<PostId>> {
        let posts = posts.into_iter().map(|ReadyPost(by, write)| (by, write));
        let posts: Vec<_> = posts.collect();
        Ok(self.store.insert_posts(&posts).await?)
    }

    /// Stores comments, in order, and gives their numbers.
    pub async fn seed_comments(&self, comments: Vec<SeedComment>) -> Result<Vec<CommentId>> {
        let new = comments.into_iter().map(|comment| {
            let new = NewComment {
                post_id: comment.post,
                user_id: comment.author,
                html: rendered(&comment.draft.content)?,
                draft: comment.draft,
                status: comment.status,
            };
            Ok((new, comment.created_at))
        });
        let new = new.collect::<Result<Vec<_>>>()?;
        Ok(self.store.insert_comments(&new).await?)
    }

    /// Stores todos that were made at these times.
    pub async fn seed_todos(&self, todos: &[(NewTodo, Timestamp)]) -> Result<()> {
        let keyed = todos.iter().map(|(new, at)| (new, keys_of(new), *at));
        let todos: Vec<_> = keyed.collect();
        Ok(self.store.insert_todos(&todos).await?)
    }

    /// Remembers in the audit log what was made up.
    pub async fn finish_seeding(&self, details: &Value) -> Result<()> {
        let entry = self.entry(AuditKind::DataImported, By::CommandLine);
        Ok(self
            .store
            .insert_audit_entries(&[entry.with(details)])
            .await?)
    }
}
