//! What Inkgate is compared with: a handler that has its bytes ready, and one that commits for
//! each request.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Result;
use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use bytes::Bytes;
use rusqlite::Connection;
use tokio::net::TcpListener;

/// Serves two bodies from memory.
pub(crate) async fn serve(port: u16, post: &Path, page: &Path) -> Result<()> {
    let (post, page) = (Bytes::from(fs::read(post)?), Bytes::from(fs::read(page)?));
    let router = Router::new()
        .route(
            "/api/v1/posts/{id}",
            get(async move || answer(post.clone())),
        )
        .route("/api/v2/posts", get(async move || answer(page.clone())));
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    axum::serve(listener, router).await?;
    Ok(())
}

/// Serves files from memory, under their numbers.
pub(crate) async fn serve_files(port: u16, files: &[PathBuf]) -> Result<()> {
    let mut router = Router::new();
    for (number, file) in files.iter().enumerate() {
        let bytes = Bytes::from(fs::read(file)?);
        let handler = get(async move || answer(bytes.clone()));
        router = router.route(&format!("/{number}"), handler);
    }
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    axum::serve(listener, router).await?;
    Ok(())
}

fn answer(bytes: Bytes) -> Response {
    ([(CONTENT_TYPE, "application/json")], Body::from(bytes)).into_response()
}

/// Inserts under a lock and commits each time, as durably as Inkgate does.
pub(crate) async fn serve_baseline(port: u16, file: &Path) -> Result<()> {
    let connection = Connection::open(file)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection
        .execute_batch("CREATE TABLE posts (id INTEGER PRIMARY KEY, content TEXT NOT NULL)")?;
    let connection = Arc::new(Mutex::new(connection));
    let router = Router::new()
        .route("/api/v1/posts", post(insert))
        .with_state(connection);
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    axum::serve(listener, router).await?;
    Ok(())
}

async fn insert(State(connection): State<Arc<Mutex<Connection>>>, body: String) -> StatusCode {
    let connection = connection.lock().unwrap_or_else(PoisonError::into_inner);
    match connection.execute("INSERT INTO posts (content) VALUES (?1)", [body]) {
        Ok(_) => StatusCode::CREATED,
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR,
    }
}
