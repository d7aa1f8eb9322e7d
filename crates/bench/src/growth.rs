//! How cost grows with the number of posts: the same questions to blogs of three sizes.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::blog::{self, Size};
use crate::measure::{PASSWORD, Plan, USER};
use crate::program::{self, Program};
use crate::wrk::{self, Target};

const CONNECTIONS: u32 = 32;
/// Of the posts that are asked for one by one.
const SAMPLE: usize = 5_000;

/// The numbers of one size, in the order of [`WHAT`].
type Column = Vec<f64>;

const WHAT: &[&str] = &[
    "`inkgate seed`, posts /s",
    "the file, MB",
    "exec to first answer, ms",
    "GET of a random post, cache off, /s",
    "first page of 20, /s",
    "page of 20 in the middle, by cursor, /s",
    "page of 20 by author, /s",
    "page of 20 by tag, /s",
    "page of 20 by category, /s",
    "POST of 1 KB with 3 tags, /s",
];

/// Measures blogs of `sizes`, one after the other, and gives a table of Markdown.
pub(crate) async fn measure(plan: &Plan, sizes: &[usize]) -> Result<String> {
    let mut columns = Vec::new();
    for posts in sizes {
        let size = Size {
            posts: *posts,
            users: (posts / 100).clamp(10, 1000),
        };
        columns.push(measure_size(plan, size).await?);
    }
    table(sizes, &columns)
}

async fn measure_size(plan: &Plan, size: Size) -> Result<Column> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("blog.db");
    let url = format!("sqlite:///{}", file.display());
    let seeded = blog::fill(&plan.inkgate, &url, size)?;
    let megabytes = fs::metadata(&file)?.len() as f64 / 1_000_000.0;
    let server = Program::inkgate(&plan.inkgate, &url, 0)?;
    let started = server.started_in.as_secs_f64() * 1000.0;
    let page = blog::json(server.port, "/api/v2/posts")?;
    let author = page["posts"][0]["author"]["username"].as_str();
    let paths = [
        "/api/v2/posts".to_owned(),
        blog::deep_page(server.port, size.posts / 2, 20)?,
        format!("/api/v2/posts?author={}", author.context("no author")?),
        "/api/v2/posts?tag=rust".to_owned(),
        "/api/v2/posts?category=databases".to_owned(),
    ];
    let ids = folder.path().join("ids");
    fs::write(&ids, sample(server.port, size.posts)?.join("\n"))?;
    let mut column = vec![seeded, megabytes, started];
    column.push(get(plan, &server, ("/", Some("get_any_post.lua")), Some(&ids)).await?);
    for path in &paths {
        column.push(get(plan, &server, (path, None), None).await?);
    }
    let token = folder.path().join("token");
    fs::write(&token, program::login(server.port, USER, PASSWORD)? + "\n")?;
    column.push(blog::create(plan, &server, &token).await?.rate);
    Ok(column)
}

/// The ids of public posts, spread over the whole list.
fn sample(port: u16, posts: usize) -> Result<Vec<String>> {
    let pages = SAMPLE / 100;
    let mut ids = Vec::with_capacity(SAMPLE);
    for page in 0..pages {
        // A scheduled or hidden post is not found by its number: those around it are asked for.
        let first = posts * page / pages;
        let mut found = 0;
        for id in (first + 1).. {
            if found == SAMPLE / pages || id > posts {
                break;
            }
            let answer = blog::json(port, &format!("/api/v2/posts/{id}?fields=id"))?;
            if answer["id"].is_number() {
                ids.push(id.to_string());
                found += 1;
            }
        }
    }
    Ok(ids)
}

async fn get(
    plan: &Plan,
    server: &Program,
    (path, script): (&str, Option<&str>),
    ids: Option<&Path>,
) -> Result<f64> {
    let target = Target {
        port: server.port,
        path,
        script,
        connections: CONNECTIONS,
    };
    Ok(wrk::run(target, plan.seconds, ids).await?.rate)
}

fn table(sizes: &[usize], columns: &[Column]) -> Result<String> {
    let mut text = String::from("| what |");
    for posts in sizes {
        write!(text, " {posts} posts |")?;
    }
    write!(text, "\n| --- |{}", " ---: |".repeat(sizes.len()))?;
    for (number, what) in WHAT.iter().enumerate() {
        write!(text, "\n| {what} |")?;
        for column in columns {
            write!(text, " {:.0} |", column[number])?;
        }
    }
    text.push('\n');
    Ok(text)
}
