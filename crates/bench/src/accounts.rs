//! What accounts, sessions and tokens cost: on SQLite, since the bars are set there.

use std::fs;
use std::path::Path;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use crate::measure::{PASSWORD, Plan, USER, cpu, median};
use crate::program::{self, Program};
use crate::report::{Bar, Line, Table};
use crate::seed;
use crate::wrk::{self, Target};

const CONNECTIONS: u32 = 32;
/// Sessions that are refreshed in turns: more than connections, so that none waits for a token.
const REFRESHED: usize = 64;
/// How many sessions are to fit into memory.
const SESSIONS: usize = 100_000;
/// Log-ins of each kind in a round, one after the other.
const LOGINS: usize = 100;

#[derive(Default)]
struct Rounds {
    /// Of the processor, in microseconds a request.
    public: Vec<f64>,
    v1: Vec<f64>,
    v2: Vec<f64>,
    refreshes: Vec<f64>,
    /// Of a name that somebody has, and of one that nobody has, in milliseconds.
    known: Vec<f64>,
    unknown: Vec<f64>,
}

/// Measures tokens, refreshing, log-ins that fail, and many accounts.
pub(crate) async fn measure(plan: &Plan) -> Result<Table> {
    let folder = tempfile::tempdir()?;
    let url = |name: &str| format!("sqlite:///{}", folder.path().join(name).display());
    seed::fill(&url("few.db")).await?;
    program::create_user(&plan.inkgate, &url("few.db"), USER, PASSWORD)?;
    let server = Program::inkgate(&plan.inkgate, &url("few.db"), 0)?;
    let mut rounds = Rounds::default();
    for round in 1..=plan.rounds {
        eprintln!("accounts: round {round} of {}", plan.rounds);
        measure_round(plan, &server, folder.path(), &mut rounds).await?;
    }
    drop(server);
    let mut lines = [of_tokens(&rounds), of_failed_logins(&rounds)].concat();
    lines.extend(of_many(plan, folder.path(), [&url("few.db"), &url("many.db")]).await?);
    Ok(Table {
        title: "Accounts, sessions and tokens, on SQLite".to_owned(),
        lines,
    })
}

async fn measure_round(
    plan: &Plan,
    server: &Program,
    folder: &Path,
    rounds: &mut Rounds,
) -> Result<()> {
    let v1 = program::login(server.port, USER, PASSWORD)?;
    let pair = log_in(server.port)?;
    let v2 = text(&pair, "access_token")?;
    let todo = json!({"title": "Something to do"}).to_string();
    let todo: Value = serde_json::from_slice(&program::send(
        server.port,
        ("POST", "/api/v2/todos"),
        &[("Authorization", &format!("Bearer {v2}"))],
        &todo,
    )?)?;
    let path = format!("/api/v2/todos/{}", todo["id"]);
    let file = folder.join("tokens");
    rounds
        .public
        .push(cpu(plan, server, "/api/v2/posts/1", None).await?);
    for (token, costs) in [(v1.as_str(), &mut rounds.v1), (v2, &mut rounds.v2)] {
        fs::write(&file, format!("{token}\n"))?;
        costs.push(cpu(plan, server, &path, Some(&file)).await?);
    }
    rounds.refreshes.push(refreshes(plan, server, &file).await?);
    for _ in 0..LOGINS {
        rounds.known.push(failed_login(server.port, USER)?);
        rounds.unknown.push(failed_login(server.port, "nobody")?);
    }
    Ok(())
}

async fn refreshes(plan: &Plan, server: &Program, file: &Path) -> Result<f64> {
    let pairs = (0..REFRESHED).map(|_| log_in(server.port));
    let tokens = pairs.map(|pair| Ok(text(&pair?, "refresh_token")?.to_owned()));
    fs::write(file, tokens.collect::<Result<Vec<_>>>()?.join("\n"))?;
    let target = Target {
        port: server.port,
        path: "/api/v2/auth/refresh",
        script: Some("refresh.lua"),
        connections: CONNECTIONS,
    };
    Ok(wrk::run(target, plan.seconds, Some(file)).await?.rate)
}

fn log_in(port: u16) -> Result<Value> {
    let body = json!({"username": USER, "password": PASSWORD}).to_string();
    let answer = program::send(port, ("POST", "/api/v2/auth/login"), &[], &body)?;
    Ok(serde_json::from_slice(&answer)?)
}

fn text<'a>(value: &'a Value, name: &str) -> Result<&'a str> {
    value[name].as_str().with_context(|| format!("no {name}"))
}

