//! `inkgate seed`: a blog that somebody could have written, for demonstrations, benchmarks and
//! tests. The same number gives the same rows.

mod body;
mod chinese;
mod comments;
mod dice;
mod english;
mod japanese;
mod people;
mod posts;
mod subjects;
mod timeline;
mod todos;
mod tongue;

use std::sync::Arc;

use domain::{Domain, ReadyPost};
use futures_util::{StreamExt, stream};
use indicatif::{ProgressBar, ProgressStyle};
use model::{Clock, Invalid, Timestamp, UserId};
use serde_json::json;

use self::comments::{Answerable, Commentable};
use self::timeline::Timeline;
use super::user::read_password;
use super::{open, print};
use crate::cli::SeedArgs;
use crate::config::{Environment, Options};
use crate::failure::{Failure, Result};

/// How many rows one write takes.
const BATCH: usize = 100;
/// How many batches are made ahead of the one that is written.
const AHEAD: usize = 2;
const DAY_SECONDS: i64 = 24 * 60 * 60;

pub(super) async fn run(
    options: &Options,
    environment: Environment,
    arguments: &SeedArgs,
) -> Result<()> {
    refuse_before_opening(environment, arguments)?;
    let domain = Arc::new(open(options, environment).await?);
    let done = seed(&domain, arguments).await;
    domain.close();
    print(&done?)
}

fn refuse_before_opening(environment: Environment, arguments: &SeedArgs) -> Result<()> {
    if environment == Environment::Production && !arguments.in_production {
        return Err(Failure::refused(
            "in production nothing is made up: use --in-production if this is meant",
        ));
    }
    if arguments.users == 0 && arguments.posts + arguments.comments + arguments.todos > 0 {
        return Err(Failure::refused(
            "posts, comments and todos need somebody whose they are: use --users 1 or more",
        ));
    }
    if arguments.posts == 0 && arguments.comments > 0 {
        return Err(Failure::refused(
            "comments need posts to stand below: use --posts 1 or more, or --comments 0",
        ));
    }
    Ok(())
}

async fn seed(domain: &Arc<Domain>, arguments: &SeedArgs) -> Result<String> {
    if domain.has_posts().await? {
        return Err(Failure::refused(
            "the database has posts already: name a new one in DATABASE_URL",
        ));
    }
    let seeding = Seeding {
        domain: Arc::clone(domain),
        arguments: arguments.clone(),
        timeline: Timeline {
            end: arguments.until.unwrap_or_else(today),
        },
        progress: progress(arguments),
    };
    let written = seeding.write().await;
    seeding.progress.finish_and_clear();
    written?;
    let SeedArgs {
        users,
        posts,
        comments,
        todos,
        seed,
        ..
    } = arguments;
    let details = json!({
        "from": "seed", "seed": seed,
        "users": users, "posts": posts, "comments": comments, "todos": todos,
    });
    domain.finish_seeding(&details).await?;
    Ok(format!(
        "{users} users, {posts} posts, {comments} comments and {todos} todos made up of the number {seed}"
    ))
}

fn progress(arguments: &SeedArgs) -> ProgressBar {
    let total = arguments.users + arguments.posts + arguments.comments + arguments.todos;
    ProgressBar::new(total as u64).with_style(
        ProgressStyle::with_template("{bar:40} {pos}/{len} rows, {per_sec}, {eta} left")
            .unwrap_or_else(|_| ProgressStyle::default_bar()),
    )
}

/// The day that begins.
fn today() -> Timestamp {
    let seconds = Clock::system().now().as_seconds();
    Timestamp::from_micros((seconds - seconds.rem_euclid(DAY_SECONDS)) * 1_000_000)
}

/// All that is to be made up.
struct Seeding {
    domain: Arc<Domain>,
    arguments: SeedArgs,
    timeline: Timeline,
    progress: ProgressBar,
}

impl Seeding {
    async fn write(&self) -> Result<()> {
        let users: Arc<[UserId]> = self.users().await?.into();
        let posts = self.posts(&users).await?;
        self.comments(&users, &posts).await?;
        self.todos(&users).await?;
        Ok(self.domain.seeded().await?)
    }

