//! Programs that run in the background while they are measured.

use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

/// A key for the run; nobody else reaches these servers.
pub(crate) const SECRET_KEY: &str = "only for benchmarks: 0f8a2c4e6b1d3957";
const START: Duration = Duration::from_secs(20);

/// A program on a port, ended when dropped.
pub(crate) struct Program {
    child: Child,
    pub(crate) port: u16,
    /// From exec to the first answer.
    pub(crate) started_in: Duration,
}

impl Program {
    /// Starts a command that is told its port by `arguments`, and waits for its first answer.
    pub(crate) fn start(program: &Path, arguments: impl FnOnce(u16, &mut Command)) -> Result<Self> {
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let mut command = Command::new(program);
        arguments(port, &mut command);
        let begun = Instant::now();
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let child = child.with_context(|| format!("{} does not start", program.display()))?;
        let mut started = Self {
            child,
            port,
            started_in: Duration::ZERO,
        };
        while get(port, "/").is_err() {
            if begun.elapsed() > START || started.child.try_wait()?.is_some() {
                bail!("{} does not answer", program.display());
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        started.started_in = begun.elapsed();
        Ok(started)
    }

    /// Starts Inkgate as in production, without limits, which would be all that is measured.
    pub(crate) fn inkgate(program: &Path, database: &str, cache_bytes: u64) -> Result<Self> {
        Self::start(program, |port, command| {
            environment(command, database)
                .env("PORT", port.to_string())
                .env("INKGATE_CACHE_BYTES", cache_bytes.to_string())
                .env("INKGATE_LIMITS", "false");
        })
    }

    /// What Inkgate holds in memory beside its finished bodies, in bytes.
    pub(crate) fn memory_beside_cache(&self) -> Result<u64> {
        let metrics = String::from_utf8(get(self.port, "/metrics")?)?;
        let cached = metrics
            .lines()
            .find_map(|line| line.strip_prefix("inkgate_cached_bytes "));
        let cached: u64 = cached.context("no cached_bytes")?.trim().parse()?;
        Ok(self.rss()?.saturating_sub(cached))
    }

    /// What it has had of the processor so far.
    pub(crate) fn cpu(&self) -> Result<Duration> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        // The name may hold blanks; behind it come the state and eleven other numbers first.
        let (_, rest) = stat.rsplit_once(')').context("no name")?;
        let numbers = rest.split_whitespace().skip(11).take(2);
        let ticks = numbers.map(str::parse::<u64>).sum::<Result<u64, _>>()?;
        // Linux counts in hundredths of a second, whatever its own clock does.
        Ok(Duration::from_millis(ticks * 10))
    }

    pub(crate) fn rss(&self) -> Result<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kilobytes = line.and_then(|line| line.split_whitespace().next());
        Ok(kilobytes.context("no VmRSS")?.parse::<u64>()? * 1024)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended by itself.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// The environment in which Inkgate is measured.
pub(crate) fn environment<'a>(command: &'a mut Command, database: &str) -> &'a mut Command {
    command
        .env("INKGATE_ENV", "production")
        .env("DATABASE_URL", database)
        .env("SECRET_KEY", SECRET_KEY)
}

/// Makes an account through the command line.
pub(crate) fn create_user(
    program: &Path,
    database: &str,
    name: &str,
    password: &str,
) -> Result<()> {
    let mut command = Command::new(program);
    environment(&mut command, database);
    command.args(["user", "create", "--username", name, "--password-stdin"]);
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()?;
    writeln!(
        child.stdin.take().context("no standard input")?,
        "{password}"
    )?;
    ensure!(
        child.wait()?.success(),
        "the account {name} could not be made"
    );
    Ok(())
}

/// Asks for a body.
pub(crate) fn get(port: u16, path: &str) -> Result<Vec<u8>> {
    exchange(
        port,
        &format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"),
    )
}

/// Logs in and gives the token.
pub(crate) fn login(port: u16, name: &str, password: &str) -> Result<String> {
    let body = format!("{{\"username\":\"{name}\",\"password\":\"{password}\"}}");
    let answer = send(port, ("POST", "/api/v1/login"), &[], &body)?;
    let answer: serde_json::Value = serde_json::from_slice(&answer)?;
    Ok(answer["token"].as_str().context("no token")?.to_owned())
}

/// Sends JSON.
pub(crate) fn send(
    port: u16,
    (method, path): (&str, &str),
    headers: &[(&str, &str)],
    body: &str,
) -> Result<Vec<u8>> {
    let mut request = format!(
        "{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n",
        body.len()
    );
    for (name, value) in headers {
        request += &format!("{name}: {value}\r\n");
    }
    exchange(port, &format!("{request}\r\n{body}"))
}

fn exchange(port: u16, request: &str) -> Result<Vec<u8>> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.write_all(request.as_bytes())?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    let head = answer
        .windows(4)
        .position(|window| window == b"\r\n\r\n")
        .context("no head")?;
    Ok(answer.split_off(head + 4))
}
