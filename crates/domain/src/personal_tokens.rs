//! Personal access tokens: made, listed, taken away, and recognised.

use std::time::Duration;

use model::{
    AuditKind, Cursor, Invalid, NewPersonalToken, Page, PageLimit, PersonalToken, PersonalTokenId,
    Scope, Scopes, Secret, Timestamp, TokenName,
};

use crate::audit::By;
use crate::auth::{Client, ClientAddress, PersonalTokenText, actor_of, token_refused};
use crate::{Actor, Caller, Credential, Domain, Error, Noun, Result};

/// How long a token lives if nobody says.
const LIFE: Duration = Duration::from_hours(24 * 90);
/// How long it lives at most.
const LONGEST: Duration = Duration::from_hours(24 * 365);
/// How many that are alive a user may have.
const MOST: i64 = 100;
/// How exactly the last use is remembered: each time costs a write.
const USES_APART: Duration = Duration::from_mins(1);

/// A token as it was asked for.
#[derive(Debug)]
pub struct WantedToken {
    /// What it is for, in the user's words.
    pub name: TokenName,
    /// What it may do.
    pub scopes: Scopes,
    /// When it ends by itself; 90 days ahead if nobody says.
    pub expires_at: Option<Timestamp>,
}

impl Domain {
    /// Makes a token, and gives what only its owner may see, once.
    pub async fn create_personal_token(
        &self,
        actor: &Actor,
        wanted: WantedToken,
        client: &Client,
    ) -> Result<(PersonalToken, Secret<String>)> {
        let WantedToken {
            name,
            scopes,
            expires_at,
        } = wanted;
        let now = self.clock.now();
        refuse_beyond_role(actor, scopes)?;
        let expires_at = expires_at.unwrap_or_else(|| now.after(LIFE));
        if expires_at <= now || expires_at > now.after(LONGEST) {
            let must = "must be ahead, and at most 365 days";
            return Err(Invalid::new(must).of("expires_at").into());
        }
        let id = PersonalTokenId::new(now, self.random()?);
        let text = PersonalTokenText::new(id, self.random()?);
        let new = NewPersonalToken {
            id,
            user_id: actor.id,
            name,
            scopes,
            hash: text.hash(),
            created_at: now,
            expires_at,
        };
        let by = By::actor(actor, client);
        let entry = self.entry_of(AuditKind::PersonalTokenCreated, by, actor.id);
        let entries = [entry.about("personal_token", &id)];
        let inserted = self.store.insert_personal_token(&new, MOST, &entries);
        if !inserted.await? {
            return Err(Error::TooManyPersonalTokens);
        }
        let made = PersonalToken {
            id,
            name: new.name.into_string(),
            scopes,
            created_at: now,
            expires_at,
            last_used_at: None,
        };
        Ok((made, text.text()))
    }

    /// A page of the caller's tokens that are alive, newest first.
    pub async fn newest_personal_tokens(
        &self,
        actor: &Actor,
        before: &Cursor,
        limit: PageLimit,
    ) -> Result<Page<PersonalToken>> {
        let now = self.clock.now();
        let page = self
            .store
            .newest_personal_tokens(actor.id, before, limit, now);
        Ok(page.await?)
    }

    /// Takes one of the caller's tokens away.
    pub async fn delete_personal_token(
        &self,
        actor: &Actor,
        id: PersonalTokenId,
        client: &Client,
    ) -> Result<()> {
        let by = By::actor(actor, client);
        let entry = self.entry_of(AuditKind::PersonalTokenDeleted, by, actor.id);
        let entries = [entry.about("personal_token", &id)];
        let deleted = self.store.delete_personal_token(id, actor.id, &entries);
        if deleted.await? {
            Ok(())
        } else {
            Err(Error::NotFound(Noun::PersonalToken))
        }
    }

    /// Recognises the caller by a personal access token. What is well formed and not genuine counts
    /// as a failed log-in from that address: somebody guesses. One that is genuine is taken however
    /// much has failed, so that nobody can shut others out who come from the same address.
    pub(crate) async fn authenticate_personal(
        &self,
        token: &str,
        address: &ClientAddress,
    ) -> Result<Caller> {
        let token = PersonalTokenText::parse(token);
        let token = token.ok_or_else(|| token_refused("no personal token"))?;
        let now = self.clock.now();
        let state = self.store.personal_token_state(token.id, now).await?;
        let Some(state) = state.filter(|state| token.is_genuine(&state.hash)) else {
            self.count_failure_from(address)?;
            return Err(token_refused("the personal token is over, or never was"));
        };
        let used_before = now.before(USES_APART);
        if state.last_used_at.is_none_or(|used| used <= used_before) {
            let touched = self.store.touch_personal_token(token.id, now, used_before);
            // Only a date for people to look at: no reason to refuse what was asked.
            if let Err(error) = touched.await {
                tracing::warn!(%error, token = %token.id, "the last use of a personal token is not remembered");
            }
        }
        let actor = actor_of(state.account)?;
        // The role may have been a higher one when the token was made.
        let credential = Credential::Personal(state.scopes.within(actor.role));
        Ok(Caller { actor, credential })
    }
}

fn refuse_beyond_role(actor: &Actor, scopes: Scopes) -> Result<()> {
    let beyond: Vec<_> = scopes
        .iter()
        .filter(|scope| actor.role < scope.least_role())
        .map(Scope::as_str)
        .collect();
    if beyond.is_empty() {
        return Ok(());
    }
    let must = format!("must not go beyond your role: {}", beyond.join(", "));
    Err(Invalid::new(must).of("scopes").into())
}
