//! Pages of posts. What they are filtered by decides which index they are read along, so the text
//! of a question is put together for each set of filters, and kept prepared.

use model::{
    Cursor, Page, PageLimit, Post, PostFilter, PostSort, PostState, PostStatus, Timestamp, UserId,
};

use crate::db::{Row, Sql, Value, params, statements};
use crate::posts::{columns, post, post_with_html};
use crate::{Result, Store};

statements! {
    NEXT_LISTED = "SELECT min(listed_at) FROM posts WHERE listed_at > $1";
}

impl Store {
    /// A page of posts, after `after` in the order that is asked for.
    pub async fn posts(
        &self,
        filter: &PostFilter,
        after: Option<&Cursor>,
        limit: PageLimit,
    ) -> Result<Page<Post>> {
        if filter.holds_nul() {
            // No post holds it, and PostgreSQL refuses to look for it.
            return Ok(Page::cut(Vec::new(), limit, |_| Cursor::NEWEST));
        }
        let (sql, params) = page(filter, after, limit);
        let decode = if filter.html { post_with_html } else { post };
        let rows = self.db.rows(&sql, &params, decode).await?;
        Ok(Page::cut(rows, limit, |post| place(filter, post)))
    }

    /// How many posts a filter lets through.
    pub async fn count_posts(&self, filter: &PostFilter) -> Result<i64> {
        if filter.holds_nul() {
            return Ok(0);
        }
        let mut question = Question::of("count(*)", filter);
        question.add_filters(filter);
        let sql = Sql::of(&question.text);
        let count = self
            .db
            .row(&sql, &question.params, |row| row.int(0))
            .await?;
        Ok(count.unwrap_or_default())
    }

    /// When the next post enters the public lists by itself.
    pub async fn next_listed(&self, now: Timestamp) -> Result<Option<Timestamp>> {
        let next = |row: &Row<'_>| row.opt_time(0);
        Ok(self
            .db
            .row(&NEXT_LISTED, &params![now], next)
            .await?
            .flatten())
    }

    /// Prepares the question of every single filter in every order, and of all filters at once.
    pub(crate) async fn prepare_post_lists(&self) -> Result<usize> {
        let mut prepared = 0;
        for filter in every_filter() {
            for after in [None, Some(Cursor::NEWEST)] {
                let (sql, _) = page(&filter, after.as_ref(), PageLimit::MOST);
                self.db.prepare(&sql).await?;
                prepared += 1;
            }
        }
        Ok(prepared)
    }
}

/// Where a post stands in a list.
fn place(filter: &PostFilter, post: &Post) -> Cursor {
    let published = post.fields.published_at.unwrap_or(post.created_at);
    let id = post.id.0;
    match filter.sort {
        PostSort::Newest | PostSort::Oldest => Cursor::of(published.as_micros(), id),
        PostSort::Updated => Cursor::of(post.updated_at.as_micros(), id),
        PostSort::Title => Cursor::of(post.title_key.clone(), id),
    }
}

/// A question for a page: one row more than `limit` tells whether there is another.
fn page(filter: &PostFilter, after: Option<&Cursor>, limit: PageLimit) -> (Sql, Vec<Value>) {
    let more = if filter.html {
        concat!(columns!(), ", p.html")
    } else {
        columns!()
    };
    let mut question = Question::of(more, filter);
    let (key, id) = (question.sort_key(filter), question.id());
    question.add_filters(filter);
    let (comparison, direction) = match filter.sort {
        PostSort::Newest | PostSort::Updated => ("<", "DESC"),
        PostSort::Oldest | PostSort::Title => (">", "ASC"),
    };
    if let Some(after) = after {
        let (key_param, id_param) = (question.bind(&after.key), question.bind(after.id));
        question.and(&format!(
            "({key}, {id}) {comparison} ({key_param}, {id_param})"
        ));
    }
    let limit = question.bind(limit.get() + 1);
    let order = format!(" ORDER BY {key} {direction}, {id} {direction} LIMIT {limit}");
    question.text.push_str(&order);
    (Sql::of(&question.text), question.params)
}

/// A text with its parameters, being put together.
struct Question {
    text: String,
    params: Vec<Value>,
    /// Whether the posts are read along the index of a tag.
    by_tag: bool,
}

impl Question {
    fn of(columns: &str, filter: &PostFilter) -> Self {
        let by_tag = !filter.tags.is_empty() && is_along_time(filter);
        // CROSS makes SQLite begin with the tag.
        let tables = if by_tag {
            "post_tags t CROSS JOIN posts p"
        } else {
            "posts p"
        };
        let text = format!(
            "SELECT {columns} FROM {tables} JOIN users u ON u.id = p.user_id AND u.deleted_at IS NULL
            WHERE p.deleted_at IS NULL"
        );
        Self {
            text,
            params: Vec::new(),
            by_tag,
        }
    }

