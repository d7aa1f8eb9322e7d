//! What can go wrong between a question and its answer: few kinds, all technical.

/// Why a question was not answered.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A row with the same value exists: `users.name_key`.
    #[error("{0} is not unique")]
    Unique(String),
    /// A row that was referred to does not exist.
    #[error("a row that is referred to does not exist")]
    ForeignKey,
    /// A statement of an atomic list met another number of rows than it demanded.
    #[error("statement {statement} met {met} rows")]
    RowCount {
        /// Its place in the list.
        statement: usize,
        /// How many rows it met.
        met: u64,
    },
    /// Too many requests wait for the database.
    #[error("the queue of the database is full")]
    Overloaded,
    /// The database cannot be reached, or gave up in the middle.
    #[error("the database is not available")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The database was made by a newer program.
    #[error(
        "the database is at schema {found}, this program knows up to {known}: use a newer inkgate"
    )]
    Newer {
        /// The schema that was found.
        found: i64,
        /// The newest one known.
        known: i64,
    },
    /// The file was made by the Flask app.
    #[error(
        "this database was made by the Flask app: bring it in with `inkgate import flask FILE`"
    )]
    Flask,
    /// The database holds something else.
    #[error("this database holds tables that are not Inkgate's: {0}")]
    Foreign(String),
    /// The path can be no database; says why.
    #[error("{0}")]
    NoDatabase(String),
    /// Another server holds the file.
    #[error("another inkgate serves this database already")]
    Locked,
    /// A backup cannot be taken, or is none; says why and names the file.
    #[error("{0}")]
    Refused(String),
    /// Anything else: a mistake in a statement, a broken file.
    #[error("the database refused a statement")]
    Other(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// The answer to a question.
pub type Result<T> = std::result::Result<T, Error>;
