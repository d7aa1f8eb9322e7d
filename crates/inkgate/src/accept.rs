//! Connections: taken in, served with HTTP/1.1, and drained at the end.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use web::Site;

use crate::linger::lingering;

/// How long a client may take for the head of a request, and a connection may be idle.
const HEAD_TIMEOUT: Duration = Duration::from_secs(60);
/// The most bytes that the head of a request may have; more is 431.
const MAX_HEAD_BYTES: usize = 64 * 1024;
/// How long to wait when the system has no more file descriptors.
const OUT_OF_FILES: Duration = Duration::from_millis(100);

/// Serves until `stop`, then lets requests that are under way end, for at most `drain`.
pub(crate) async fn accept(
    listener: TcpListener,
    site: &Arc<Site>,
    stop: &CancellationToken,
    drain: Duration,
) {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .max_buf_size(MAX_HEAD_BYTES);
    let connections = GracefulShutdown::new();
    while let Some(accepted) = stop.run_until_cancelled(listener.accept()).await {
        match accepted {
            Ok((stream, peer)) => serve(&http, &connections, site, stream, peer),
            Err(error) => {
                tracing::warn!(%error, "a connection could not be taken");
                tokio::time::sleep(OUT_OF_FILES).await;
            }
        }
    }
    // Whoever comes now is refused and can go elsewhere, instead of waiting for nothing.
    drop(listener);
    if tokio::time::timeout(drain, connections.shutdown())
        .await
        .is_err()
    {
        tracing::warn!("some requests did not end in time");
    }
}

fn serve(
    http: &http1::Builder,
    connections: &GracefulShutdown,
    site: &Arc<Site>,
    stream: TcpStream,
    peer: SocketAddr,
) {
    // Small answers must not wait for more to come; if it cannot be set they do.
    drop(stream.set_nodelay(true));
    let site = Arc::clone(site);
    let service = service_fn(move |request: Request<Incoming>| {
        let site = Arc::clone(&site);
        async move {
            let response = site.respond(lingering(request), peer).await;
            Ok::<_, std::convert::Infallible>(response)
        }
    });
    let connection = http.serve_connection(TokioIo::new(stream), service);
    let connection = connections.watch(connection);
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            // Clients break off, time out and send nonsense; hyper has answered what it could.
            tracing::debug!(%error, "a connection ended early");
        }
    });
}
