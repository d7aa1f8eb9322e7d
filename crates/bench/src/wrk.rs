//! Runs wrk and reads what it prints.

use std::path::Path;
use std::process::Stdio;

use anyhow::{Context, Result, ensure};
use tokio::process::Command;

/// What came of one run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Load {
    /// Answers a second.
    pub(crate) rate: f64,
    /// Answers in all.
    pub(crate) requests: f64,
    /// Of a hundred answers, 99 came within this many milliseconds.
    pub(crate) p99: f64,
}

/// What to send, where, and how much at once.
#[derive(Clone, Copy)]
pub(crate) struct Target<'a> {
    pub(crate) port: u16,
    pub(crate) path: &'a str,
    pub(crate) script: Option<&'a str>,
    pub(crate) connections: u32,
}

/// Sends requests for `seconds`; every answer must be a success.
pub(crate) async fn run(target: Target<'_>, seconds: u32, token: Option<&Path>) -> Result<Load> {
    let mut command = Command::new("wrk");
    command.args(["--threads", "1", "--latency", "--timeout", "10s"]);
    command.args(["--connections", &target.connections.to_string()]);
    command.args(["--duration", &format!("{seconds}s")]);
    if let Some(script) = target.script {
        command.args([
            "--script",
            &format!("{}/lua/{script}", env!("CARGO_MANIFEST_DIR")),
        ]);
    }
    if let Some(token) = token {
        command.env("BENCH_TOKEN_FILE", token);
    }
    command.arg(format!("http://127.0.0.1:{}{}", target.port, target.path));
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .await
        .context("wrk is not there")?;
    let text = String::from_utf8(output.stdout)?;
    ensure!(
        !text.contains("Non-2xx"),
        "{}: some answers were refusals:\n{text}",
        target.path
    );
    read(&text).with_context(|| format!("wrk printed:\n{text}"))
}

fn read(text: &str) -> Option<Load> {
    let after = |label: &str| {
        let line = text
            .lines()
            .find_map(|line| line.trim().strip_prefix(label))?;
        line.split_whitespace().next().map(str::to_owned)
    };
    let rate = after("Requests/sec:")?.parse().ok()?;
    let requests = text
        .lines()
        .find_map(|line| line.trim().split_once(" requests in "));
    Some(Load {
        rate,
        requests: requests?.0.parse().ok()?,
        p99: millis(&after("99%")?)?,
    })
}

fn millis(text: &str) -> Option<f64> {
    let split = text.find(|c: char| c.is_ascii_alphabetic())?;
    let number: f64 = text[..split].parse().ok()?;
    match &text[split..] {
        "us" => Some(number / 1000.0),
        "ms" => Some(number),
        "s" => Some(number * 1000.0),
        "m" => Some(number * 60_000.0),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_wrk_prints_is_understood() {
        let text = "  Latency Distribution\n     50%  411.00us\n     99%    1.50ms\n  10 requests in 5.00s\nRequests/sec:  70123.45\n";

        let load = read(text).unwrap();

        assert!((load.rate - 70123.45).abs() < 0.01);
        assert!((load.p99 - 1.5).abs() < 0.01);
        assert!((load.requests - 10.0).abs() < 0.01);
    }
}
