//! Measures Inkgate beside a bare handler of the same bytes, in one run and interleaved, and
//! writes what came out to `docs/benchmarks.md`. Nothing here is a test: machines differ.

mod accounts;
mod bare;
mod measure;
mod program;
mod report;
mod seed;
mod wrk;

use std::path::PathBuf;

use anyhow::Result;
use clap::{Parser, Subcommand};

use crate::measure::Plan;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Benchmarks of Inkgate.
#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the same bytes from memory: what HTTP itself costs
    Bare {
        /// The port
        port: u16,
        /// The body of a post
        post: PathBuf,
        /// The body of a page
        page: PathBuf,
    },
    /// Insert a post and commit, request by request: what a plain handler costs
    Baseline {
        /// The port
        port: u16,
        /// The database to make
        file: PathBuf,
    },
    /// Measure everything and write the report
    Run {
        /// The program to measure
        #[arg(long, default_value = "target/release/inkgate")]
        inkgate: PathBuf,
        /// A PostgreSQL server on which a database can be made, to measure as well
        #[arg(long)]
        postgres: Option<String>,
        /// How often everything is measured
        #[arg(long, default_value_t = 3)]
        rounds: usize,
        /// How long each measurement takes
        #[arg(long, default_value_t = 5)]
        seconds: u32,
        /// The report
        #[arg(long, default_value = "docs/benchmarks.md")]
        report: PathBuf,
    },
}

#[tokio::main]
async fn main() -> Result<()> {
    match Arguments::parse().command {
        Command::Bare { port, post, page } => bare::serve(port, &post, &page).await,
        Command::Baseline { port, file } => bare::serve_baseline(port, &file).await,
        Command::Run {
            inkgate,
            postgres,
            rounds,
            seconds,
            report,
        } => {
            let plan = Plan {
                inkgate,
                rounds: rounds.max(3),
                seconds,
            };
            let mut tables = vec![
                measure::sqlite(&plan).await?,
                accounts::measure(&plan).await?,
            ];
            if let Some(server) = postgres {
                // What is measured so far is not lost if something goes wrong from here on.
                report::write(&report, &plan, &tables)?;
                tables.push(measure::postgres(&plan, &server).await?);
            }
            report::write(&report, &plan, &tables)
        }
    }
}