    async fn users(&self) -> Result<Vec<UserId>> {
        let (seed, count) = (self.arguments.seed, self.arguments.users);
        let mut users = Vec::with_capacity(count);
        if count == 0 {
            return Ok(users);
        }
        let make = |index| {
            people::user(seed, (index, count), self.timeline)
                .map_err(|invalid| impossible(&invalid))
        };
        let password = if self.arguments.password_stdin {
            Some(read_password(true)?)
        } else {
            None
        };
        let first = make(0)?;
        let hash = self.domain.seed_password(password, &first.username).await?;
        for batch in batches(count) {
            let batch = batch.map(make).collect::<Result<Vec<_>>>()?;
            let stored = self.domain.seed_users(&batch, &hash).await;
            users.extend(stored.map_err(|error| match error {
                domain::Error::UsernameTaken => Failure::refused(
                    "somebody has the name of a user who is made up: name a new database in DATABASE_URL",
                ),
                error => error.into(),
            })?);
            self.progress.inc(batch.len() as u64);
        }
        Ok(users)
    }

    /// Gives those that can be commented on.
    async fn posts(&self, users: &Arc<[UserId]>) -> Result<Vec<Commentable>> {
        let mut commentable = Vec::new();
        // Made and rendered beside the database, which takes one batch after the other: numbers
        // follow one another.
        let mut ready = stream::iter(batches(self.arguments.posts))
            .map(|batch| {
                let (domain, users) = (Arc::clone(&self.domain), Arc::clone(users));
                let (arguments, timeline) = (self.arguments.clone(), self.timeline);
                tokio::spawn(ready_posts(domain, users, (arguments, timeline), batch))
            })
            .buffered(AHEAD);
        while let Some(batch) = ready.next().await {
            let batch = batch.map_err(Failure::refused)??;
            let from: Vec<_> = batch.iter().map(ReadyPost::commentable_from).collect();
            let ids = self.domain.seed_posts(batch).await?;
            self.progress.inc(ids.len() as u64);
            let open = ids.into_iter().zip(from);
            let open = open.filter_map(|(id, from)| Some(Commentable { id, from: from? }));
            commentable.extend(open.filter(|post| post.from <= self.timeline.end));
        }
        Ok(commentable)
    }

    async fn comments(&self, users: &[UserId], posts: &[Commentable]) -> Result<()> {
        let (seed, count) = (self.arguments.seed, self.arguments.comments);
        if posts.is_empty() {
            return Ok(());
        }
        let mut answerable = Vec::new();
        for batch in batches(count) {
            let make = |index| {
                let people = (users, posts, answerable.as_slice());
                comments::comment(seed, (index, count), people, self.timeline)
            };
            let batch = batch.map(make).collect::<std::result::Result<Vec<_>, _>>();
            let batch = batch.map_err(|invalid| impossible(&invalid))?;
            let next: Vec<_> = batch.iter().map(Answerable::of).collect();
            let ids = self.domain.seed_comments(batch).await?;
            self.progress.inc(ids.len() as u64);
            answerable = Answerable::those(next, ids);
        }
        Ok(())
    }

    async fn todos(&self, users: &[UserId]) -> Result<()> {
        let (seed, count) = (self.arguments.seed, self.arguments.todos);
        for batch in batches(count) {
            let make = |index| todos::todo(seed, (index, count), users, self.timeline);
            let batch = batch.map(make).collect::<std::result::Result<Vec<_>, _>>();
            let batch = batch.map_err(|invalid| impossible(&invalid))?;
            self.domain.seed_todos(&batch).await?;
            self.progress.inc(batch.len() as u64);
        }
        Ok(())
    }
}

async fn ready_posts(
    domain: Arc<Domain>,
    users: Arc<[UserId]>,
    (arguments, timeline): (SeedArgs, Timeline),
    batch: std::ops::Range<usize>,
) -> Result<Vec<ReadyPost>> {
    let make = |index| posts::post(arguments.seed, (index, arguments.posts), &users, timeline);
    let made = batch.map(make).collect::<std::result::Result<Vec<_>, _>>();
    Ok(domain
        .ready_posts(&made.map_err(|invalid| impossible(&invalid))?)
        .await?)
}

fn batches(count: usize) -> impl Iterator<Item = std::ops::Range<usize>> {
    (0..count)
        .step_by(BATCH)
        .map(move |start| start..count.min(start + BATCH))
}

/// What is made up breaks no rule; if it does, the generator is wrong.
fn impossible(invalid: &Invalid) -> Failure {
    Failure::refused(format!(
        "what was made up cannot be stored: it {}",
        invalid.message
    ))
}
