//! What public posts are filed under, with how many there are of each.

use model::{Facet, Timestamp};

use crate::db::{params, statements};
use crate::{Result, Store};

/// What stands between a deleted user and the lists until the posts are gone. `$order` is what names
/// are sorted by: their bytes, whatever the language of the database.
macro_rules! count {
    ($name:literal, $table:literal, $key:literal, $order:literal) => {
        concat!(
            "SELECT ",
            $name,
            ", count(*) FROM ",
            $table,
            " WHERE ",
            $key,
            " IS NOT NULL
                AND listed_at <= $1
                AND user_id NOT IN (SELECT id FROM users WHERE deleted_at IS NOT NULL)
            GROUP BY ",
            $key,
            " ORDER BY 2 DESC, ",
            $order
        )
    };
}

statements! {
    CATEGORIES = {
        sqlite: count!("category", "posts", "category", "1"),
        postgres: count!("category", "posts", "category", "category COLLATE \"C\"")
    };
    TAGS = (count!("min(name)", "post_tags", "tag", "1"));
    SERIES = {
        sqlite: count!("series", "posts", "series", "1"),
        postgres: count!("series", "posts", "series", "series COLLATE \"C\"")
    };
}

/// What a post may be filed under.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FacetKind {
    /// One of each.
    Category,
    /// Any number; spelled as the first in order of those that are the same when folded.
    Tag,
    /// One or none.
    Series,
}

impl Store {
    /// Every name that a public post is filed under, the most used first.
    pub async fn facets(&self, kind: FacetKind, now: Timestamp) -> Result<Vec<Facet>> {
        let sql = match kind {
            FacetKind::Category => &CATEGORIES,
            FacetKind::Tag => &TAGS,
            FacetKind::Series => &SERIES,
        };
        let facet = |row: &crate::db::Row<'_>| {
            Ok(Facet {
                name: row.text(0)?.to_owned(),
                posts: row.int(1)?,
            })
        };
        self.db.rows_apart(sql, params![now].into(), facet).await
    }
}
