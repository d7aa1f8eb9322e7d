//! What questions cost SQLite, in steps of its machine: of a list or a search one page, however long
//! the blog and however far one has read.

use model::{Cursor, PageLimit, PostFilter, PostSort, Timestamp, UserId};
use rusqlite::{Connection, StatementStatus};

use super::migrate;
use super::sqlite::{bind, prepare_once};
use super::value::{Value, params};
use crate::{post_lists, post_search};

/// Each third post has what a list may be filtered by, and all are found by one word.
const FILL: &str = "
    INSERT INTO users (id, username, name_key, password_hash, role, created_at)
        VALUES (1, 'a', 'a', '', 'author', 0), (2, 'b', 'b', '', 'author', 0);
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT $)
    INSERT INTO posts (id, user_id, slug, title, title_key, category, series, language, status,
            published_at, created_at, updated_at, content)
        SELECT i, 1 + (i % 3 > 0), i, 't', i, iif(i % 3, 'b', 'a'), iif(i % 3, NULL, 'a'),
            iif(i % 3, NULL, 'a'), 'published', i * 1000000, i * 1000000, i * 1000000, 'c'
        FROM n;
    INSERT INTO post_tags (post_id, tag, name, user_id, listed_at)
        SELECT id, 'a', 'a', user_id, listed_at FROM posts WHERE id % 3 = 0;
    INSERT INTO post_search (post_id, place, words)
        SELECT id, id * 16777216 + id, 'word' FROM posts;";

/// As many posts as a page takes three times over, and ten times as many.
const SIZES: [i64; 2] = [200, 2_000];

fn blog(posts: i64) -> Connection {
    let mut connection = Connection::open_in_memory().unwrap();
    prepare_once(&connection).unwrap();
    migrate::sqlite(&mut connection).unwrap();
    let fill = FILL.replace('$', &posts.to_string());
    connection.execute_batch(&fill).unwrap();
    connection
}

/// How many rows a question gives, and after how many steps.
fn ask(connection: &Connection, sql: &str, params: &[Value]) -> (usize, i32) {
    let mut statement = connection.prepare_cached(sql).unwrap();
    statement.reset_status(StatementStatus::VmStep);
    bind(&mut statement, params.iter()).unwrap();
    let (mut found, mut rows) = (0, statement.raw_query());
    while rows.next().unwrap().is_some() {
        found += 1;
    }
    drop(rows);
    (found, statement.get_status(StatementStatus::VmStep))
}

/// Each single filter of a list, when `last` is the second of the last post.
fn filters(last: i64) -> Vec<PostFilter> {
    let second = |second: i64| Timestamp::from_micros(second * 1_000_000);
    let public = PostFilter::public(second(last));
    let name = || Some("a".to_owned());
    vec![
        public.clone(),
        PostFilter {
            user_id: Some(UserId(1)),
            ..public.clone()
        },
        PostFilter {
            author: name(),
            ..public.clone()
        },
        PostFilter {
            category: name(),
            ..public.clone()
        },
        PostFilter {
            series: name(),
            ..public.clone()
        },
        PostFilter {
            language: name(),
            ..public.clone()
        },
        PostFilter {
            tags: vec!["a".to_owned()],
            ..public.clone()
        },
        PostFilter {
            published_before: Some(second(last / 2)),
            ..public.clone()
        },
        PostFilter {
            published_after: Some(second(last / 2)),
            ..public
        },
    ]
}

#[test]
fn a_page_costs_as_much_in_a_long_list_as_in_a_short_one() {
    let limit = PageLimit::parse("5").unwrap();
    let blogs = SIZES.map(blog);
    for number in 0..filters(1).len() {
        for sort in [PostSort::Newest, PostSort::Oldest] {
            let mut costs = Vec::new();
            for (blog, size) in blogs.iter().zip(SIZES) {
                let filter = PostFilter {
                    sort,
                    ..filters(size).swap_remove(number)
                };
                // From the beginning, from the middle, and not far from either end of the list.
                let (first, last) = (
                    filter.published_after.map_or(0, Timestamp::as_seconds),
                    filter.published_before.map_or(size, Timestamp::as_seconds),
                );
                let middle = i64::midpoint(first, last);
                for place in [None, Some(middle), Some(last - 20), Some(first + 20)] {
                    let after = place.map(|place| Cursor::of(place * 1_000_000, place));
                    let (sql, params) = post_lists::page(&filter, after.as_ref(), limit);
                    costs.push(ask(blog, &sql.sqlite, &params));
                }
            }
            let most = costs.iter().map(|(_, steps)| *steps).max().unwrap();
            let full = costs.iter().filter(|(found, _)| *found == 6);
            let least = full.map(|(_, steps)| *steps).min().unwrap();
            assert!(
                most < least * 3 / 2,
                "filter {number}, {sort:?}: from {least} to {most} steps: {costs:?}"
            );
        }
    }
}

#[test]
fn a_search_costs_as_much_in_a_long_blog_as_in_a_short_one() {
    let mut search = post_search::ALL.iter();
    let search = search.find(|sql| sql.sqlite.contains("search_words MATCH"));
    let costs = SIZES.map(|size| {
        let params = params!["word", i64::MAX, 20_u32, Timestamp::from_micros(i64::MAX)];
        ask(&blog(size), &search.unwrap().sqlite, &params)
    });

    let [(found, short), (_, long)] = costs;
    assert_eq!((found, costs[1].0), (20, 20));
    assert!(long < short * 3 / 2, "{costs:?}");
}
