//! A blog of a usual kind, made by `inkgate seed`: what lists, single posts and writing cost there.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Instant;
use std::{fs, process};

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use tempfile::TempDir;

use crate::measure::{PASSWORD, Plan, USER, cpu, median};
use crate::program::{self, Program};
use crate::report::{Bar, Line, Table};
use crate::wrk::{self, Load, Target};

const CACHE_BYTES: u64 = 64 * 1024 * 1024;
const CONNECTIONS: u32 = 32;
/// How many pages a reader has turned who is deep in the list, of how many posts each.
const DEEP_PAGES: usize = 10_000;
const DEEP_LIMIT: usize = 8;
/// Two words that most posts have, so that as many hits are ranked as ever are.
const SEARCH: &str = "/api/v2/search?q=the+and";

/// How large the blog is.
#[derive(Clone, Copy)]
pub(crate) struct Size {
    pub(crate) posts: usize,
    pub(crate) users: usize,
}

/// What is asked for, and what is compared with it.
struct Bench<'a> {
    plan: &'a Plan,
    cached: Program,
    uncached: Program,
    bare: Program,
    /// The first page, one filtered by author, by tag, by category, and one post: in the order of
    /// the bare handler's.
    paths: Vec<String>,
    first: String,
    deep: String,
    token: PathBuf,
}

/// The rates of one round.
#[derive(Default)]
struct Rounds {
    bare: [Vec<Load>; 5],
    ours: [Vec<Load>; 5],
    first: Vec<Load>,
    deep: Vec<Load>,
    create: Vec<Load>,
    /// Of the processor, in microseconds a request.
    search: Vec<f64>,
    tags: Vec<f64>,
}

/// Measures on SQLite, where the bars are set.
pub(crate) async fn measure(plan: &Plan, size: Size) -> Result<Table> {
    let folder = tempfile::tempdir()?;
    let url = |name: &str| format!("sqlite:///{}", folder.path().join(name).display());
    let rate = fill(&plan.inkgate, &url("blog.db"), size)?;
    let copy = folder.path().join("copy.db");
    fs::copy(folder.path().join("blog.db"), &copy)?;
    let bench = Bench::start(plan, &folder, [&url("blog.db"), &url("copy.db")])?;
    let mut rounds = Rounds::default();
    for round in 1..=plan.rounds {
        eprintln!("a blog: round {round} of {}", plan.rounds);
        bench.round(&mut rounds).await?;
    }
    Ok(Table {
        title: format!(
            "A blog of {} posts by {} users, on SQLite",
            size.posts, size.users
        ),
        lines: lines(rate, &rounds),
    })
}

/// Makes a blog at `url`, with an account to write to it; gives how many posts that are a second.
pub(crate) fn fill(inkgate: &Path, url: &str, size: Size) -> Result<f64> {
    eprintln!("inkgate seed: {} posts", size.posts);
    let mut command = process::Command::new(inkgate);
    program::environment(&mut command, url)
        .env("INKGATE_SQLITE_SYNCHRONOUS", "normal")
        .args(["seed", "--in-production", "--comments", "0", "--todos", "0"])
        .args(["--posts", &size.posts.to_string()])
        .args(["--users", &size.users.to_string()])
        .stdout(Stdio::null());
    let begun = Instant::now();
    ensure!(command.status()?.success(), "inkgate seed failed");
    let rate = size.posts as f64 / begun.elapsed().as_secs_f64();
    program::create_user(inkgate, url, USER, PASSWORD)?;
    Ok(rate)
}

impl<'a> Bench<'a> {
    fn start(plan: &'a Plan, folder: &TempDir, [cached, uncached]: [&str; 2]) -> Result<Self> {
        let cached = Program::inkgate(&plan.inkgate, cached, CACHE_BYTES)?;
        let uncached = Program::inkgate(&plan.inkgate, uncached, 0)?;
        let paths = paths(cached.port)?;
        let files: Vec<_> = (0..paths.len())
            .map(|number| folder.path().join(number.to_string()))
            .collect();
        for (path, file) in paths.iter().zip(&files) {
            fs::write(file, program::get(cached.port, path)?)?;
        }
        let token = folder.path().join("token");
        fs::write(&token, program::login(cached.port, USER, PASSWORD)? + "\n")?;
        Ok(Self {
            bare: Program::start(&std::env::current_exe()?, |port, command| {
                command.arg("files").arg(port.to_string()).args(&files);
            })?,
            first: format!("/api/v2/posts?limit={DEEP_LIMIT}"),
            deep: deep_page(uncached.port, DEEP_PAGES * DEEP_LIMIT, DEEP_LIMIT)?,
            plan,
            cached,
            uncached,
            paths,
            token,
        })
    }

    async fn round(&self, rounds: &mut Rounds) -> Result<()> {
        for (number, path) in self.paths.iter().enumerate() {
            let bare = self.get(&self.bare, &format!("/{number}")).await?;
            rounds.bare[number].push(bare);
            // Pages that are filtered are not to come from memory.
            let filtered = (1..=3).contains(&number);
            let ours = if filtered {
                &self.uncached
            } else {
                &self.cached
            };
            rounds.ours[number].push(self.get(ours, path).await?);
        }
        rounds
            .first
            .push(self.get(&self.uncached, &self.first).await?);
        rounds
            .deep
            .push(self.get(&self.uncached, &self.deep).await?);
        rounds
            .create
            .push(create(self.plan, &self.cached, &self.token).await?);
        for (path, costs) in [
            (SEARCH, &mut rounds.search),
            ("/api/v2/tags", &mut rounds.tags),
        ] {
            costs.push(cpu(self.plan, &self.uncached, path, None).await?);
        }
        Ok(())
    }

