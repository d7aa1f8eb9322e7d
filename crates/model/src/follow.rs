//! Follows: whose posts somebody wants to see.

use crate::{Timestamp, UserId};

/// Somebody whom a user follows.
#[derive(Clone, Copy, Debug)]
pub struct Follow {
    /// Who is followed.
    pub user_id: UserId,
    /// Since when.
    pub created_at: Timestamp,
}
