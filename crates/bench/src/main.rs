//! Measures Inkgate beside a bare handler of the same bytes, in one run and interleaved, and
//! writes what came out to `docs/benchmarks.md`. Nothing here is a test: machines differ.

mod accounts;
mod bare;
mod blog;
mod growth;
mod measure;
mod program;
mod report;
mod seed;
mod wrk;

use std::path::PathBuf;

use anyhow::Result;
use clap::{Parser, Subcommand};

use crate::blog::Size;
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
    /// Serve files from memory
    Files {
        /// Where to listen
        port: u16,
        /// The files
        files: Vec<PathBuf>,
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
        /// How many posts the blog has that lists are read from
        #[arg(long, default_value_t = 100_000)]
        blog_posts: usize,
        /// Measure nothing but how cost grows with the number of posts
        #[arg(long)]
        growth: bool,
        /// How many posts the blogs have that are compared
        #[arg(long, value_delimiter = ',', default_value = "10000,100000,1000000")]
        sizes: Vec<usize>,
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
        Command::Files { port, files } => bare::serve_files(port, &files).await,
        Command::Run {
            inkgate,
            postgres,
            rounds,
            seconds,
            blog_posts,
            growth,
            sizes,
            report,
        } => {
            let plan = Plan {
                inkgate,
                rounds: rounds.max(3),
                seconds,
            };
            if growth {
                let table = growth::measure(&plan, &sizes).await?;
                return report::write_growth(&report, &plan, &table);
            }
            let size = Size {
                posts: blog_posts,
                users: (blog_posts / 100).max(10),
            };
            let mut tables = vec![
                measure::sqlite(&plan).await?,
                blog::measure(&plan, size).await?,
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
