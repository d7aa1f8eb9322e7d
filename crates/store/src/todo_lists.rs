//! Pages of a user's todos. The text of a question is put together for each set of filters and each
//! order, and kept prepared.

use model::{Cursor, Page, PageLimit, Timestamp, Todo, TodoFilter, TodoSort, UserId};

use crate::db::{Sql, Value};
use crate::todos::todo;
use crate::{Result, Store};

const COLUMNS: &str = "t.id, t.user_id, t.title, t.description, t.completed, t.priority, t.due_at,
    t.completed_at, t.created_at, t.updated_at, t.version, t.title_key";
/// What has no date comes after all that has one.
const DUE: &str = "coalesce(t.due_at, 9223372036854775807)";

impl Store {
    /// A page of a user's todos, after `after` in an order.
    pub async fn todos(
        &self,
        user_id: UserId,
        (filter, sort): (&TodoFilter, TodoSort),
        after: &Cursor,
        limit: PageLimit,
    ) -> Result<Page<Todo>> {
        if filter.words.iter().any(|word| word.contains('\0')) {
            // No todo holds it, and PostgreSQL refuses to look for it.
            return Ok(Page::empty());
        }
        let question = page(user_id, filter, sort, (after, limit));
        let (sql, params) = question.finish();
        let rows = self.db.rows(&sql, &params, |row| {
            let title_key = row.text(11)?.to_owned();
            Ok((todo(row)?, title_key))
        });
        let page = Page::cut(rows.await?, limit, |(todo, title_key)| {
            place(sort, todo, title_key)
        });
        Ok(Page {
            rows: page.rows.into_iter().map(|(todo, _)| todo).collect(),
            next: page.next,
        })
    }

    /// How many todos of a user a filter lets through.
    pub async fn count_todos(&self, user_id: UserId, filter: &TodoFilter) -> Result<i64> {
        if filter.words.iter().any(|word| word.contains('\0')) {
            return Ok(0);
        }
        let (sql, params) = Question::of("count(*)", user_id, filter).finish();
        self.db.count_apart(&sql, params).await
    }

    /// Prepares the question of every order with and without all filters.
    pub(crate) async fn prepare_todo_lists(&self) -> Result<usize> {
        let all = TodoFilter {
            completed: Some(true),
            priority: Some(0),
            due_before: Some(Timestamp::from_micros(0)),
            due_after: Some(Timestamp::from_micros(0)),
            words: vec![String::new(); 2],
        };
        let mut prepared = 0;
        for filter in [TodoFilter::default(), all] {
            for (sort, first) in [
                (TodoSort::Newest, Cursor::NEWEST),
                (TodoSort::Priority, Cursor::HIGHEST),
                (TodoSort::Due, Cursor::LOWEST),
                (TodoSort::Title, Cursor::FIRST_TEXT),
            ] {
                let question = page(UserId(0), &filter, sort, (&first, PageLimit::MOST));
                self.db.prepare(&question.finish().0).await?;
                prepared += 1;
            }
        }
        Ok(prepared)
    }
}

fn place(sort: TodoSort, todo: &Todo, title_key: &str) -> Cursor {
    let id = todo.id.0;
    match sort {
        TodoSort::Newest => Cursor::of(todo.created_at.as_micros(), id),
        TodoSort::Priority => Cursor::of(todo.priority, id),
        TodoSort::Due => Cursor::of(todo.due_at.map_or(i64::MAX, Timestamp::as_micros), id),
        TodoSort::Title => Cursor::of(title_key.to_owned(), id),
    }
}

/// A question for a page: one row more than `limit` tells whether there is another.
fn page(
    user_id: UserId,
    filter: &TodoFilter,
    sort: TodoSort,
    (after, limit): (&Cursor, PageLimit),
) -> Question {
    let mut question = Question::of(COLUMNS, user_id, filter);
    let (key, comparison, direction) = match sort {
        TodoSort::Newest => ("t.created_at", "<", "DESC"),
        TodoSort::Priority => ("t.priority", "<", "DESC"),
        TodoSort::Due => (DUE, ">", "ASC"),
        TodoSort::Title => ("t.title_key", ">", "ASC"),
    };
    let (first, second) = (question.bind(&after.key), question.bind(after.id));
    let limit = question.bind(limit.get() + 1);
    question.push(&format!(
        " AND ({key}, t.id) {comparison} ({first}, {second})
        ORDER BY {key} {direction}, t.id {direction} LIMIT {limit}"
    ));
    question
}

/// A text with its parameters, being put together. The databases have two names for finding a text
/// in another.
struct Question {
    text: String,
    params: Vec<Value>,
}

impl Question {
    fn of(columns: &str, user_id: UserId, filter: &TodoFilter) -> Self {
        let mut question = Self {
            text: format!(
                "SELECT {columns} FROM todos t
                JOIN users u ON u.id = t.user_id AND u.deleted_at IS NULL WHERE t.user_id = $1"
            ),
            params: vec![user_id.into()],
        };
        question.and_if("t.completed =", filter.completed);
        question.and_if("t.priority =", filter.priority);
        question.and_if("t.due_at <", filter.due_before);
        question.and_if("t.due_at >", filter.due_after);
        for word in &filter.words {
            let word = question.bind(word.as_str());
            question.push(&format!(
                " AND (FIND(t.title_key, {word}) > 0 OR FIND(t.description_key, {word}) > 0)"
            ));
        }
        question
    }

    fn push(&mut self, text: &str) {
        self.text.push_str(text);
    }

    fn bind(&mut self, value: impl Into<Value>) -> String {
        self.params.push(value.into());
        format!("${}", self.params.len())
    }

    fn and_if<T: Into<Value>>(&mut self, condition: &str, value: Option<T>) {
        if let Some(value) = value {
            let param = self.bind(value);
            self.push(&format!(" AND {condition} {param}"));
        }
    }

    fn finish(self) -> (Sql, Vec<Value>) {
        let sql = Sql {
            sqlite: self.text.replace("FIND(", "instr(").into(),
            postgres: self.text.replace("FIND(", "strpos(").into(),
        };
        (sql, self.params)
    }
}
