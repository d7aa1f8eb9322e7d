//! Inkgate's questions to its database: one function is one question, with its SQL beside it.
//!
//! Which database answers is known in `db` alone. No rules live here ("may she?"), no HTTP.

mod audit;
mod backup;
mod comments;
mod db;
mod epochs;
mod error;
mod export;
mod flask;
mod follow;
mod follows;
mod idempotency_keys;
mod import;
mod jobs;
mod marks;
mod one_time_tokens;
mod pending_logins;
mod personal_tokens;
mod post_completion;
mod post_drafts;
mod post_facets;
mod post_lists;
mod post_revisions;
mod post_trash;
mod post_writes;
mod posts;
mod preview_links;
mod purge;
mod second_factors;
mod seeding;
mod serve_lock;
mod sessions;
mod signing_keys;
mod todos;
mod url;
mod users;

pub use backup::{TableDigest, back_up, restore, verify};
pub use db::Synchronous;
pub use epochs::{Change, Epoch, Epochs};
pub use error::{Error, Result};
pub use flask::{FlaskFile, FlaskRow, FlaskTable};
pub use follow::Position;
pub use import::Imported;
pub use marks::PostReader;
pub use post_facets::FacetKind;
pub use serve_lock::ServeLock;
pub use url::{DatabaseUrl, PostgresUrl};

use std::sync::Arc;

use db::{Db, Sql, statements};

statements! {
    PING = "SELECT 1";
}

/// The most rows that a batch of a complete list holds.
pub const BATCH_ROWS: u32 = 500;
/// A batch ends early when it holds this many bytes of text, so that memory stays flat.
pub const BATCH_BYTES: usize = 512 * 1024;

/// The database, of either kind.
#[derive(Debug)]
pub struct Store {
    db: Db,
    epochs: Arc<Epochs>,
}

impl Store {
    /// Opens the database at `url` and brings its schema up to date.
    pub async fn open(url: &DatabaseUrl, synchronous: Synchronous) -> Result<Self> {
        let epochs = Arc::<Epochs>::default();
        let db = Db::open(url, synchronous, Arc::clone(&epochs)).await?;
        Ok(Self { db, epochs })
    }

    /// Asks the database for a sign of life.
    pub async fn ping(&self) -> Result<()> {
        self.db.row(&PING, &[], |_| Ok(())).await.map(drop)
    }

    /// How often what may be kept in memory was changed.
    pub fn epochs(&self) -> &Epochs {
        &self.epochs
    }

    /// Prepares every statement of this crate: without SQL checked at compile time, a test does.
    pub async fn prepare_all(&self) -> Result<usize> {
        let files: &[&[&Sql]] = &[
            ALL,
            export::ALL,
            follow::ALL,
            users::ALL,
            sessions::ALL,
            signing_keys::ALL,
            personal_tokens::ALL,
            second_factors::ALL,
            pending_logins::ALL,
            posts::ALL,
            post_completion::ALL,
            post_drafts::ALL,
            post_facets::ALL,
            post_lists::ALL,
            post_revisions::ALL,
            post_trash::ALL,
            preview_links::ALL,
            post_writes::ALL,
            todos::ALL,
            comments::ALL,
            marks::ALL,
            follows::ALL,
            purge::ALL,
            seeding::ALL,
            audit::ALL,
            idempotency_keys::ALL,
            jobs::ALL,
            one_time_tokens::ALL,
        ];
        let statements = files
            .concat()
            .into_iter()
            .chain(import::ALL.iter().copied());
        let mut prepared = self.prepare_post_lists().await?;
        for sql in statements {
            self.db
                .prepare(sql)
                .await
                .inspect_err(|_| tracing::error!(?sql, "not prepared"))?;
            prepared += 1;
        }
        Ok(prepared)
    }

    /// Commits what was handed in and lets go of the database.
    pub fn close(&self) {
        self.db.close();
    }
}
