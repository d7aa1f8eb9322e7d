//! Users: who they are, and what is known of them at log-in.

use crate::{AvatarUrl, Bio, DisplayName, Email, Role, Timestamp, UserId, Username};

/// A user, with what only the owner and admins may see: the e-mail and all that is about log-in.
#[derive(Clone, Debug)]
pub struct User {
    /// The user's number.
    pub id: UserId,
    /// The name as typed at registration.
    pub username: String,
    /// What the account may do.
    pub role: Role,
    /// Since when the account is suspended, if it is.
    pub suspended_at: Option<Timestamp>,
    /// When the account was made.
    pub created_at: Timestamp,
    /// The name to show instead of the username.
    pub display_name: Option<String>,
    /// A few words about the user.
    pub bio: Option<String>,
    /// Where a picture of the user is.
    pub avatar_url: Option<String>,
    /// Where mail goes.
    pub email: Option<String>,
    /// Since when it is known that the user reads that mail.
    pub email_verified_at: Option<Timestamp>,
    /// Since when a log-in needs a second factor, if it does.
    pub totp_enabled_at: Option<Timestamp>,
}

/// A user about to be stored.
#[derive(Clone, Debug)]
pub struct NewUser {
    /// The name, with its keys.
    pub username: Username,
    /// The hash of the password, in PHC form.
    pub password_hash: String,
    /// What the account may do.
    pub role: Role,
    /// Where mail is said to go: nobody knows yet.
    pub email: Option<Email>,
    /// When the account was made.
    pub created_at: Timestamp,
}

/// What to change of a profile: what is absent stays as it is; an inner `None` clears.
#[derive(Clone, Debug, Default)]
pub struct ProfilePatch {
    /// Another name to show, or none.
    pub display_name: Option<Option<DisplayName>>,
    /// Other words about the user, or none.
    pub bio: Option<Option<Bio>>,
    /// Another picture, or none.
    pub avatar_url: Option<Option<AvatarUrl>>,
}

/// What an admin may change of an account: what is absent stays as it is.
#[derive(Clone, Copy, Debug, Default)]
pub struct AccountPatch {
    /// Another role.
    pub role: Option<Role>,
    /// Suspended, which ends every session, or not any more.
    pub suspended: Option<bool>,
}

/// What a log-in needs to know of an account.
#[derive(Clone, Debug)]
pub struct UserLogin {
    /// The user's number.
    pub id: UserId,
    /// The hash of the password, in PHC form.
    pub password_hash: String,
    /// How often the tokens of this account were revoked.
    pub generation: i64,
    /// Whether the account is suspended.
    pub suspended: bool,
    /// Whether a log-in needs a second factor.
    pub totp_enabled: bool,
}

/// The author of a post, as shown beside it.
#[derive(Clone, Debug)]
pub struct Author {
    /// The author's number.
    pub id: UserId,
    /// The name as typed at registration.
    pub username: String,
    /// The name to show instead.
    pub display_name: Option<String>,
    /// Where a picture of the author is.
    pub avatar_url: Option<String>,
}
