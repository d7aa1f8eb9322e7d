//! Bytes on a socket: what no HTTP client would send.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::TestApp;

/// What came back before the connection was closed; empty if nothing did.
#[derive(Debug)]
pub(crate) struct Reply(pub(crate) Vec<u8>);

/// Sends `bytes`; gives all that comes back until the server closes. The last request must
/// therefore say `Connection: close`, or be one that the server breaks off.
pub(crate) async fn talk(app: &TestApp, bytes: impl AsRef<[u8]>) -> Reply {
    exchange(app.address, bytes.as_ref(), false).await
}

/// The same, to whoever listens there.
pub(crate) async fn talk_to(address: SocketAddr, bytes: impl AsRef<[u8]>) -> Reply {
    exchange(address, bytes.as_ref(), false).await
}

/// Sends `bytes` and goes; gives what comes back all the same.
pub(crate) async fn hang_up(app: &TestApp, bytes: impl AsRef<[u8]>) -> Reply {
    exchange(app.address, bytes.as_ref(), true).await
}

async fn exchange(address: SocketAddr, bytes: &[u8], leave: bool) -> Reply {
    let (mut reading, mut writing) = TcpStream::connect(address).await.unwrap().into_split();
    let sending = async {
        // A server that has heard enough closes before all is sent.
        drop(writing.write_all(bytes).await);
        if leave {
            drop(writing.shutdown().await);
        }
        writing
    };
    let receiving = async {
        let mut received = Vec::new();
        let mut part = [0; 4096];
        // A reset is an end like any other.
        while let Ok(length @ 1..) = reading.read(&mut part).await {
            received.extend_from_slice(&part[..length]);
        }
        received
    };
    let (_writing, received) = tokio::join!(sending, receiving);
    Reply(received)
}

impl Reply {
    /// All of it.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.0).into_owned()
    }

    /// The status of each answer, in order.
    pub(crate) fn statuses(&self) -> Vec<u16> {
        let text = self.text();
        let answers = text.split("HTTP/1.").skip(1);
        answers
            .map(|answer| answer[2..5].parse().unwrap())
            .collect()
    }

    /// The status of the first answer; 0 if the connection was closed without one.
    pub(crate) fn status(&self) -> u16 {
        self.statuses().first().copied().unwrap_or_default()
    }

    /// The head of the first answer.
    pub(crate) fn head(&self) -> String {
        let text = self.text();
        text.split("\r\n\r\n").next().unwrap_or_default().to_owned()
    }
}
