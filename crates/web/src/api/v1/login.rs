//! Log-in.

use axum::Extension;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, USER_AGENT};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use domain::{ClientAddress, Login};
use serde::Serialize;
use utoipa::ToSchema;

use super::Failure;
use super::users::Credentials;
use super::wire::Json;
use crate::app::App;
use crate::body::AccountBody;
use crate::error::Result;

/// What to send as `Authorization: Bearer <token>`.
#[derive(Serialize, ToSchema)]
pub(super) struct Token {
    /// A JWT that is good for 24 hours.
    token: String,
}

/// Logs in.
#[utoipa::path(post, path = "/api/v1/login", tag = "users", request_body = Credentials,
    responses((status = 200, body = Token), (status = 400, body = Failure),
        (status = 401, body = Failure), (status = 403, body = Failure),
        (status = 429, body = Failure), (status = 503, body = Failure)))]
pub(super) async fn login(
    State(app): State<App>,
    Extension(address): Extension<ClientAddress>,
    headers: HeaderMap,
    body: AccountBody,
) -> Result<Response> {
    let (username, password) = Credentials::read(body.fields()?)?;
    let user_agent = headers
        .get(USER_AGENT)
        .and_then(|value| value.to_str().ok());
    let user_agent = user_agent.unwrap_or_default().to_owned();
    let login = Login {
        username,
        password,
        address,
        user_agent,
    };
    let token = app.domain.login_v1(&login).await?;
    let mut response = Json(StatusCode::OK, Token { token }).into_response();
    response
        .headers_mut()
        .insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}