/// How long a log-in takes that fails, in milliseconds.
fn failed_login(port: u16, name: &str) -> Result<f64> {
    let body = json!({"username": name, "password": "not the password"}).to_string();
    let begun = Instant::now();
    let answer = program::send(port, ("POST", "/api/v2/auth/login"), &[], &body)?;
    let took = begun.elapsed();
    let answer: Value = serde_json::from_slice(&answer)?;
    ensure!(answer["code"] == "invalid_credentials", "{answer}");
    Ok(took.as_secs_f64() * 1000.0)
}

/// What 100,000 accounts, each with a session that is in use, cost in memory and at the start.
async fn of_many(plan: &Plan, folder: &Path, [few, many]: [&str; 2]) -> Result<Vec<Line>> {
    eprintln!("accounts: {SESSIONS} of them");
    let tokens = seed::fill_with_sessions(many, SESSIONS).await?;
    let file = folder.join("many tokens");
    fs::write(&file, tokens.join("\n"))?;
    let mut starts = [Vec::new(), Vec::new()];
    for _ in 0..plan.rounds {
        for (url, starts) in [few, many].into_iter().zip(&mut starts) {
            let started = Program::inkgate(&plan.inkgate, url, 0)?.started_in;
            starts.push(started.as_secs_f64() * 1000.0);
        }
    }
    let server = Program::inkgate(&plan.inkgate, many, 0)?;
    let target = |script| Target {
        port: server.port,
        path: "/api/v1/me",
        script: Some(script),
        connections: CONNECTIONS,
    };
    let one = folder.join("one token");
    fs::write(&one, &tokens[0])?;
    wrk::run(target("get_with_tokens.lua"), plan.seconds, Some(&one)).await?;
    let before = server.rss()?;
    let mut asked = 0.0;
    while asked < SESSIONS as f64 {
        let load = wrk::run(target("get_with_tokens.lua"), 10, Some(&file)).await?;
        asked = load.requests;
    }
    let grown = server.rss()?.saturating_sub(before) as f64 / 1_000_000.0;
    let [few, many] = starts.map(|starts| median(starts.into_iter()));
    let line = Line::new;
    Ok(vec![
        line(
            "memory of 100,000 sessions in use",
            grown,
            "MB",
            Bar::AtMost(60.0),
        ),
        line("exec to first answer, 2 accounts", few, "ms", Bar::None),
        line(
            "exec to first answer, 100,000 accounts",
            many,
            "ms",
            Bar::None,
        ),
        line("... of that with 2", many / few, "x", Bar::AtMost(1.5)),
    ])
}

fn of_tokens(r: &Rounds) -> Vec<Line> {
    let used = |what, costs: &[f64]| Line::new(what, middle(costs), "us", Bar::None);
    let more = |costs: &[f64]| {
        let more = costs.iter().zip(&r.public).map(|(of, public)| of - public);
        Line::new(
            "... more than the public one",
            median(more),
            "us",
            Bar::AtMost(10.0),
        )
    };
    vec![
        used("GET of a public post, cache off, CPU", &r.public),
        used("GET of a private todo with a v1 token, CPU", &r.v1),
        more(&r.v1),
        used("GET of a private todo with a v2 token, CPU", &r.v2),
        more(&r.v2),
        Line::new(
            "POST /api/v2/auth/refresh",
            middle(&r.refreshes),
            "/s",
            Bar::AtLeast(3000.0),
        ),
    ]
}

fn of_failed_logins(r: &Rounds) -> Vec<Line> {
    let took = |what, times: &[f64]| Line::new(what, middle(times), "ms", Bar::None);
    vec![
        took("failed log-in, a name that somebody has", &r.known),
        took("failed log-in, a name that nobody has", &r.unknown),
        Line::new(
            "... how far apart their medians are",
            (middle(&r.known) / middle(&r.unknown) - 1.0).abs() * 100.0,
            "%",
            Bar::AtMost(5.0),
        ),
        Line::new(
            "... how well one can tell them (Cliff's delta, 0 to 1)",
            cliffs_delta(&r.known, &r.unknown).abs(),
            "",
            Bar::None,
        ),
    ]
}

fn middle(values: &[f64]) -> f64 {
    median(values.iter().copied())
}

/// How much more often one of `left` is above one of `right` than below (Cliff's delta).
fn cliffs_delta(left: &[f64], right: &[f64]) -> f64 {
    let pairs = left
        .iter()
        .flat_map(|l| right.iter().map(move |r| l.total_cmp(r)));
    let sum: i64 = pairs.map(|order| order as i64).sum();
    sum as f64 / (left.len() * right.len()) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_effect_is_none_for_the_same_and_whole_for_what_is_apart() {
        let delta = |left: &[f64], right: &[f64]| cliffs_delta(left, right);
        assert!(delta(&[1.0, 2.0], &[1.0, 2.0]).abs() < 1e-9);
        assert!((delta(&[3.0, 4.0], &[1.0, 2.0]) - 1.0).abs() < 1e-9);
    }
}
