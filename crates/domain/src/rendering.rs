//! Rendering posts: short ones at once, long ones on a thread of their own, where they keep nobody
//! waiting but each other.

use std::time::Duration;

use model::{Invalid, RenderedPost};
use tokio::sync::{mpsc, oneshot};

use crate::{Error, Result};

/// A source of more bytes than this is a long one: it takes about a millisecond.
const SHORT: usize = 16 * 1024;
/// How many long ones may wait; one more is told to come back.
const QUEUE: usize = 64;

type Work = Box<dyn FnOnce() + Send>;

/// The thread for what is long; it ends with this.
pub(crate) struct Renderer(mpsc::Sender<Work>);

impl Renderer {
    /// Starts the thread.
    ///
    /// # Errors
    /// When the system gives none.
    pub(crate) fn start() -> std::io::Result<Self> {
        let (jobs, mut queue) = mpsc::channel::<Work>(QUEUE);
        let run = move || {
            while let Some(work) = queue.blocking_recv() {
                work();
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
            let source = source.to_owned();
            self.on_thread(move || render::post(&source)).await?
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

    /// Does what takes long on the thread.
    ///
    /// # Errors
    /// [`Error::Overloaded`] when too many wait.
    pub(crate) async fn on_thread<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T> {
        let (reply, answer) = oneshot::channel();
        let overloaded = || Error::Overloaded {
            retry_after: Duration::from_secs(1),
        };
        // Nobody may be waiting any more when it is done.
        let work = Box::new(move || drop(reply.send(work())));
        self.0.try_send(work).map_err(|_| overloaded())?;
        answer.await.map_err(|_| overloaded())
    }
}
