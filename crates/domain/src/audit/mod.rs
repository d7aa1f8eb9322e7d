//! The audit log: entries are made here, ride along with the write that they tell of, and are
//! sealed a moment later.

mod encoding;
mod gather;
mod keys;
mod list;
mod seal;
mod verify;

use model::{AuditAccount, AuditActor, AuditClient, AuditEntry, AuditKind, UserId};
use serde_json::{Value, json};

use crate::{Actor, Client, Domain, LoginName};

pub(crate) use gather::Gathered;
pub(crate) use keys::AuditKeys;
pub use verify::{AuditFault, AuditReport, KeptSeal};

/// Who does something, and from where.
#[derive(Clone, Copy, Debug)]
pub(crate) enum By<'a> {
    /// A user.
    User(UserId, &'a Client),
    /// Somebody who was not recognised.
    Nobody(&'a Client),
    /// Whoever runs the program's commands.
    CommandLine,
    /// The server itself.
    Server,
}

impl<'a> By<'a> {
    pub(crate) const fn actor(actor: &Actor, client: &'a Client) -> Self {
        Self::User(actor.id, client)
    }
}

impl Domain {
    /// An entry that names no account and nothing else.
    pub(crate) fn entry(&self, kind: AuditKind, by: By<'_>) -> AuditEntry {
        let (actor, client) = match by {
            By::User(id, client) => (AuditActor::User(id), Some(client)),
            By::Nobody(client) => (AuditActor::Nobody, Some(client)),
            By::CommandLine => (AuditActor::CommandLine, None),
            By::Server => (AuditActor::Server, None),
        };
        AuditEntry {
            at: self.clock.now(),
            kind,
            actor,
            account: AuditAccount::None,
            subject: None,
            details: "{}".to_owned(),
            client: client.map(|client| AuditClient {
                address: client.address.network(),
                user_agent: client.shown_user_agent(),
            }),
        }
    }

    /// An entry about an account.
    pub(crate) fn entry_of(&self, kind: AuditKind, by: By<'_>, account: UserId) -> AuditEntry {
        AuditEntry {
            account: AuditAccount::Of(account),
            ..self.entry(kind, by)
        }
    }

    /// An entry about whoever has this name, or this address as their own. Of one that nobody has,
    /// a code is kept by which only attempts at the same one can be told to be that.
    pub(crate) fn entry_of_name(
        &self,
        kind: AuditKind,
        by: By<'_>,
        name: &LoginName,
        details: &Value,
    ) -> AuditEntry {
        let key = match name {
            LoginName::Username(name) => name.key(),
            LoginName::Email(email) => email.key(),
        };
        let mut with_code = details.clone();
        with_code["name_code"] = json!(self.audit_keys.code_of_name(key));
        let details_if_nobody = with_code.to_string();
        let key = key.to_owned();
        AuditEntry {
            account: match name {
                LoginName::Username(_) => AuditAccount::Named {
                    key,
                    details_if_nobody,
                },
                LoginName::Email(_) => AuditAccount::Mailed {
                    key,
                    details_if_nobody,
                },
            },
            details: details.to_string(),
            ..self.entry(kind, by)
        }
    }

    /// Adds an entry that tells of a refusal, which it must not change: if it cannot be written,
    /// the log of the server says so.
    pub(crate) async fn note(&self, entry: AuditEntry) {
        if let Err(error) = self.store.insert_audit_entries(&[entry]).await {
            let error = &error as &dyn std::error::Error;
            tracing::warn!(error, "an entry of the audit log could not be written");
        }
    }
}
