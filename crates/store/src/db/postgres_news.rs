//! News between nodes on one PostgreSQL: `LISTEN` and `NOTIFY`, which say only that there is
//! something to look at. What it is, the table of events tells.

use std::time::Duration;

use futures_util::{StreamExt, stream};
use tokio::sync::Notify;
use tokio_postgres::tls::MakeTlsConnect;
use tokio_postgres::{AsyncMessage, NoTls, Socket};

use super::postgres::Postgres;
use super::postgres_tls::connector;
use crate::url::PostgresUrl;
use crate::{Error, Result};

/// How long changes of content are gathered: each `NOTIFY` takes a lock of the whole database.
const GATHER: Duration = Duration::from_millis(20);
/// How long after a failure to listen again.
const AGAIN: Duration = Duration::from_millis(500);

/// What is heard, and what is to be told.
#[derive(Debug, Default)]
pub(super) struct News {
    /// Another node has changed something.
    pub(super) heard: Notify,
    /// This node has changed content, of which no trigger notifies.
    pub(super) to_tell: Notify,
}

impl Postgres {
    /// Listens and tells; never ends.
    pub(crate) async fn stay_in_touch(&self) {
        tokio::join!(self.listen(), self.tell());
    }

    /// Waits until another node says that there is something to look at.
    pub(crate) async fn news(&self) {
        self.news.heard.notified().await;
    }

    async fn listen(&self) {
        loop {
            let ended = if self.url.tls {
                match connector(&self.url) {
                    Ok(tls) => self.listen_over(tls).await,
                    Err(error) => Err(error),
                }
            } else {
                self.listen_over(NoTls).await
            };
            if let Err(error) = ended {
                let error = &error as &dyn std::error::Error;
                tracing::debug!(error, "listening to other nodes broke off");
            }
            tokio::time::sleep(AGAIN).await;
        }
    }

    /// Listens on a connection of its own until that breaks off.
    async fn listen_over<T: MakeTlsConnect<Socket>>(&self, tls: T) -> Result<()>
    where
        T::Stream: Send,
    {
        let (client, mut connection) = config(&self.url).connect(tls).await.map_err(unavailable)?;
        let hearing = async {
            let mut messages = stream::poll_fn(|context| connection.poll_message(context));
            while let Some(message) = messages.next().await {
                if let AsyncMessage::Notification(_) = message? {
                    self.news.heard.notify_one();
                }
            }
            Ok(())
        };
        let listening = async {
            client.batch_execute("LISTEN inkgate").await?;
            // Somebody may have told something before.
            self.news.heard.notify_one();
            std::future::pending().await
        };
        tokio::select! {
            ended = hearing => ended,
            failed = listening => failed,
        }
        .map_err(unavailable)
    }

    async fn tell(&self) {
        loop {
            self.news.to_tell.notified().await;
            tokio::time::sleep(GATHER).await;
            // Nodes look twice a second in any case.
            if let Ok(reader) = self.reader().await
                && let Err(error) = reader.batch_execute("NOTIFY inkgate").await
            {
                tracing::debug!(%error, "other nodes were not told");
            }
        }
    }
}

fn config(url: &PostgresUrl) -> tokio_postgres::Config {
    let mut config = url.config.clone();
    config
        .application_name("inkgate listens")
        .connect_timeout(super::postgres::CONNECT_TIMEOUT);
    config
}

fn unavailable(error: tokio_postgres::Error) -> Error {
    Error::Unavailable(error.into())
}
