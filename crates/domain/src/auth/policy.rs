//! Permissions: who may do what to which post, todo or user.
//!
//! Every rule is a row of [`may`]; use cases and handlers never compare roles themselves. There is
//! no input or output here, so that the whole table is tested below.

use model::{Comment, CommentStatus, Post, Role, Todo, UserId};

use super::Actor;
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
    /// See every post, listed or not.
    SeeAllPosts,
    /// Comment on this post.
    Comment(&'a Post),
    /// Change what this comment says.
    EditComment(&'a Comment),
    /// Delete this comment.
    DeleteComment(&'a Comment),
    /// Decide who sees this comment.
    ModerateComment(&'a Comment),
    /// Decide who sees the comments on this post.
    ModerateCommentsOn(&'a Post),
    /// See the comments on all posts that wait for that, and decide.
    ModerateAllComments,
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
        Action::Comment(post) => (
            post.comments_enabled,
            Error::Forbidden(Denial::CommentsDisabled),
        ),
        Action::EditComment(comment) => (
            comment.is_by(actor.id) || actor.role >= Role::Editor,
            Error::Forbidden(Denial::EditComment),
        ),
        Action::DeleteComment(comment) => (
            comment.is_by(actor.id) || owns_or(actor, comment.post_author, Role::Editor),
            Error::Forbidden(Denial::DeleteComment),
        ),
        Action::ModerateComment(comment) => (
            owns_or(actor, comment.post_author, Role::Editor),
            Error::Forbidden(Denial::ModerateComment),
        ),
        Action::ModerateCommentsOn(post) => (
            owns_or(actor, post.author.id, Role::Editor),
            Error::Forbidden(Denial::ModerateComment),
        ),
        Action::SeeAllPosts | Action::ModerateAllComments => (
            actor.role >= Role::Editor,
            Error::Forbidden(Denial::ModerateComment),
        ),
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

/// Decides whether `actor` may see `comment` below a post that they see.
///
/// One that is not approved answers [`Error::NotFound`] to everybody but its author and whoever may
/// moderate it.
pub(crate) fn sees_comment(actor: Option<&Actor>, comment: &Comment) -> Result<()> {
    let sees = comment.status == CommentStatus::Approved
        || actor.is_some_and(|actor| {
            comment.is_by(actor.id) || may(actor, Action::ModerateComment(comment)).is_ok()
        });
    if sees {
        Ok(())
    } else {
        Err(Error::NotFound(Noun::Comment))
    }
}

fn owns_or(actor: &Actor, owner: UserId, role: Role) -> bool {
    actor.id == owner || actor.role >= role
}

#[cfg(test)]
mod tests {
    use model::{Author, CommentId, PostId, Timestamp, TodoId};

    use super::*;

    const ME: UserId = UserId(1);
    const OTHER: UserId = UserId(2);

    fn author(id: UserId) -> Author {
        Author {
            id,
            username: String::new(),
            display_name: None,
            avatar_url: None,
        }
    }

    /// A comment of `writer` below a post of `owner`.
    fn comment(writer: Option<UserId>, owner: UserId, status: CommentStatus) -> Comment {
        let time = Timestamp::from_micros(0);
        Comment {
            id: CommentId(1),
            post_id: PostId(1),
            post_author: owner,
            author: writer.map(author),
            parent_id: None,
            content: String::new(),
            html: String::new(),
            status,
            created_at: time,
            updated_at: time,
            version: 1,
        }
    }

    fn post(owner: UserId) -> Post {
        let time = Timestamp::from_micros(0);
        Post {
            id: PostId(1),
            author: author(owner),
            title: String::new(),
            content: String::new(),
            category: String::new(),
            created_at: time,
            updated_at: time,
            published_at: time,
            comments_enabled: true,
            comment_count: 0,
            favorite_count: 0,
            version: 1,
        }
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

    fn me(role: Role) -> Actor {
        Actor {
            id: ME,
            username: "me".to_owned(),
            role,
        }
    }

    /// y: allowed, f: forbidden, n: not found.
    fn letter(outcome: Result<()>) -> char {
        match outcome {
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
                .map(|&role| letter(may(&me(role), action)))
                .collect();
            assert_eq!(found, wanted, "{action:?}");
        }
    }

    #[test]
    fn the_whole_table_of_comments() {
        let (open, mut closed) = (post(OTHER), post(ME));
        closed.comments_enabled = false;
        for status in CommentStatus::ALL {
            let of = |writer, owner| comment(writer, owner, status);
            let (mine, mine_here) = (of(Some(ME), OTHER), of(Some(ME), ME));
            let (theirs, theirs_here) = (of(Some(OTHER), OTHER), of(Some(OTHER), ME));
            let (nobody_s, nobody_s_here) = (of(None, OTHER), of(None, ME));
            // One letter a role: reader, author, editor, admin.
            let table = [
                (Action::Comment(&open), "yyyy"),
                (Action::Comment(&closed), "ffff"),
                (Action::EditComment(&mine), "yyyy"),
                (Action::EditComment(&mine_here), "yyyy"),
                (Action::EditComment(&theirs), "ffyy"),
                (Action::EditComment(&theirs_here), "ffyy"),
                (Action::EditComment(&nobody_s), "ffyy"),
                (Action::EditComment(&nobody_s_here), "ffyy"),
                (Action::DeleteComment(&mine), "yyyy"),
                (Action::DeleteComment(&mine_here), "yyyy"),
                (Action::DeleteComment(&theirs), "ffyy"),
                (Action::DeleteComment(&theirs_here), "yyyy"),
                (Action::DeleteComment(&nobody_s), "ffyy"),
                (Action::DeleteComment(&nobody_s_here), "yyyy"),
                (Action::ModerateComment(&mine), "ffyy"),
                (Action::ModerateComment(&mine_here), "yyyy"),
                (Action::ModerateComment(&theirs), "ffyy"),
                (Action::ModerateComment(&theirs_here), "yyyy"),
                (Action::ModerateComment(&nobody_s), "ffyy"),
                (Action::ModerateComment(&nobody_s_here), "yyyy"),
                (Action::ModerateCommentsOn(&open), "ffyy"),
                (Action::ModerateCommentsOn(&closed), "yyyy"),
                (Action::ModerateAllComments, "ffyy"),
                (Action::SeeAllPosts, "ffyy"),
            ];

            for (action, wanted) in table {
                let found = Role::ALL.map(|role| letter(may(&me(role), action)));
                assert_eq!(String::from_iter(found), wanted, "{action:?}");
            }
        }
    }

    #[test]
    fn what_is_not_approved_is_seen_by_its_author_and_by_those_who_moderate_it() {
        // Nobody, then one letter a role: reader, author, editor, admin.
        let table = [
            (Some(ME), OTHER, "nyyyy"),
            (Some(ME), ME, "nyyyy"),
            (Some(OTHER), OTHER, "nnnyy"),
            (Some(OTHER), ME, "nyyyy"),
            (None, OTHER, "nnnyy"),
            (None, ME, "nyyyy"),
        ];

        for (writer, owner, wanted) in table {
            for status in CommentStatus::ALL {
                let comment = comment(writer, owner, status);
                let nobody = letter(sees_comment(None, &comment));
                let found = Role::ALL.map(|role| letter(sees_comment(Some(&me(role)), &comment)));
                let found = String::from_iter([nobody].into_iter().chain(found));
                let wanted = match status {
                    CommentStatus::Approved => "yyyyy",
                    _ => wanted,
                };
                assert_eq!(found, wanted, "{comment:?}");
            }
        }
    }
}
