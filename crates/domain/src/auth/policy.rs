//! Permissions: who may do what to which post, todo or user.
//!
//! Every rule is a row of [`may`]; use cases and handlers never compare roles themselves. There is
//! no input or output here, so that the whole table is tested below.

use model::{Post, PostState, PostStatus, Role, Timestamp, Todo, TrashedPost, UserId};

use super::Actor;
use super::comment_policy::{self, CommentAction};
use crate::{Denial, Error, Noun, Result};

/// What somebody wants to do.
#[derive(Clone, Copy, Debug)]
pub enum Action<'a> {
    /// Write a post of one's own.
    WritePost,
    /// Change this post.
    EditPost(&'a Post),
    /// Move this post to the trash.
    DeletePost(&'a Post),
    /// See everybody's posts in any state, and in the trash.
    SeeAllPosts,
    /// Take this post out of the trash, or delete it for good.
    RestorePost(&'a TrashedPost),
    /// Do this with comments.
    Comment(CommentAction<'a>),
    /// See or change this todo.
    UseTodo(&'a Todo),
    /// See all the todos of this user.
    ListTodosOf(UserId),
    /// Make this user the owner of a todo.
    GiveTodoTo(UserId),
    /// See more of this user than the profile.
    SeeAccountOf(UserId),
    /// Change or delete accounts.
    ManageUsers,
    /// Read the whole audit log.
    ReadAuditLog,
}

/// Decides whether `actor` may do `action`.
///
/// Somebody else's todo answers [`Error::NotFound`] rather than [`Error::Forbidden`]: nobody must
/// learn from the answer that it exists.
pub fn may(actor: &Actor, action: Action<'_>) -> Result<()> {
    let (allowed, otherwise) = match action {
        Action::WritePost => (
            actor.role >= Role::Author,
            Error::Forbidden(Denial::WritePost),
        ),
        Action::EditPost(post) => (
            owns_or(actor, post.author.id, Role::Editor),
            Error::Forbidden(Denial::EditPost),
        ),
        Action::DeletePost(post) => (
            owns_or(actor, post.author.id, Role::Editor),
            Error::Forbidden(Denial::DeletePost),
        ),
        Action::SeeAllPosts => (
            actor.role >= Role::Editor,
            Error::Forbidden(Denial::AdminOnly),
        ),
        Action::RestorePost(trashed) => {
            let owner = trashed.post.author.id;
            if !owns_or(actor, owner, Role::Editor) {
                return Err(Error::NotFound(Noun::Post));
            }
            (
                actor.role >= trashed.deleted_role,
                Error::Forbidden(Denial::RestorePost),
            )
        }
        Action::Comment(action) => comment_policy::rule(actor, action),
        Action::UseTodo(todo) => (
            owns_or(actor, todo.user_id, Role::Admin),
            Error::NotFound(Noun::Todo),
        ),
        Action::ListTodosOf(user) | Action::GiveTodoTo(user) => (
            owns_or(actor, user, Role::Admin),
            Error::Forbidden(Denial::OthersTodos),
        ),
        Action::SeeAccountOf(user) => (
            owns_or(actor, user, Role::Admin),
            Error::Forbidden(Denial::AdminOnly),
        ),
        Action::ManageUsers | Action::ReadAuditLog => (
            actor.role == Role::Admin,
            Error::Forbidden(Denial::AdminOnly),
        ),
    };
    if allowed { Ok(()) } else { Err(otherwise) }
}

/// How somebody asks for a post.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    /// By its number, which anybody can guess.
    ById,
    /// By the slug that it has.
    BySlug,
}

/// Decides whether somebody may see a post: everybody what is published and its time has come, and
/// what is unlisted if they know its slug; whoever may edit it sees it in any state.
///
/// # Errors
/// [`Error::NotFound`]: nobody must learn that it exists.
pub(crate) fn sees(actor: Option<&Actor>, post: &Post, asked: Asked, now: Timestamp) -> Result<()> {
    let public = match post.state(now) {
        PostState::Stored(PostStatus::Published) => true,
        PostState::Stored(PostStatus::Unlisted) => asked == Asked::BySlug,
        PostState::Stored(PostStatus::Draft | PostStatus::Archived) | PostState::Scheduled => false,
    };
    if public || actor.is_some_and(|actor| owns_or(actor, post.author.id, Role::Editor)) {
        Ok(())
    } else {
        Err(Error::NotFound(Noun::Post))
    }
}

pub(super) fn owns_or(actor: &Actor, owner: UserId, role: Role) -> bool {
    actor.id == owner || actor.role >= role
}

#[cfg(test)]
pub(super) mod tests {
    use model::{Author, Content, PostFields, PostId, Timestamp, Title, TodoId};

    use super::*;

    pub(in crate::auth) const ME: UserId = UserId(1);
    pub(in crate::auth) const OTHER: UserId = UserId(2);

    pub(in crate::auth) fn post(owner: UserId) -> Post {
        let time = Timestamp::from_micros(0);
        let (title, content) = (Title::parse("t").unwrap(), Content::parse("").unwrap());
        Post {
            id: PostId(1),
            author: Author {
                id: owner,
                username: String::new(),
                display_name: None,
                avatar_url: None,
            },
            slug: String::new(),
            fields: PostFields::new(title, content),
            title_key: String::new(),
            summary: String::new(),
            word_count: 0,
            html: None,
            comment_count: 0,
            favorite_count: 0,
            created_at: time,
            updated_at: time,
            version: 1,
        }
    }

    fn trashed(owner: UserId, deleted_role: Role) -> TrashedPost {
        TrashedPost {
            post: post(owner),
            deleted_at: Timestamp::from_micros(0),
            deleted_role,
        }
    }

    fn in_state(owner: UserId, status: PostStatus, published_at: Option<i64>) -> Post {
        let mut post = post(owner);
        post.fields.status = status;
        post.fields.published_at = published_at.map(Timestamp::from_micros);
        post
    }

    fn todo(owner: UserId) -> Todo {
        let time = Timestamp::from_micros(0);
        Todo {
            id: TodoId(1),
            user_id: owner,
            title: String::new(),
            description: None,
            completed: false,
            priority: 0,
            due_at: None,
            completed_at: None,
            created_at: time,
            updated_at: time,
            version: 1,
        }
    }

    /// y: allowed, f: forbidden, n: not found.
    fn verdict(role: Role, action: Action<'_>) -> char {
        let actor = Actor {
            id: ME,
            username: "me".to_owned(),
            role,
        };
        match may(&actor, action) {
            Ok(()) => 'y',
            Err(Error::Forbidden(_)) => 'f',
            Err(Error::NotFound(_)) => 'n',
            Err(other) => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_whole_table() {
        let (my_post, their_post, my_todo, their_todo) =
            (post(ME), post(OTHER), todo(ME), todo(OTHER));
        // One letter a role: reader, author, editor, admin.
        let table = [
            (Action::WritePost, "fyyy"),
            (Action::EditPost(&my_post), "yyyy"),
            (Action::EditPost(&their_post), "ffyy"),
            (Action::DeletePost(&my_post), "yyyy"),
            (Action::DeletePost(&their_post), "ffyy"),
            (Action::SeeAllPosts, "ffyy"),
            (Action::RestorePost(&trashed(ME, Role::Author)), "fyyy"),
            (Action::RestorePost(&trashed(ME, Role::Admin)), "fffy"),
            (Action::RestorePost(&trashed(OTHER, Role::Author)), "nnyy"),
            (Action::RestorePost(&trashed(OTHER, Role::Admin)), "nnfy"),
            (Action::UseTodo(&my_todo), "yyyy"),
            (Action::UseTodo(&their_todo), "nnny"),
            (Action::ListTodosOf(ME), "yyyy"),
            (Action::ListTodosOf(OTHER), "fffy"),
            (Action::GiveTodoTo(ME), "yyyy"),
            (Action::GiveTodoTo(OTHER), "fffy"),
            (Action::SeeAccountOf(ME), "yyyy"),
            (Action::SeeAccountOf(OTHER), "fffy"),
            (Action::ManageUsers, "fffy"),
            (Action::ReadAuditLog, "fffy"),
        ];

        for (action, wanted) in table {
            let found: String = Role::ALL
                .iter()
                .map(|&role| verdict(role, action))
                .collect();
            assert_eq!(found, wanted, "{action:?}");
        }
    }

    /// Whether somebody sees a post by its number, and by its slug.
    fn seen(actor: Option<&Actor>, post: &Post) -> (bool, bool) {
        let now = Timestamp::from_micros(10);
        let sees = |asked| sees(actor, post, asked, now).is_ok();
        (sees(Asked::ById), sees(Asked::BySlug))
    }

    #[test]
    fn who_sees_which_state() {
        use PostStatus::{Archived, Draft, Published, Unlisted};
        let everybody_s = [
            (Published, Some(10), (true, true)),
            (Published, Some(11), (false, false)),
            (Unlisted, Some(10), (false, true)),
            (Draft, None, (false, false)),
            (Draft, Some(1), (false, false)),
            (Archived, Some(1), (false, false)),
        ];
        for (status, published_at, wanted) in everybody_s {
            let mine = in_state(ME, status, published_at);
            let theirs = in_state(OTHER, status, published_at);
            assert_eq!(seen(None, &mine), wanted, "{status:?} {published_at:?}");
            for role in Role::ALL {
                let username = "me".to_owned();
                let actor = Actor {
                    id: ME,
                    username,
                    role,
                };
                assert_eq!(seen(Some(&actor), &mine), (true, true));
                let all = role >= Role::Editor;
                let wanted = if all { (true, true) } else { wanted };
                assert_eq!(seen(Some(&actor), &theirs), wanted, "{role} {status:?}");
            }
        }
    }
}
