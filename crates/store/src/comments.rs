//! Questions about comments. Triggers count the approved ones beside their post.

use model::{
    Author, Comment, CommentFilter, CommentId, CommentRevision, CommentStatus, Cursor, NewComment,
    NewIdempotencyKey, Page, PageLimit, PostId, Timestamp, UserId,
};

use crate::db::{Row, Statement, Value, params, statements};
use crate::idempotency_keys::remember_key;
use crate::{BATCH_ROWS, Change, Error, Result, Store};

/// A question for comments below posts that are there, with their authors; the rest follows.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT c.id, c.post_id, p.user_id, c.parent_id, c.content, c.html, c.status, c.created_at,
                c.updated_at, c.version, u.id, u.username, u.display_name, u.avatar_url
            FROM comments c JOIN posts p ON p.id = c.post_id AND p.deleted_at IS NULL
            JOIN users o ON o.id = p.user_id AND o.deleted_at IS NULL
            LEFT JOIN users u ON u.id = c.user_id AND u.deleted_at IS NULL WHERE ",
            $rest
        )
    };
}

/// What a write gives back: the columns of `select!`.
macro_rules! returning {
    ($write:literal) => {
        concat!(
            $write,
            " RETURNING id, post_id, (SELECT user_id FROM posts p WHERE p.id = comments.post_id), parent_id,
                content, html, status, created_at, updated_at, version,
                (SELECT id FROM users u WHERE u.id = comments.user_id AND u.deleted_at IS NULL),
                (SELECT username FROM users u WHERE u.id = comments.user_id AND u.deleted_at IS NULL),
                (SELECT display_name FROM users u WHERE u.id = comments.user_id AND u.deleted_at IS NULL),
                (SELECT avatar_url FROM users u WHERE u.id = comments.user_id AND u.deleted_at IS NULL)"
        )
    };
}