    /// What the list is sorted by, which must be the column of the index.
    fn sort_key(&self, filter: &PostFilter) -> &'static str {
        match (filter.sort, filter.state) {
            (PostSort::Updated, _) => "p.updated_at",
            (PostSort::Title, _) => "p.title_key",
            (_, Some(_)) => "coalesce(p.published_at, p.created_at)",
            (_, None) if self.by_tag => "t.listed_at",
            (_, None) => "p.listed_at",
        }
    }

    const fn id(&self) -> &'static str {
        if self.by_tag { "t.post_id" } else { "p.id" }
    }

    fn bind(&mut self, value: impl Into<Value>) -> String {
        self.params.push(value.into());
        format!("${}", self.params.len())
    }

    fn and(&mut self, condition: &str) {
        self.text.push_str(" AND ");
        self.text.push_str(condition);
    }

    /// Adds `condition`, in which `$` stands for the value, if there is one.
    fn and_if<T: Into<Value>>(&mut self, condition: &str, value: Option<T>) {
        if let Some(value) = value {
            let param = self.bind(value);
            self.and(&condition.replace('$', &param));
        }
    }

    fn add_filters(&mut self, filter: &PostFilter) {
        self.add_state(filter);
        let author = "p.user_id = (SELECT id FROM users WHERE name_key = $)";
        self.and_if("p.user_id = $", filter.user_id);
        self.and_if("p.user_id = $", filter.own);
        self.and_if(author, filter.author.as_deref());
        self.and_if("p.category = $", filter.category.as_deref());
        self.and_if("p.series = $", filter.series.as_deref());
        self.and_if("p.language = $", filter.language.as_deref());
        let published = if filter.state.is_some() {
            "p.published_at"
        } else {
            "p.listed_at"
        };
        self.and_if(&format!("{published} > $"), filter.published_after);
        self.and_if(&format!("{published} < $"), filter.published_before);
        let has_tag = "EXISTS (SELECT 1 FROM post_tags o WHERE o.post_id = p.id AND o.tag = $)";
        let first = usize::from(self.by_tag);
        if self.by_tag {
            self.and_if(
                "p.id = t.post_id AND t.tag = $",
                filter.tags.first().map(String::as_str),
            );
        }
        for tag in filter.tags.iter().skip(first) {
            self.and_if(has_tag, Some(tag.as_str()));
        }
    }

    fn add_state(&mut self, filter: &PostFilter) {
        let now = Some(filter.now);
        match filter.state {
            None if self.by_tag => self.and_if("t.listed_at <= $", now),
            None => self.and_if("p.listed_at <= $", now),
            Some(PostState::Scheduled) => {
                self.and("p.status = 'published'");
                self.and_if("p.published_at > $", now);
            }
            Some(PostState::Stored(PostStatus::Published)) => {
                self.and("p.status = 'published'");
                self.and_if("p.published_at <= $", now);
            }
            Some(PostState::Stored(status)) => self.and_if("p.status = $", Some(status.as_str())),
        }
    }
}

/// Whether a list goes by the time of publication, along which tags are indexed.
const fn is_along_time(filter: &PostFilter) -> bool {
    filter.state.is_none() && matches!(filter.sort, PostSort::Newest | PostSort::Oldest)
}

/// A filter for each question whose text differs in a part: for the test that prepares them all.
fn every_filter() -> Vec<PostFilter> {
    let public = PostFilter::public(Timestamp::from_micros(0));
    let set: [fn(&mut PostFilter); 11] = [
        |_| {},
        |filter| filter.user_id = Some(UserId(1)),
        |filter| filter.own = Some(UserId(1)),
        |filter| filter.author = Some(String::new()),
        |filter| filter.category = Some(String::new()),
        |filter| filter.tags = vec![String::new()],
        |filter| filter.tags = vec![String::new(); 3],
        |filter| filter.series = Some(String::new()),
        |filter| filter.language = Some(String::new()),
        |filter| filter.published_after = Some(filter.now),
        |filter| filter.published_before = Some(filter.now),
    ];
    let mut filters = vec![public.clone(); set.len()];
    for (filter, set) in filters.iter_mut().zip(set) {
        set(filter);
    }
    let states = PostStatus::ALL.map(PostState::Stored);
    let states = states.into_iter().chain([PostState::Scheduled]);
    filters.extend(states.map(|state| PostFilter {
        state: Some(state),
        tags: vec![String::new()],
        ..public.clone()
    }));
    let sorts = [
        PostSort::Newest,
        PostSort::Oldest,
        PostSort::Updated,
        PostSort::Title,
    ];
    let sorted = filters.iter().flat_map(|filter| {
        sorts.map(|sort| PostFilter {
            sort,
            html: sort == PostSort::Oldest,
            ..filter.clone()
        })
    });
    sorted.collect()
}
