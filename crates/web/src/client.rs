//! Who sends a request.

use axum::extract::FromRequestParts;
use axum::http::header::USER_AGENT;
use axum::http::request::Parts;
use domain::{Client, ClientAddress};

use crate::app::App;
use crate::error::{Error, Result};

/// Who sends the request, as far as that can be seen.
pub(crate) struct Sender(pub(crate) Client);

impl FromRequestParts<App> for Sender {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self> {
        // Every request passes the layer that finds the address.
        let address = parts.extensions.get::<ClientAddress>().copied();
        let user_agent = parts.headers.get(USER_AGENT);
        let user_agent = user_agent.and_then(|value| value.to_str().ok());
        Ok(Self(Client {
            address: address.ok_or(Error::Panic)?,
            user_agent: user_agent.unwrap_or_default().to_owned(),
        }))
    }
}
