//! `inkgate health`: asks a running server, for containers that have no curl.

use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::time::Duration;

use super::print;
use crate::config::Options;
use crate::failure::{Failure, Result};

const PATIENCE: Duration = Duration::from_secs(3);

pub(super) fn run(options: &Options) -> Result<()> {
    let address = reachable(options.address());
    let status = ask(address)
        .map_err(|error| Failure::refused(format!("http://{address}/health/ready: {error}")))?;
    if status.starts_with("HTTP/1.1 200") {
        print("healthy")
    } else {
        Err(Failure::refused(format!(
            "http://{address}/health/ready: {status}"
        )))
    }
}

/// Who listens everywhere can be asked on this machine.
fn reachable(mut address: SocketAddr) -> SocketAddr {
    if address.ip().is_unspecified() {
        address.set_ip(match address.ip() {
            IpAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
        });
    }
    address
}

fn ask(address: SocketAddr) -> std::io::Result<String> {
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let request = "GET /health/ready HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    stream.write_all(request.as_bytes())?;
    let mut answer = String::new();
    stream.take(4096).read_to_string(&mut answer)?;
    Ok(answer.lines().next().unwrap_or_default().to_owned())
}
