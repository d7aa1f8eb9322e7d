//! Sessions of v2: opened by a log-in, refreshed in turns, ended one by one or all at once.

use std::time::Duration;

use model::{
    AuditEntry, AuditKind, AuthMethods, Cursor, KeptSession, NewSession, Page, PageLimit, Refresh,
    RefreshState, Secret, Session, SessionId, SessionKind, Timestamp, User, UserId,
};
use serde_json::json;

use crate::audit::By;
use crate::auth::{ACCESS_TOKEN_LIFE, Client, Login, RefreshToken, V2Claims, mint_v2};
use crate::{Actor, AuthFailure, Domain, Error, LoginOutcome, Noun, Result};

/// How long a session lives that nobody refreshes.
const IDLE: Duration = Duration::from_hours(24 * 30);
/// How long it lives at most.
const LONGEST: Duration = Duration::from_hours(24 * 90);
/// Within this time after a turn, its spent token still gives the new one: two tabs, or an answer
/// that was lost.
const GRACE: Duration = Duration::from_secs(10);

/// What a client gets for a password or a refresh token.
#[derive(Debug)]
pub struct TokenPair {
    /// Who keeps them: a program, or a browser in its cookies.
    pub kind: SessionKind,
    /// Sent with each request.
    pub access_token: Secret<String>,
    /// How long the access token is good.
    pub expires_in: Duration,
    /// Exchanged for the next pair, once.
    pub refresh_token: Secret<String>,
    /// How long the refresh token is good.
    pub refresh_expires_in: Duration,
    /// Whose they are.
    pub user: User,
}

/// One turn of a session, and whose it is.
struct Turn {
    kind: SessionKind,
    claims: V2Claims,
    counter: i64,
    nonce: Vec<u8>,
    expires_at: Timestamp,
}

impl Domain {
    /// Logs in: opens a session, or waits for the code of the account's second factor.
    pub async fn login_v2(&self, login: &Login, kind: SessionKind) -> Result<LoginOutcome> {
        let found = self.recognise(login).await?;
        let account = (found.id, found.generation);
        if found.totp_enabled {
            let token = self.begin_pending_login(account, kind).await?;
            return Ok(LoginOutcome::SecondFactor(token));
        }
        let new = self.new_session(account, kind, AuthMethods::Password, &login.client)?;
        self.insert_session(&new, &login.client).await?;
        Ok(LoginOutcome::Opened(self.pair_of_new(&new).await?.into()))
    }

    /// A session of an account that was recognised at this generation, not stored yet.
    pub(crate) fn new_session(
        &self,
        (user_id, generation): (UserId, i64),
        kind: SessionKind,
        methods: AuthMethods,
        client: &Client,
    ) -> Result<NewSession> {
        let now = self.clock.now();
        Ok(NewSession {
            id: SessionId::new(now, self.random()?),
            user_id,
            kind,
            generation,
            address: client.address.network(),
            user_agent: client.shown_user_agent(),
            methods,
            refresh_nonce: Some(self.random()?),
            created_at: now,
            expires_at: now.after(IDLE),
        })
    }

    /// The first pair of a session.
    pub(crate) async fn pair_of_new(&self, new: &NewSession) -> Result<TokenPair> {
        let turn = Turn {
            kind: new.kind,
            claims: V2Claims {
                user_id: new.user_id,
                session: new.id,
                generation: new.generation,
                authenticated_at: new.created_at,
                methods: new.methods,
            },
            counter: 0,
            nonce: new.refresh_nonce.iter().flatten().copied().collect(),
            expires_at: new.expires_at,
        };
        self.pair(&turn, new.created_at).await
    }

    /// Stores a session of somebody whose password was right a moment ago.
    pub(crate) async fn insert_session(&self, new: &NewSession, client: &Client) -> Result<()> {
        let entry = self.entry_of_log_in(new, client);
        match self.store.insert_session(new, &[entry]).await {
            // Deleted since the password was looked at.
            Err(store::Error::ForeignKey) => {
                Err(Error::Unauthenticated(AuthFailure::InvalidCredentials))
            }
            other => Ok(other?),
        }
    }

    /// Tells of a log-in, which names the session that it has opened.
    pub(crate) fn entry_of_log_in(&self, new: &NewSession, client: &Client) -> AuditEntry {
        let by = By::User(new.user_id, client);
        let entry = self.entry_of(AuditKind::LoggedIn, by, new.user_id);
        entry.about("session", &new.id).with(&json!({
            "session_kind": new.kind.as_str(),
            "methods": new.methods.as_str(),
        }))
    }

    /// Exchanges a refresh token for the next pair. The one just spent gives, for ten seconds, the
    /// same refresh token again; anything older or later ends the session, since somebody else
    /// must have it. A token of a browser is good in its cookie alone, and any other nowhere else
    /// than in a body: `kind` says where it stood.
    pub async fn refresh(
        &self,
        token: &str,
        kind: SessionKind,
        client: &Client,
    ) -> Result<TokenPair> {
        let token = RefreshToken::parse(token).ok_or_else(refused)?;
        // Once more when somebody takes the turn between the question and the answer.
        for _ in 0..2 {
            let now = self.clock.now();
            let state = self.store.refresh_state(token.session, now).await?;
            let state = state.ok_or_else(refused)?;
            if state.kind != kind || !self.refresh_keys.made(&token, &state.nonce) {
                return Err(refused());
            }
            let spent = state.counter - token.counter;
            let mut turn = turn(&token, &state, now);
            if spent == 0 {
                turn.counter += 1;
                if self.take_turn(&turn, now, client).await? {
                    return self.pair(&turn, now).await;
                }
            } else if spent == 1 && now.since(state.last_used_at) <= GRACE {
                turn.expires_at = ends_at(state.created_at, state.last_used_at);
                return self.pair(&turn, now).await;
            } else {
                self.end_reused_session(&token, &state, client).await?;
                return Err(refused());
            }
        }
        Err(refused())
    }

