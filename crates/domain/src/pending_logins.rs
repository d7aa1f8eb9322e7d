//! Log-ins in two steps: the password was right, and a code of the account's second factor is to
//! come.

use std::time::Duration;

use model::{
    AuthMethods, CodeOutcome, NewPendingLogin, PendingLogin, Secret, SessionKind, UserId, Username,
};

use crate::auth::{Client, LoginName, MfaToken, SecondFactorCode, token_refused};
use crate::second_factors::wrong_code;
use crate::{AuthFailure, Denial, Domain, Error, Result, TokenPair};

/// How long a log-in waits.
const WAIT: Duration = Duration::from_mins(5);
/// How many codes may be tried for it.
const ATTEMPTS: i64 = 10;

/// What a right password leads to.
#[derive(Debug)]
pub enum LoginOutcome {
    /// A session.
    Opened(Box<TokenPair>),
    /// A code is to come, with this token.
    SecondFactor(Secret<String>),
}

impl Domain {
    /// Lets a log-in wait for its code, for five minutes; gives the token that stands for it.
    pub(crate) async fn begin_pending_login(
        &self,
        (user_id, generation): (UserId, i64),
        kind: SessionKind,
    ) -> Result<Secret<String>> {
        let token = MfaToken::new(self.random()?);
        let new = NewPendingLogin {
            token_hash: token.hash(),
            user_id,
            kind,
            generation,
            expires_at: self.clock.now().after(WAIT),
        };
        match self.store.insert_pending_login(&new).await {
            // Deleted since the password was looked at.
            Err(store::Error::ForeignKey) => {
                Err(Error::Unauthenticated(AuthFailure::InvalidCredentials))
            }
            other => {
                other?;
                Ok(token.text())
            }
        }
    }

    /// Opens the session that a log-in waits for. A wrong code counts as a failed log-in, and after
    /// ten the log-in is over. One of a browser goes on only from a page of one's own.
    pub async fn finish_login(
        &self,
        token: &str,
        code: &SecondFactorCode,
        own_page: bool,
        client: &Client,
    ) -> Result<TokenPair> {
        let hash = MfaToken::parse(token).map(|token| token.hash());
        let pending = match &hash {
            Some(hash) => self.store.pending_login(hash, self.clock.now()).await?,
            None => None,
        };
        let Some((hash, pending)) = hash.zip(pending) else {
            self.count_failure_from(&client.address)?;
            return Err(over());
        };
        if pending.kind == SessionKind::Cookie && !own_page {
            return Err(Error::Forbidden(Denial::ForeignPage));
        }
        let name = Username::parse(&pending.username)
            .map(LoginName::Username)
            .map_err(|invalid| Error::from(invalid.of("username")))?;
        let who = (&name, client);
        let opening = self.try_code(&hash, &pending, code, who);
        self.guard_guess(who, "code", opening).await
    }

    async fn try_code(
        &self,
        hash: &[u8; 32],
        pending: &PendingLogin,
        code: &SecondFactorCode,
        (name, client): (&LoginName, &Client),
    ) -> Result<TokenPair> {
        let factor = &pending.factor;
        let attempt = self.totp_attempt(factor.user_id, code);
        let now = self.clock.now();
        let counted = self
            .store
            .count_login_code(hash, ATTEMPTS, attempt.as_ref(), now);
        match counted.await? {
            CodeOutcome::Done => {}
            CodeOutcome::LoginOver => return Err(over()),
            CodeOutcome::Refused => return Err(self.too_many_codes(factor, (name, client))),
        }
        let proof = self.prove(factor, code).ok_or_else(wrong_code)?;
        let account = (factor.user_id, factor.generation);
        let methods = AuthMethods::PasswordAndSecondFactor;
        let session = self.new_session(account, pending.kind, methods, client)?;
        let mut entries = vec![self.entry_of_log_in(&session, client)];
        entries.extend(self.entry_of_proof(factor.user_id, &proof, client));
        let finished = self.store.finish_login(hash, &proof, &session, &entries);
        match finished.await? {
            CodeOutcome::Done => self.pair_of_new(&session).await,
            CodeOutcome::LoginOver => Err(over()),
            CodeOutcome::Refused => Err(wrong_code()),
        }
    }
}

fn over() -> Error {
    token_refused("no log-in waits for it")
}
