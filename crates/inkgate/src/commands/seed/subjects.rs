//! What posts are about.

/// A subject, with what a post about it is filed under; the most written about stand first.
pub(super) struct Subject {
    pub(super) name: &'static str,
    pub(super) category: &'static str,
    pub(super) tags: &'static [&'static str],
    pub(super) code: Code,
}

/// What an example about a subject is written in.
#[derive(Clone, Copy)]
pub(super) enum Code {
    Rust,
    Sql,
    Shell,
    Python,
    JavaScript,
    Toml,
    None,
}

macro_rules! subjects {
    ($($name:literal in $category:literal: $($tag:literal),* => $code:ident;)*) => {
        pub(super) const SUBJECTS: &[Subject] = &[$(Subject {
            name: $name,
            category: $category,
            tags: &[$($tag),*],
            code: Code::$code,
        }),*];
    };
}

subjects! {
    "Rust" in "programming": "rust", "systems" => Rust;
    "SQLite" in "databases": "sqlite", "sql", "storage" => Sql;
    "PostgreSQL" in "databases": "postgresql", "sql" => Sql;
    "axum" in "programming": "rust", "axum", "web" => Rust;
    "Python" in "programming": "python" => Python;
    "backups" in "operations": "backups", "reliability" => Shell;
    "TypeScript" in "programming": "typescript", "web" => JavaScript;
    "Linux" in "operations": "linux", "systems" => Shell;
    "full-text search" in "databases": "search", "sql" => Sql;
    "caching" in "performance": "caching", "performance" => Rust;
    "benchmarks" in "performance": "benchmarks", "performance" => Shell;
    "REST APIs" in "design": "api", "http", "web" => Shell;
    "passwords" in "security": "security", "passwords" => Rust;
    "OAuth" in "security": "security", "tokens" => JavaScript;
    "JSON Web Tokens" in "security": "security", "tokens", "jwt" => Python;
    "Docker" in "operations": "containers", "linux" => Shell;
    "systemd" in "operations": "linux", "systemd" => Toml;
    "code review" in "teams": "review", "teams" => None;
    "on-call" in "teams": "on-call", "reliability" => None;
    "Markdown" in "writing": "markdown", "writing" => None;
    "technical writing" in "writing": "writing", "documentation" => None;
    "Unicode" in "programming": "unicode", "text" => Rust;
    "time zones" in "programming": "time", "text" => Python;
    "pagination" in "design": "api", "paging", "sql" => Sql;
    "HTTP caching" in "performance": "http", "caching", "etag" => Shell;
    "migrations" in "databases": "migrations", "sql" => Sql;
    "feature flags" in "teams": "releases", "teams" => JavaScript;
    "property tests" in "testing": "testing", "proptest", "rust" => Rust;
    "fuzzing" in "testing": "testing", "fuzzing", "security" => Rust;
    "flaky tests" in "testing": "testing", "ci" => Shell;
    "continuous integration" in "testing": "ci", "releases" => Shell;
    "logging" in "operations": "logging", "observability" => Rust;
    "metrics" in "operations": "metrics", "observability" => Rust;
    "async Rust" in "programming": "rust", "async" => Rust;
    "error messages" in "design": "errors", "writing" => Rust;
    "accessibility" in "design": "accessibility", "web" => JavaScript;
    "CSS grids" in "design": "css", "web" => None;
    "home servers" in "home": "self-hosting", "linux" => Shell;
    "mechanical keyboards" in "home": "keyboards", "hardware" => None;
    "bread" in "home": "cooking", "weekend" => None;
    "bicycles" in "home": "bicycles", "weekend" => None;
    "travel by train" in "home": "travel", "trains" => None;
}

/// The series that some posts are a part of.
pub(super) const SERIES: &[&str] = &[
    "A blog from nothing",
    "Databases by accident",
    "Notes from the night shift",
    "Small tools",
    "Things that were measured",
    "从零开始写后端",
    "Rust、はじめの一歩",
];
