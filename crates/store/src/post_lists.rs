//! Pages of posts. What they are filtered by decides which index they are read along, so the text
//! of a question is put together for each set of filters, and kept prepared.

use std::time::Duration;

use model::{
    Cursor, Page, PageLimit, Post, PostFilter, PostSort, PostState, PostStatus, SearchText,
    Timestamp, UserId,
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
        let rows = if is_along_an_index(filter) {
            self.db.rows(&sql, &params, decode).await?
        } else {
            self.db.rows_apart(&sql, params, decode).await?
        };
        Ok(Page::cut(rows, limit, |post| place(filter, post)))
    }

    /// How many posts a filter lets through.
    pub async fn count_posts(&self, filter: &PostFilter) -> Result<i64> {
        if filter.holds_nul() {
            return Ok(0);
        }
        let (sql, params) = count(filter);
        self.db.count_apart(&sql, params).await
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
            self.db.prepare(&count(&filter).0).await?;
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
pub(crate) fn page(
    filter: &PostFilter,
    after: Option<&Cursor>,
    limit: PageLimit,
) -> (Sql, Vec<Value>) {
    let more = if filter.html {
        concat!(columns!(), ", p.html")
    } else {
        columns!()
    };
    let mut question = Question::of(more, filter);
    let (key, id) = (question.sort_key(filter), question.id());
    let (comparison, direction) = match filter.sort {
        PostSort::Newest | PostSort::Updated => ("<", "DESC"),
        PostSort::Oldest | PostSort::Title => (">", "ASC"),
    };
    question.continues = after.map(|_| comparison);
    question.add_filters(filter);
    if let Some(after) = after {
        let (key_param, id_param) = (question.bind(&after.key), question.bind(after.id));
        question.and(&format!(
            "({key}, {id}) {comparison} ({key_param}, {id_param})"
        ));
    }
    let limit = question.bind(limit.get() + 1);
    let order = format!(" ORDER BY {key} {direction}, {id} {direction} LIMIT {limit}");
    question.text.push_str(&order);
    (dialects(&question.text), question.params)
}

/// A question for the number of posts that a filter lets through.
fn count(filter: &PostFilter) -> (Sql, Vec<Value>) {
    let mut question = Question::of("count(*)", filter);
    if filter.state.is_none() && filters(filter) == 0 && filter.found_by.is_none() {
        // The few users first: then an index has all the rest.
        question.text = "SELECT count(*) FROM users u CROSS JOIN posts p
            WHERE p.user_id = u.id AND u.deleted_at IS NULL"
            .to_owned();
    }
    question.add_filters(filter);
    (dialects(&question.text), question.params)
}

/// The one condition of which each database has its own; see [`dialects`].
const FOUND: &str = "p.id IN (found_by $)";

/// The texts for both databases.
fn dialects(text: &str) -> Sql {
    let fts5 = "SELECT post_id FROM search_places WHERE place IN
        (SELECT rowid FROM search_words WHERE search_words MATCH ";
    let tsquery = "SELECT post_id FROM post_search WHERE words @@ (CAST(";
    let Some((before, after)) = text.split_once("found_by ") else {
        return Sql::of(text);
    };
    let (param, rest) = after.split_once(')').unwrap_or((after, ""));
    Sql {
        sqlite: format!("{before}{fts5}{param})){rest}").into(),
        postgres: format!("{before}{tsquery}{param} AS TEXT)::tsquery)){rest}").into(),
    }
}

/// A text with its parameters, being put together.
struct Question {
    text: String,
    params: Vec<Value>,
    /// Whether the posts are read along the index of a tag.
    by_tag: bool,
    /// Of a page that is not the first: how what it is sorted by compares to where it begins.
    continues: Option<&'static str>,
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
            continues: None,
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
        if filter.state.is_some() {
            self.and_if("p.published_at > $", filter.published_after);
            self.and_if("p.published_at < $", filter.published_before);
        }
        let has_tag = "EXISTS (SELECT 1 FROM post_tags o WHERE o.post_id = p.id AND o.tag = $)";
        self.and_if(FOUND, filter.found_by.as_ref());
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

    /// A condition on the time of publication. Of two that bound the index from the same side SQLite
    /// takes any: `+` keeps it from walking to the page from the beginning of the list.
    fn bound(&self, key: &str, comparison: &str, filter: &PostFilter) -> String {
        let along = matches!(filter.sort, PostSort::Newest | PostSort::Oldest);
        let same_side = self
            .continues
            .is_some_and(|side| comparison.starts_with(side));
        let plus = if along && same_side { "+" } else { "" };
        format!("{plus}{key} {comparison} $")
    }

    fn add_state(&mut self, filter: &PostFilter) {
        let now = Some(filter.now);
        match filter.state {
            None => {
                let key = if self.by_tag {
                    "t.listed_at"
                } else {
                    "p.listed_at"
                };
                let (after, before) = (self.bound(key, ">", filter), self.bound(key, "<=", filter));
                self.and_if(&after, filter.published_after);
                self.and_if(&before, Some(last_listed(filter)));
            }
            Some(PostState::Scheduled) => {
                self.and("p.status = 'published'");
                self.and_if("coalesce(p.published_at, p.created_at) > $", now);
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

/// The last time at which a post of the list may have been published.
fn last_listed(filter: &PostFilter) -> Timestamp {
    let before = filter.published_before;
    let last = before.map(|before| before.before(Duration::from_micros(1)));
    last.map_or(filter.now, |last| last.min(filter.now))
}

/// By how many things a list is filtered beside time and words.
fn filters(filter: &PostFilter) -> usize {
    let named = [
        filter.user_id.is_some(),
        filter.own.is_some(),
        filter.author.is_some(),
        filter.category.is_some(),
        filter.series.is_some(),
        filter.language.is_some(),
    ];
    named.into_iter().filter(|named| *named).count() + filter.tags.len()
}

/// Whether an index leads to the page. Where none does, as many posts as there are may have to be
/// looked at.
fn is_along_an_index(filter: &PostFilter) -> bool {
    let by_time = matches!(filter.sort, PostSort::Newest | PostSort::Oldest);
    let timeless = filter.published_after.is_none() && filter.published_before.is_none();
    let filters = filters(filter);
    filter.found_by.is_none()
        && match filter.state {
            None if by_time => filters <= 1,
            None => filters == 0 && timeless,
            Some(_) => by_time && filters == 0 && timeless,
        }
}

/// A filter for each question whose text differs in a part: for the test that prepares them all.
fn every_filter() -> Vec<PostFilter> {
    let public = PostFilter::public(Timestamp::from_micros(0));
    let set: [fn(&mut PostFilter); 12] = [
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
        |filter| {
            filter.found_by = Some(SearchText {
                fts5: "a".to_owned(),
                tsquery: "a".to_owned(),
            });
        },
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
