//! Permissions: who may do what to which post, todo or user.
//!
//! Every rule is a row of [`may`]; use cases and handlers never compare roles themselves. There is
//! no input or output here, so that the whole table is tested below.

use model::{Post, Role, Todo, UserId};

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

fn owns_or(actor: &Actor, owner: UserId, role: Role) -> bool {
    actor.id == owner || actor.role >= role
}

#[cfg(test)]
mod tests {
    use model::{Author, PostId, Timestamp, TodoId};

    use super::*;

    const ME: UserId = UserId(1);
    const OTHER: UserId = UserId(2);

    fn post(owner: UserId) -> Post {
        let time = Timestamp::from_micros(0);
        Post {
            id: PostId(1),
            author: Author {
                id: owner,
                username: String::new(),
                display_name: None,
                avatar_url: None,
            },
            title: String::new(),
            content: String::new(),
            category: String::new(),
            created_at: time,
            updated_at: time,
            published_at: time,
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
}
