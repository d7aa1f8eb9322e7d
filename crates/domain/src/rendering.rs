//! Rendering posts: short ones at once, long ones on a thread of their own, where they keep nobody
//! waiting but each other.

use std::time::Duration;

use model::{Invalid, RenderedPost};
use render::{Rendered, TooNested};
use tokio::sync::{mpsc, oneshot};

use crate::{Error, Result};

/// A source of more bytes than this is a long one: it takes about a millisecond.
const SHORT: usize = 16 * 1024;
/// How many long ones may wait; one more is told to come back.
const QUEUE: usize = 64;

type Answer = std::result::Result<Rendered, TooNested>;

struct Wanted {
    source: String,
    reply: oneshot::Sender<Answer>,
}

/// The thread for what is long; it ends with this.
pub(crate) struct Renderer(mpsc::Sender<Wanted>);

impl Renderer {
    /// Starts the thread.
    ///
    /// # Errors
    /// When the system gives none.
    pub(crate) fn start() -> std::io::Result<Self> {
        let (jobs, mut queue) = mpsc::channel::<Wanted>(QUEUE);
        let run = move || {
            while let Some(wanted) = queue.blocking_recv() {
                // Nobody may be waiting any more.
                drop(wanted.reply.send(render::post(&wanted.source)));
            }
        };
        std::thread::Builder::new()
            .name("render".to_owned())
            .spawn(run)?;
        Ok(Self(jobs))
    }

    /// What is made of a source.
    ///
    /// # Errors
    /// On `content`, when it nests too deep; [`Error::Overloaded`] when too many wait.
    pub(crate) async fn render(&self, source: &str) -> Result<RenderedPost> {
        let rendered = if source.len() > SHORT {
            self.render_long(source).await?
        } else {
            render::post(source)
        };
        let rendered = rendered.map_err(|error| Invalid::new(error.to_string()).of("content"))?;
        Ok(RenderedPost {
            html: rendered.html,
            summary: rendered.excerpt,
            word_count: rendered.word_count.into(),
        })
    }

    async fn render_long(&self, source: &str) -> Result<Answer> {
        let (reply, answer) = oneshot::channel();
        let source = source.to_owned();
        let overloaded = || Error::Overloaded {
            retry_after: Duration::from_secs(1),
        };
        self.0
            .try_send(Wanted { source, reply })
            .map_err(|_| overloaded())?;
        answer.await.map_err(|_| overloaded())
    }
}
