//! Log-in.

use axum::extract::State;
use axum::http::header::CACHE_CONTROL;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use domain::{Login, LoginName};
use serde::Serialize;
use utoipa::ToSchema;

use super::Failure;
use super::users::Credentials;
use super::wire::Json;
use crate::app::App;
use crate::body::AccountBody;
use crate::client::Sender;
use crate::error::Result;

/// What to send as `Authorization: Bearer <token>`.
#[derive(Serialize, ToSchema)]
pub(super) struct Token {
    /// A JWT that is good for 24 hours.
    #[schema(example = "eyJhbGciOiJIUzI1NiIs...")]
    token: String,
}

/// Logs in.
#[utoipa::path(post, path = "/api/v1/login", tag = "users", request_body = Credentials,
    responses((status = 200, body = Token), (status = 400, body = Failure),
        (status = 401, body = Failure), (status = 403, body = Failure),
        (status = 429, body = Failure), (status = 503, body = Failure)))]
pub(super) async fn login(
    State(app): State<App>,
    Sender(client): Sender,
    body: AccountBody,
) -> Result<Response> {
    let (username, password) = Credentials::read(body.fields()?)?;
    let login = Login {
        name: LoginName::Username(username),
        password,
        client,
    };
    let token = app.domain.login_v1(&login).await?;
    let mut response = Json(StatusCode::OK, Token { token }).into_response();
    response
        .headers_mut()
        .insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}
