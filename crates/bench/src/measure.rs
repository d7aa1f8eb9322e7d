//! What is measured, in which order: each round measures everything once, so that whatever else
//! the machine does falls on all alike.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};
use tempfile::TempDir;

use crate::program::{self, Program};
use crate::report::{Bar, Line, Table};
use crate::seed;
use crate::wrk::{self, Load, Target};

const CACHE_BYTES: u64 = 64 * 1024 * 1024;
pub(crate) const USER: &str = "bench";
pub(crate) const PASSWORD: &str = "benchmark password";
const CONNECTIONS: u32 = 32;
const WRITERS: u32 = 16;

/// How to measure.
pub(crate) struct Plan {
    pub(crate) inkgate: PathBuf,
    pub(crate) rounds: usize,
    pub(crate) seconds: u32,
}

/// Everything that runs at once; what nobody asks costs nothing.
struct Bench<'a> {
    plan: &'a Plan,
    bare: Program,
    baseline: Program,
    cached: Program,
    uncached: Program,
    token: PathBuf,
}

/// The rates of one round.
#[derive(Default)]
struct Rounds {
    bare_post: Vec<Load>,
    cached_post: Vec<Load>,
    uncached_post: Vec<Load>,
    bare_page: Vec<Load>,
    cached_page: Vec<Load>,
    uncached_page: Vec<Load>,
    baseline_create: Vec<Load>,
    create: Vec<Load>,
    get_beside_writers: Vec<Load>,
    get_beside_logins: Vec<Load>,
    memory: Vec<u64>,
    starts: Vec<Duration>,
}

/// Measures on SQLite, where there are bars to reach.
pub(crate) async fn sqlite(plan: &Plan) -> Result<Table> {
    let folder = tempfile::tempdir()?;
    let file = |name: &str| folder.path().join(name).display().to_string();
    seed::fill(&format!("sqlite:///{}", file("cached.db"))).await?;
    let url = |name: &str| format!("sqlite:///{}", file(name));
    program::create_user(&plan.inkgate, &url("cached.db"), USER, PASSWORD)?;
    fs::copy(file("cached.db"), file("uncached.db"))?;
    measure(
        plan,
        &folder,
        "SQLite, synchronous=FULL",
        [url("cached.db"), url("uncached.db")],
        true,
    )
    .await
}

/// Measures on PostgreSQL, in a database of its own on the server at `server`: both servers of
/// ours share it.
pub(crate) async fn postgres(plan: &Plan, server: &str) -> Result<Table> {
    let folder = tempfile::tempdir()?;
    test_database::execute(server, "CREATE DATABASE inkgate_bench").await;
    let (server, _) = server.rsplit_once('/').context("no database in the URL")?;
    let url = format!("{server}/inkgate_bench");
    seed::fill(&url).await?;
    program::create_user(&plan.inkgate, &url, USER, PASSWORD)?;
    measure(plan, &folder, "PostgreSQL", [url.clone(), url], false).await
}

/// What a request costs of the processor, in microseconds.
pub(crate) async fn cpu(
    plan: &Plan,
    server: &Program,
    path: &str,
    tokens: Option<&Path>,
) -> Result<f64> {
    let target = Target {
        port: server.port,
        path,
        script: tokens.map(|_| "get_with_tokens.lua"),
        connections: CONNECTIONS,
    };
    let before = server.cpu()?;
    let load = wrk::run(target, plan.seconds, tokens).await?;
    let spent = server.cpu()?.saturating_sub(before);
    Ok(spent.as_secs_f64() * 1_000_000.0 / load.requests)
}

async fn measure(
    plan: &Plan,
    folder: &TempDir,
    title: &str,
    [cached, uncached]: [String; 2],
    bars: bool,
) -> Result<Table> {
    let cached_server = Program::inkgate(&plan.inkgate, &cached, CACHE_BYTES)?;
    let bodies = ["post.json", "page.json"].map(|name| folder.path().join(name));
    fs::write(
        &bodies[0],
        program::get(cached_server.port, "/api/v1/posts/1")?,
    )?;
    fs::write(
        &bodies[1],
        program::get(cached_server.port, "/api/v2/posts")?,
    )?;
    let token = folder.path().join("token");
    fs::write(
        &token,
        program::login(cached_server.port, USER, PASSWORD)? + "\n",
    )?;
    let this = std::env::current_exe()?;
    let bench = Bench {
        bare: Program::start(&this, |port, command| {
            command.arg("bare").arg(port.to_string()).args(&bodies);
        })?,
        baseline: Program::start(&this, |port, command| {
            command
                .arg("baseline")
                .arg(port.to_string())
                .arg(folder.path().join("baseline.db"));
        })?,
        uncached: Program::inkgate(&plan.inkgate, &uncached, 0)?,
        cached: cached_server,
        token,
        plan,
    };
    let mut rounds = Rounds::default();
    bench.get(&bench.cached, true, plan.seconds).await?;
    for round in 1..=plan.rounds {
        eprintln!("{title}: round {round} of {}", plan.rounds);
        bench.round(&mut rounds).await?;
    }
    drop(bench);
    for _ in 0..plan.rounds {
        rounds
            .starts
            .push(Program::inkgate(&plan.inkgate, &cached, CACHE_BYTES)?.started_in);
    }
    Ok(Table {
        title: title.to_owned(),
        lines: lines(&rounds, bars),
    })
}