    async fn get(&self, program: &Program, path: &str) -> Result<Load> {
        get(self.plan, program, path).await
    }
}

async fn get(plan: &Plan, program: &Program, path: &str) -> Result<Load> {
    let target = Target {
        port: program.port,
        path,
        script: None,
        connections: CONNECTIONS,
    };
    wrk::run(target, plan.seconds, None).await
}

/// Writes posts of 1 KB with Markdown and tags.
pub(crate) async fn create(plan: &Plan, program: &Program, token: &Path) -> Result<Load> {
    let target = Target {
        port: program.port,
        path: "/api/v2/posts",
        script: Some("create_v2_post.lua"),
        connections: CONNECTIONS,
    };
    wrk::run(target, plan.seconds, Some(token)).await
}

/// What is asked for: the first names of each kind have the most posts.
fn paths(port: u16) -> Result<Vec<String>> {
    let page = json(port, "/api/v2/posts")?;
    let first = |kind: &str| -> Result<String> {
        let names = json(port, &format!("/api/v2/{kind}"))?;
        let name = names[kind][0]["name"].as_str();
        Ok(name
            .with_context(|| format!("no {kind}: {names}"))?
            .to_owned())
    };
    let author = page["posts"][0]["author"]["username"].as_str();
    let author = author.context("no author")?;
    Ok(vec![
        "/api/v2/posts".to_owned(),
        format!("/api/v2/posts?author={author}"),
        format!("/api/v2/posts?tag={}", first("tags")?),
        format!("/api/v2/posts?category={}", first("categories")?),
        format!("/api/v2/posts/{}", page["posts"][0]["id"]),
    ])
}

/// The path of the page that so many posts stand before, or at least of the last one.
pub(crate) fn deep_page(port: u16, before: usize, limit: usize) -> Result<String> {
    let (mut seen, mut last) = (0, format!("/api/v2/posts?limit={limit}"));
    let mut path = "/api/v2/posts?fields=id&limit=100".to_owned();
    while seen < before {
        let page = json(port, &path)?;
        let Some(cursor) = page["next_cursor"].as_str() else {
            break;
        };
        seen += 100;
        last = format!("/api/v2/posts?limit={limit}&cursor={cursor}");
        path = format!("/api/v2/posts?fields=id&limit=100&cursor={cursor}");
    }
    Ok(last)
}

pub(crate) fn json(port: u16, path: &str) -> Result<Value> {
    Ok(serde_json::from_slice(&program::get(port, path)?)?)
}

fn lines(seeded: f64, r: &Rounds) -> Vec<Line> {
    let what = [
        ("GET /api/v2/posts, cache warm", 0.55),
        ("GET /api/v2/posts?author=, cache off", 0.25),
        ("GET /api/v2/posts?tag=, cache off", 0.25),
        ("GET /api/v2/posts?category=, cache off", 0.25),
        ("GET /api/v2/posts/{id}, cache warm", 0.80),
    ];
    let mut lines = vec![Line::new("inkgate seed, posts", seeded, "/s", Bar::None)];
    for (number, (what, bar)) in what.into_iter().enumerate() {
        lines.push(Line::new(what, rate(&r.ours[number]), "/s", Bar::None));
        let share = ratio(&r.ours[number], &r.bare[number]);
        let bar = Bar::AtLeast(bar);
        lines.push(Line::new(
            "... of a bare handler of these bytes",
            share,
            "x",
            bar,
        ));
    }
    lines.push(Line::new(
        "a first page of 8 posts, cache off",
        rate(&r.first),
        "/s",
        Bar::None,
    ));
    lines.push(Line::new(
        "page 10,000 of 8 posts, by cursor",
        rate(&r.deep),
        "/s",
        Bar::None,
    ));
    let slower = ratio(&r.first, &r.deep);
    lines.push(Line::new(
        "... what it costs, of the first",
        slower,
        "x",
        Bar::AtMost(1.3),
    ));
    let what = "POST /api/v2/posts, 1 KB of Markdown, 3 tags";
    lines.push(Line::new(what, rate(&r.create), "/s", Bar::AtLeast(3000.0)));
    let p99 = median(r.create.iter().map(|load| load.p99));
    lines.push(Line::new("... its p99", p99, "ms", Bar::None));
    let work = |what, costs: &[f64], bar| {
        let median = median(costs.iter().copied()) / 1000.0;
        Line::new(what, median, "ms", bar)
    };
    let what = "GET /api/v2/search, two words of most posts, CPU";
    lines.push(work(what, &r.search, Bar::AtMost(20.0)));
    let what = "GET /api/v2/tags, cache off, CPU";
    lines.push(work(what, &r.tags, Bar::None));
    lines
}

fn rate(loads: &[Load]) -> f64 {
    median(loads.iter().map(|load| load.rate))
}

/// The median of what each round makes of two rates.
fn ratio(of: &[Load], to: &[Load]) -> f64 {
    median(of.iter().zip(to).map(|(of, to)| of.rate / to.rate))
}