statements! {
    // Asked once more in the statement itself: the post may have gone meanwhile, or the comment that
    // this one answers.
    INSERT = (returning!("INSERT INTO comments
            (post_id, user_id, parent_id, status, created_at, updated_at, content, html)
        SELECT p.id, CAST($2 AS BIGINT), CAST($3 AS BIGINT), CAST($4 AS TEXT), CAST($5 AS BIGINT), $5,
            CAST($6 AS TEXT), CAST($7 AS TEXT)
        FROM posts p WHERE p.id = $1 AND p.deleted_at IS NULL AND p.comments_enabled
            AND EXISTS (SELECT 1 FROM users u WHERE u.id = $2 AND u.deleted_at IS NULL)
            AND ($3 IS NULL OR EXISTS (SELECT 1 FROM comments a WHERE a.id = $3 AND a.post_id = p.id
                AND a.parent_id IS NULL AND a.status = 'approved'))"));
    BY_ID = (select!("c.id = $1"));
    // Two short walks along an index each.
    OF_POST = (select!("c.id IN (
            SELECT id FROM (SELECT id FROM comments WHERE post_id = $1 AND status = 'approved'
                AND (created_at, id) > ($2, $3) ORDER BY created_at, id LIMIT $5) AS approved
            UNION SELECT id FROM (SELECT id FROM comments WHERE post_id = $1 AND status = 'pending'
                AND user_id = $4 AND (created_at, id) > ($2, $3) ORDER BY created_at, id LIMIT $5) AS own)
        ORDER BY c.created_at, c.id LIMIT $5"));
    OF_STATUS = (select!("c.status = $1 AND (c.created_at, c.id) > ($2, $3)
        ORDER BY c.created_at, c.id LIMIT $4"));
    // The posts of somebody are fewer than what waits below those of everybody.
    OF_POSTS_BY = (select!("c.id IN (SELECT w.id FROM posts q CROSS JOIN comments w
            WHERE q.user_id = $5 AND q.deleted_at IS NULL AND w.post_id = q.id AND w.status = $1
            AND (w.created_at, w.id) > ($2, $3) ORDER BY w.created_at, w.id LIMIT $4)
        ORDER BY c.created_at, c.id"));
    COUNT_OF_POST = "SELECT count(*) FROM comments WHERE post_id = $1
        AND (status = 'approved' OR (status = 'pending' AND user_id = $2))";
    COUNT = "SELECT count(*) FROM comments c JOIN posts p ON p.id = c.post_id AND p.deleted_at IS NULL
        JOIN users o ON o.id = p.user_id AND o.deleted_at IS NULL
        WHERE c.status = $1 AND (CAST($2 AS BIGINT) IS NULL OR p.user_id = $2)";
    HAS_APPROVED = "SELECT 1 FROM comments WHERE user_id = $1 AND status = 'approved' LIMIT 1";
    UPDATE = (returning!("UPDATE comments SET content = $2, html = $3, updated_at = $4, version = version + 1,
            status = CASE WHEN $5 AND status = 'approved' THEN 'pending' ELSE status END
        WHERE id = $1 AND version = coalesce($6, version)"));
    MODERATE = (returning!("UPDATE comments SET status = $2, version = version + 1
        WHERE id = $1 AND version = coalesce($3, version)"));
    DELETE = "DELETE FROM comments WHERE id = $1 AND version = coalesce($2, version)";
    // One's own, hidden ones and those below hidden posts too. PostgreSQL sends every row of the
    // limit: it must count the bytes (`BATCH_BYTES`) itself.
    EXPORTED = {
        sqlite: "SELECT c.id, c.post_id, 0, c.parent_id, c.content, c.html, c.status, c.created_at,
                c.updated_at, c.version, u.id, u.username, u.display_name, u.avatar_url
            FROM comments c JOIN users u ON u.id = c.user_id
            WHERE c.user_id = $1 AND c.id > $2 ORDER BY c.id LIMIT $3",
        postgres: "SELECT * FROM (
            SELECT c.id, c.post_id, 0::bigint, c.parent_id, c.content, c.html, c.status, c.created_at,
                c.updated_at, c.version, u.id AS author_id, u.username, u.display_name, u.avatar_url,
                sum(octet_length(c.content) + octet_length(c.html)) OVER
                    (ORDER BY c.id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS bytes_before
            FROM comments c JOIN users u ON u.id = c.user_id
            WHERE c.user_id = $1 AND c.id > $2 ORDER BY c.id LIMIT $3
        ) AS c WHERE coalesce(bytes_before, 0) < 524288 ORDER BY id"
    };
}

/// Stores a comment and returns it.
pub(crate) fn insert(new: &NewComment, now: Timestamp) -> Statement {
    let params = params![
        new.post_id,
        new.user_id,
        new.draft.parent_id,
        new.status.as_str(),
        now,
        new.draft.content.as_str(),
        new.html.as_str(),
    ];
    let insert = Statement::new(&INSERT, params.into());
    if new.status == CommentStatus::Approved {
        insert.changing(Change::Post(new.post_id))
    } else {
        insert
    }
}

impl Store {
    /// Stores a comment. Nothing when the post or its author is gone or takes no comments, or the
    /// comment that this one answers is none that can be answered.
    pub async fn insert_comment(
        &self,
        new: &NewComment,
        now: Timestamp,
        key: Option<&NewIdempotencyKey>,
    ) -> Result<Option<Comment>> {
        let mut list = vec![insert(new, now).expect_rows(1)];
        list.extend(remember_key(key, &Value::of(0, 0)));
        match self.db.atomic(list).await {
            Ok(outcomes) => {
                let first = outcomes.first().map(|outcome| outcome.row(comment));
                Ok(first.transpose()?.flatten())
            }
            // Gone, or gone since the statement began.
            Err(Error::ForeignKey | Error::RowCount { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The comment with this number.
    pub async fn comment(&self, id: CommentId) -> Result<Option<Comment>> {
        self.db.row(&BY_ID, &params![id], comment).await
    }

    /// A page of the comments below a post that `reader` sees, oldest first: those that are approved,
    /// and the reader's own that wait for that.
    pub async fn comments_of_post(
        &self,
        post: PostId,
        reader: Option<UserId>,
        after: &Cursor,
        limit: PageLimit,
    ) -> Result<Page<Comment>> {
        let params = params![post, &after.key, after.id, reader, limit.get() + 1];
        let rows = self.db.rows(&OF_POST, &params, comment).await?;
        Ok(Page::cut(rows, limit, place))
    }

    /// How many comments there are below a post that `reader` sees.
    pub async fn count_comments_of_post(
        &self,
        post: PostId,
        reader: Option<UserId>,
    ) -> Result<i64> {
        let params = params![post, reader].into();
        self.db.count_apart(&COUNT_OF_POST, params).await
    }

    /// How many comments `filter` lets through.
    pub async fn count_comments(&self, filter: &CommentFilter) -> Result<i64> {
        let params = params![filter.status.as_str(), filter.post_author].into();
        self.db.count_apart(&COUNT, params).await
    }

    /// A page of the comments that `filter` lets through, oldest first.
    pub async fn comments(
        &self,
        filter: &CommentFilter,
        after: &Cursor,
        limit: PageLimit,
    ) -> Result<Page<Comment>> {
        let status = filter.status.as_str();
        let mut params = params![status, &after.key, after.id, limit.get() + 1].to_vec();
        let sql = match filter.post_author {
            None => &OF_STATUS,
            Some(author) => {
                params.push(author.into());
                &OF_POSTS_BY
            }
        };
        let rows = self.db.rows(sql, &params, comment).await?;
        Ok(Page::cut(rows, limit, place))
    }

    /// Whether a comment of this user was ever approved, and still is.
    pub async fn has_approved_comment(&self, user: UserId) -> Result<bool> {
        let params = params![user];
        let found = self.db.row(&HAS_APPROVED, &params, |_| Ok(())).await?;
        Ok(found.is_some())
    }

    /// Changes what a comment says and gives what it is now. Nothing when there is no such comment,
    /// or its version is not `version`.
    pub async fn update_comment(
        &self,
        before: &Comment,
        revision: &CommentRevision,
        version: Option<i64>,
        now: Timestamp,
    ) -> Result<Option<Comment>> {
        let params = params![
            before.id,
            revision.content.as_str(),
            revision.html.as_str(),
            now,
            revision.moderated,
            version,
        ];
        let mut update = Statement::new(&UPDATE, params.into());
        if revision.moderated {
            update = update.changing(Change::Post(before.post_id));
        }
        self.db.write(update).await?.row(comment)
    }

    /// Decides who sees a comment, remembers the key that this was asked for with, and gives what the
    /// comment is now. Nothing when there is no such comment, or its version is not `version`.
    pub async fn moderate_comment(
        &self,
        before: &Comment,
        status: CommentStatus,
        version: Option<i64>,
        key: Option<&NewIdempotencyKey>,
    ) -> Result<Option<Comment>> {
        let params = params![before.id, status.as_str(), version];
        let moderate = Statement::new(&MODERATE, params.into()).expect_rows(1);
        let mut list = vec![moderate.changing(Change::Post(before.post_id))];
        list.extend(remember_key(key, &before.id.into()));
        match self.db.atomic(list).await {
            Err(Error::RowCount { .. }) => Ok(None),
            outcomes => outcomes?
                .first()
                .map_or(Ok(None), |first| first.row(comment)),
        }
    }

    /// Deletes a comment for good; what answered it stands by itself from now on. False when there is
    /// no such comment, or its version is not `version`.
    pub async fn delete_comment(&self, before: &Comment, version: Option<i64>) -> Result<bool> {
        let delete = Statement::new(&DELETE, params![before.id, version].into());
        let outcome = self
            .db
            .write(delete.changing(Change::Post(before.post_id)))
            .await?;
        Ok(outcome.changed == 1)
    }

    /// A user's comments after `after` by id, whoever sees them: at most a batch.
    pub async fn exported_comments(&self, user: UserId, after: CommentId) -> Result<Vec<Comment>> {
        let params = params![user, after, BATCH_ROWS];
        let bytes = |comment: &Comment| comment.content.len() + comment.html.len();
        self.db.batch(&EXPORTED, &params, comment, bytes).await
    }
}

fn place(comment: &Comment) -> Cursor {
    Cursor::of(comment.created_at.as_micros(), comment.id.0)
}

fn comment(row: &Row<'_>) -> Result<Comment> {
    let author = row.opt_int(10)?.map(|id| {
        Ok::<_, Error>(Author {
            id: UserId(id),
            username: row.text(11)?.to_owned(),
            display_name: row.opt_text(12)?.map(str::to_owned),
            avatar_url: row.opt_text(13)?.map(str::to_owned),
        })
    });
    Ok(Comment {
        id: CommentId(row.int(0)?),
        post_id: PostId(row.int(1)?),
        post_author: UserId(row.int(2)?),
        author: author.transpose()?,
        parent_id: row.opt_int(3)?.map(CommentId),
        content: row.text(4)?.to_owned(),
        html: row.text(5)?.to_owned(),
        status: row.word(6)?,
        created_at: row.time(7)?,
        updated_at: row.time(8)?,
        version: row.int(9)?,
    })
}