impl Bench<'_> {
    async fn round(&self, rounds: &mut Rounds) -> Result<()> {
        let seconds = self.plan.seconds;
        rounds
            .bare_post
            .push(self.get(&self.bare, true, seconds).await?);
        rounds
            .cached_post
            .push(self.get(&self.cached, true, seconds).await?);
        rounds
            .uncached_post
            .push(self.get(&self.uncached, true, seconds).await?);
        rounds
            .bare_page
            .push(self.get(&self.bare, false, seconds).await?);
        rounds
            .cached_page
            .push(self.get(&self.cached, false, seconds).await?);
        rounds
            .uncached_page
            .push(self.get(&self.uncached, false, seconds).await?);
        rounds
            .baseline_create
            .push(self.create(&self.baseline, CONNECTIONS, seconds).await?);
        rounds
            .create
            .push(self.create(&self.cached, CONNECTIONS, seconds).await?);
        let (beside, _) = tokio::try_join!(
            self.get(&self.cached, true, seconds),
            self.create(&self.cached, WRITERS, seconds)
        )?;
        rounds.get_beside_writers.push(beside);
        let (beside, _) = tokio::try_join!(
            self.get(&self.cached, true, seconds),
            self.login(&self.cached, seconds)
        )?;
        rounds.get_beside_logins.push(beside);
        rounds.memory.push(self.cached.memory_beside_cache()?);
        Ok(())
    }

    async fn get(&self, program: &Program, one: bool, seconds: u32) -> Result<Load> {
        let script = one.then_some("get_post.lua");
        let path = if one { "/" } else { "/api/v2/posts" };
        let target = Target {
            port: program.port,
            path,
            script,
            connections: CONNECTIONS,
        };
        wrk::run(target, seconds, None).await
    }

    async fn create(&self, program: &Program, connections: u32, seconds: u32) -> Result<Load> {
        let script = Some("create_post.lua");
        let target = Target {
            port: program.port,
            path: "/api/v1/posts",
            script,
            connections,
        };
        wrk::run(target, seconds, Some(&self.token)).await
    }

    async fn login(&self, program: &Program, seconds: u32) -> Result<Load> {
        let script = Some("login.lua");
        let target = Target {
            port: program.port,
            path: "/api/v1/login",
            script,
            connections: WRITERS,
        };
        wrk::run(target, seconds, None).await
    }
}

fn lines(rounds: &Rounds, bars: bool) -> Vec<Line> {
    let mut lines = [
        of_reads(rounds),
        of_writes(rounds),
        of_storms(rounds),
        of_process(rounds),
    ]
    .concat();
    if !bars {
        lines.iter_mut().for_each(|line| line.bar = Bar::None);
    }
    lines
}

fn of_reads(r: &Rounds) -> Vec<Line> {
    let plain = |what, loads: &[Load]| Line::new(what, rate(loads), "/s", Bar::None);
    let share = |of: &[Load], to: &[Load], bar| {
        Line::new(
            "... of the bare handler",
            ratio(of, to),
            "x",
            Bar::AtLeast(bar),
        )
    };
    vec![
        plain("bare handler, a post of 1 KB", &r.bare_post),
        plain("GET /api/v1/posts/{random id}, cache warm", &r.cached_post),
        share(&r.cached_post, &r.bare_post, 0.80),
        plain("GET /api/v1/posts/{random id}, cache off", &r.uncached_post),
        share(&r.uncached_post, &r.bare_post, 0.60),
        plain("bare handler, a page of 20 posts", &r.bare_page),
        plain("GET /api/v2/posts, cache warm", &r.cached_page),
        share(&r.cached_page, &r.bare_page, 0.55),
        plain("GET /api/v2/posts, cache off", &r.uncached_page),
        share(&r.uncached_page, &r.bare_page, 0.20),
    ]
}

fn of_writes(r: &Rounds) -> Vec<Line> {
    let baseline = rate(&r.baseline_create);
    let wanted = Bar::AtLeast((20.0 * baseline).min(6000.0));
    vec![
        Line::new(
            "one commit per request (SQLite), 1 KB",
            baseline,
            "/s",
            Bar::None,
        ),
        Line::new("POST /api/v1/posts, 1 KB", rate(&r.create), "/s", wanted),
        Line::new("... its p99", p99(&r.create), "ms", Bar::AtMost(25.0)),
    ]
}

fn of_storms(r: &Rounds) -> Vec<Line> {
    let beside_writers = ratio(&r.get_beside_writers, &r.cached_post);
    let pairs = r.get_beside_logins.iter().zip(&r.cached_post);
    let slower = median(pairs.map(|(beside, alone)| beside.p99 / alone.p99));
    vec![
        Line::new(
            "GET beside 16 writers, of its rate alone",
            beside_writers,
            "x",
            Bar::AtLeast(0.70),
        ),
        Line::new("p99 of GET, idle", p99(&r.cached_post), "ms", Bar::None),
        Line::new(
            "p99 of GET beside 16 log-ins, of idle",
            slower,
            "x",
            Bar::AtMost(1.5),
        ),
    ]
}

fn of_process(r: &Rounds) -> Vec<Line> {
    let megabytes = median(r.memory.iter().map(|bytes| *bytes as f64 / 1_000_000.0));
    let start = median(r.starts.iter().map(Duration::as_secs_f64)) * 1000.0;
    vec![
        Line::new(
            "memory under load, beside what the cache holds",
            megabytes,
            "MB",
            Bar::AtMost(80.0),
        ),
        Line::new("exec to first answer", start, "ms", Bar::AtMost(60.0)),
    ]
}

fn rate(loads: &[Load]) -> f64 {
    median(loads.iter().map(|load| load.rate))
}

fn p99(loads: &[Load]) -> f64 {
    median(loads.iter().map(|load| load.p99))
}

/// The median of what each round makes of two rates.
fn ratio(of: &[Load], to: &[Load]) -> f64 {
    median(of.iter().zip(to).map(|(of, to)| of.rate / to.rate))
}

pub(crate) fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
