//! Personal access tokens: what programs show instead of a password, each with a few rights.

use std::fmt;
use std::str::FromStr;

use crate::{Invalid, PersonalTokenId, Role, SessionState, Timestamp, TokenName, UserId};

/// A right that a personal access token may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// Read posts, one's own drafts too.
    PostsRead,
    /// Write posts.
    PostsWrite,
    /// Write comments.
    CommentsWrite,
    /// Read one's own todos.
    TodosRead,
    /// Write one's own todos.
    TodosWrite,
    /// Read one's own account.
    ProfileRead,
    /// Read the accounts of others.
    UsersRead,
    /// Suspend accounts of others, and lift suspensions.
    UsersSuspend,
}

impl Scope {
    /// Every scope.
    pub const ALL: [Self; 8] = [
        Self::PostsRead,
        Self::PostsWrite,
        Self::CommentsWrite,
        Self::TodosRead,
        Self::TodosWrite,
        Self::ProfileRead,
        Self::UsersRead,
        Self::UsersSuspend,
    ];

    /// The word for it on the wire and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PostsRead => "posts:read",
            Self::PostsWrite => "posts:write",
            Self::CommentsWrite => "comments:write",
            Self::TodosRead => "todos:read",
            Self::TodosWrite => "todos:write",
            Self::ProfileRead => "profile:read",
            Self::UsersRead => "users:read",
            Self::UsersSuspend => "users:suspend",
        }
    }

    /// The least role that this right makes sense for: no token may do more than its user.
    pub const fn least_role(self) -> Role {
        match self {
            Self::PostsWrite => Role::Author,
            Self::UsersRead | Self::UsersSuspend => Role::Admin,
            Self::PostsRead
            | Self::CommentsWrite
            | Self::TodosRead
            | Self::TodosWrite
            | Self::ProfileRead => Role::Reader,
        }
    }
}

/// Some scopes, each once. Who asks for a token names at least one; a role may leave none of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scopes(u8);

impl Scopes {
    /// Gathers scopes.
    ///
    /// # Errors
    /// When there are none.
    pub fn of(scopes: impl IntoIterator<Item = Scope>) -> Result<Self, Invalid> {
        let bits = scopes.into_iter().fold(0, |bits, scope| bits | bit(scope));
        if bits == 0 {
            return Err(Invalid::new("must name at least one scope"));
        }
        Ok(Self(bits))
    }

    /// Whether this scope is among them.
    pub const fn contains(self, scope: Scope) -> bool {
        self.0 & bit(scope) != 0
    }

    /// Those of them that this role allows: a token given out before may say more.
    #[must_use]
    pub fn within(self, role: Role) -> Self {
        let allowed = self.iter().filter(|scope| role >= scope.least_role());
        Self(allowed.fold(0, |bits, scope| bits | bit(scope)))
    }

    /// The scopes, in the order of [`Scope::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Scope> {
        Scope::ALL
            .into_iter()
            .filter(move |scope| self.contains(*scope))
    }
}

const fn bit(scope: Scope) -> u8 {
    1 << scope as u8
}

impl FromStr for Scope {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|scope| scope.as_str() == text);
        found.ok_or_else(|| format!("{text:?} is no scope"))
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words: Vec<_> = self.iter().map(Scope::as_str).collect();
        f.write_str(&words.join(" "))
    }
}

impl FromStr for Scopes {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let scopes: Vec<Scope> = text.split(' ').map(str::parse).collect::<Result<_, _>>()?;
        Self::of(scopes).map_err(|invalid| invalid.message)
    }
}

/// A token about to be stored.
#[derive(Clone, Debug)]
pub struct NewPersonalToken {
    /// Its identifier.
    pub id: PersonalTokenId,
    /// Whose it is.
    pub user_id: UserId,
    /// What it is for, in the user's words.
    pub name: TokenName,
    /// What it may do.
    pub scopes: Scopes,
    /// SHA-256 of its secret.
    pub hash: [u8; 32],
    /// When it is made.
    pub created_at: Timestamp,
    /// When it ends by itself.
    pub expires_at: Timestamp,
}

/// A token as its owner sees it.
#[derive(Clone, Debug)]
pub struct PersonalToken {
    /// Its identifier.
    pub id: PersonalTokenId,
    /// What it is for, in the user's words.
    pub name: String,
    /// What it may do.
    pub scopes: Scopes,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends by itself.
    pub expires_at: Timestamp,
    /// When it was used last, to the minute.
    pub last_used_at: Option<Timestamp>,
}

/// What a request needs to know of a token that is alive, and of the account behind it.
#[derive(Clone, Debug)]
pub struct PersonalTokenState {
    /// SHA-256 of its secret.
    pub hash: Vec<u8>,
    /// What it may do.
    pub scopes: Scopes,
    /// When it was used last, to the minute.
    pub last_used_at: Option<Timestamp>,
    /// Whose it is.
    pub account: SessionState,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_come_back_from_their_words() {
        let all = Scopes::of(Scope::ALL).unwrap();

        assert_eq!(all.to_string().parse(), Ok(all));
        assert_eq!(all.iter().count(), 8);
        let two = Scopes::of([Scope::TodosRead, Scope::PostsRead, Scope::TodosRead]).unwrap();
        assert_eq!(two.to_string(), "posts:read todos:read");
        assert!(!two.contains(Scope::TodosWrite));
        for text in ["", " ", "posts:read  todos:read", "posts", "POSTS:READ"] {
            assert!(text.parse::<Scopes>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_role_leaves_what_it_allows() {
        let all = Scopes::of(Scope::ALL).unwrap();

        let reader = "posts:read comments:write todos:read todos:write profile:read";
        let author = "posts:read posts:write comments:write todos:read todos:write profile:read";
        assert_eq!(all.within(Role::Reader).to_string(), reader);
        assert_eq!(all.within(Role::Author).to_string(), author);
        assert_eq!(all.within(Role::Editor).to_string(), author);
        assert_eq!(all.within(Role::Admin), all);
        let admin_s = Scopes::of([Scope::UsersRead]).unwrap();
        assert_eq!(admin_s.within(Role::Editor).iter().count(), 0);
    }
}
