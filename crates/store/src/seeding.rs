//! Many rows in one list, in order, so that their numbers follow one another: for `inkgate seed`.
//! The statements are those of the rows written one at a time.

use model::{
    CommentId, NewComment, NewTodo, NewUser, PostId, PostWrite, ProfilePatch, Timestamp, TodoKeys,
    UserId,
};

use crate::db::{Db, Outcome, Statement, Value, statements};
use crate::{Error, Result, Store, comments, post_writes, todos, users};

statements! {
    HAS_POSTS = "SELECT 1 FROM posts LIMIT 1";
    ANALYZE = "ANALYZE";
}

impl Store {
    /// Whether there is any post, in whatever state, in the trash too.
    pub async fn has_posts(&self) -> Result<bool> {
        let found = self.db.row(&HAS_POSTS, &[], |_| Ok(())).await?;
        Ok(found.is_some())
    }

    /// Lets PostgreSQL look at what was written, when that was much at once: until it has, it plans as
    /// for tables that are empty. SQLite plans by its indexes alone.
    pub async fn analyze(&self) -> Result<()> {
        match &self.db {
            Db::Sqlite(_) => Ok(()),
            Db::Postgres(_) => {
                let analyze = Statement::new(&ANALYZE, Vec::new());
                self.db.write(analyze).await.map(drop)
            }
        }
    }

    /// Stores users with their profiles, and gives their numbers.
    ///
    /// # Errors
    /// [`Error::Unique`] when the name of one, or one that looks like it, is taken; then none is
    /// stored.
    pub async fn insert_users(&self, users: &[(NewUser, ProfilePatch)]) -> Result<Vec<UserId>> {
        let mut list = Vec::with_capacity(2 * users.len());
        let mut places = Vec::with_capacity(users.len());
        for (new, profile) in users {
            let place = list.len();
            places.push(place);
            list.push(users::insert(new));
            list.push(users::update_profile(Value::of(place, 0), profile));
        }
        let numbers = self.numbers(list, &places).await?;
        Ok(numbers.into_iter().map(UserId).collect())
    }

    /// Stores posts of these authors with all that belongs to them, and gives their numbers.
    ///
    /// # Errors
    /// As of one post; then none is stored.
    pub async fn insert_posts(&self, posts: &[(UserId, PostWrite)]) -> Result<Vec<PostId>> {
        let mut list = Vec::new();
        let mut places = Vec::with_capacity(posts.len());
        for (author, write) in posts {
            places.push(list.len());
            list.extend(post_writes::insert(list.len(), *author, write));
        }
        let numbers = self.numbers(list, &places).await?;
        Ok(numbers.into_iter().map(PostId).collect())
    }

    /// Stores comments that were written at these times, and gives their numbers.
    ///
    /// # Errors
    /// When one could not be stored alone; then none is.
    pub async fn insert_comments(
        &self,
        comments: &[(NewComment, Timestamp)],
    ) -> Result<Vec<CommentId>> {
        let list = comments
            .iter()
            .map(|(new, now)| comments::insert(new, *now).expect_rows(1));
        let places: Vec<_> = (0..comments.len()).collect();
        let numbers = self.numbers(list.collect(), &places).await?;
        Ok(numbers.into_iter().map(CommentId).collect())
    }

    /// Stores todos that were made at these times.
    ///
    /// # Errors
    /// When the owner of one does not exist; then none is stored.
    pub async fn insert_todos(&self, todos: &[(&NewTodo, TodoKeys, Timestamp)]) -> Result<()> {
        let list = todos
            .iter()
            .map(|(new, keys, now)| todos::insert((new, keys), *now).expect_rows(1));
        self.db.atomic(list.collect()).await.map(drop)
    }

    /// Runs a list, and gives the numbers that the statements at these places return.
    async fn numbers(&self, list: Vec<Statement>, places: &[usize]) -> Result<Vec<i64>> {
        let outcomes = self.db.atomic(list).await?;
        let number = |place: &usize| {
            let outcome = outcomes.get(*place);
            let row = outcome.map(|outcome: &Outcome| outcome.row(|row| row.int(0)));
            row.transpose()?.flatten().ok_or(Error::RowCount {
                statement: *place,
                met: 0,
            })
        };
        places.iter().map(number).collect()
    }
}