    async fn take_turn(&self, turn: &Turn, now: Timestamp, client: &Client) -> Result<bool> {
        let refresh = Refresh {
            id: turn.claims.session,
            counter: turn.counter - 1,
            now,
            expires_at: turn.expires_at,
            address: client.address.network(),
            user_agent: client.shown_user_agent(),
        };
        Ok(self.store.refresh_session(&refresh).await?)
    }

    async fn end_reused_session(
        &self,
        token: &RefreshToken,
        state: &RefreshState,
        client: &Client,
    ) -> Result<()> {
        let (session, user_id) = (token.session, state.user_id);
        tracing::warn!(%session, %user_id, "a spent refresh token came again: its session is ended");
        let entry = self.entry_of(AuditKind::RefreshReused, By::Nobody(client), user_id);
        let entry = entry.about("session", &session);
        self.store
            .end_session(session, user_id, entry.at, &[entry])
            .await?;
        Ok(())
    }

    async fn pair(&self, turn: &Turn, now: Timestamp) -> Result<TokenPair> {
        let ring = self.signing_keys.ring();
        let (issuer, claims) = (&self.settings.public_url, &turn.claims);
        let jti = SessionId::new(now, self.random()?).to_string();
        let access_token = mint_v2(&ring, issuer, claims, jti, now);
        // Another server has made it under a secret that this one does not have yet.
        let no_key = || Error::Unavailable(store::Error::Other("no key that opens signs".into()));
        let refresh_token = self
            .refresh_keys
            .make(claims.session, turn.counter, &turn.nonce);
        Ok(TokenPair {
            kind: turn.kind,
            access_token: Secret::new(access_token.ok_or_else(no_key)?),
            expires_in: ACCESS_TOKEN_LIFE,
            refresh_token,
            refresh_expires_in: turn.expires_at.since(now),
            user: self.user(claims.user_id).await?,
        })
    }

    /// The pair of a session that outlived a change.
    pub(crate) async fn pair_of_kept(&self, kept: &KeptSession) -> Result<TokenPair> {
        let turn = Turn {
            kind: kept.kind,
            claims: V2Claims {
                user_id: kept.user_id,
                session: kept.id,
                generation: kept.generation,
                // Asked for the password just now.
                authenticated_at: kept.now,
                methods: kept.methods,
            },
            counter: 0,
            nonce: kept.refresh_nonce.to_vec(),
            expires_at: kept.expires_at,
        };
        self.pair(&turn, kept.now).await
    }

    /// A page of the caller's sessions, newest first.
    pub async fn newest_sessions(
        &self,
        actor: &Actor,
        before: &Cursor,
        limit: PageLimit,
    ) -> Result<Page<Session>> {
        let now = self.clock.now();
        let page = self.store.newest_sessions(actor.id, before, limit, now);
        Ok(page.await?)
    }

    /// Ends one of the caller's sessions.
    pub async fn end_session(&self, actor: &Actor, id: SessionId, client: &Client) -> Result<()> {
        let by = By::actor(actor, client);
        let entry = self.entry_of(AuditKind::SessionEnded, by, actor.id);
        let entry = entry.about("session", &id);
        let entries = [entry];
        let ended = self
            .store
            .end_session(id, actor.id, entries[0].at, &entries);
        if ended.await? {
            Ok(())
        } else {
            Err(Error::NotFound(Noun::Session))
        }
    }

    /// Ends the session of a browser whose access token is over, by its refresh token.
    pub async fn end_session_of_cookie(&self, token: &str, client: &Client) -> Result<()> {
        let token = RefreshToken::parse(token).ok_or_else(refused)?;
        let now = self.clock.now();
        let state = self.store.refresh_state(token.session, now).await?;
        let genuine = |state: &RefreshState| {
            state.kind == SessionKind::Cookie && self.refresh_keys.made(&token, &state.nonce)
        };
        let state = state.filter(genuine).ok_or_else(refused)?;
        let (by, user) = (By::User(state.user_id, client), state.user_id);
        let entry = self.entry_of(AuditKind::SessionEnded, by, user);
        let entry = entry.about("session", &token.session);
        self.store
            .end_session(token.session, user, now, &[entry])
            .await?;
        Ok(())
    }

    /// Ends every session of the caller, and revokes every token that was ever given out.
    pub async fn end_all_sessions(&self, actor: &Actor, client: &Client) -> Result<()> {
        let by = By::actor(actor, client);
        let entry = self.entry_of(AuditKind::SessionsEnded, by, actor.id);
        self.store
            .end_all_sessions(actor.id, entry.at, &[entry])
            .await?;
        Ok(())
    }
}

/// What a token gets that comes now: its session's current turn.
fn turn(token: &RefreshToken, state: &RefreshState, now: Timestamp) -> Turn {
    Turn {
        kind: state.kind,
        claims: V2Claims {
            user_id: state.user_id,
            session: token.session,
            generation: state.generation,
            authenticated_at: state.created_at,
            methods: state.methods,
        },
        counter: state.counter,
        nonce: state.nonce.clone(),
        expires_at: ends_at(state.created_at, now),
    }
}

/// When a session ends by itself that is used at `now`.
pub(crate) fn ends_at(created_at: Timestamp, now: Timestamp) -> Timestamp {
    now.after(IDLE).min(created_at.after(LONGEST))
}

fn refused() -> Error {
    Error::Unauthenticated(AuthFailure::InvalidRefreshToken)
}
