//! Everything that is held about the caller, as one JSON file.

use std::sync::Arc;

use axum::extract::State;
use axum::http::HeaderValue;
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION};
use axum::response::Response;
use domain::{Actor, Domain};
use model::{
    CommentId, Cursor, ExportedPost, ExportedSession, Follow, Key, Mark, MarkedPost,
    PersonalTokenId, PostId, SessionId, TodoId, UserId,
};
use serde::Serialize;
use utoipa::ToSchema;

use super::Problem;
use super::account::AccountOut;
use super::audit::EventOut;
use super::comments::CommentOut;
use super::me::{CurrentPassword, current_password};
use super::sessions::SessionOut;
use super::tokens::TokenOut;
use super::wire::{TodoOut, V2Time, written};
use crate::api::batches::{self, Batches};
use crate::app::App;
use crate::auth::SessionWriter;
use crate::body::AccountBody;
use crate::client::Sender;
use crate::error::Result;

/// A post of one's own, in the trash or not.
#[derive(Serialize, ToSchema)]
#[schema(as = ExportedPost)]
pub(super) struct PostOut<'a> {
    id: i64,
    #[schema(example = "My Post")]
    title: &'a str,
    /// Markdown source, kept byte for byte.
    #[schema(example = "# Hello")]
    content: &'a str,
    #[schema(example = "general")]
    category: &'a str,
    #[schema(value_type = String, format = DateTime)]
    published_at: V2Time,
    #[schema(value_type = String, format = DateTime)]
    created_at: V2Time,
    #[schema(value_type = String, format = DateTime)]
    updated_at: V2Time,
    /// Since when it is in the trash.
    #[schema(value_type = Option<String>, format = DateTime, required)]
    deleted_at: Option<V2Time>,
    version: i64,
}

/// A session, alive or not.
#[derive(Serialize, ToSchema)]
#[schema(as = ExportedSession)]
struct EndedSessionOut<'a> {
    #[serde(flatten)]
    session: SessionOut<'a>,
    /// When somebody ended it.
    #[schema(value_type = Option<String>, format = DateTime, required)]
    ended_at: Option<V2Time>,
}

/// A post that the user has put a mark on.
#[derive(Serialize, ToSchema)]
#[schema(as = ExportedMark)]
struct MarkOut {
    post_id: i64,
    #[schema(value_type = String, format = DateTime)]
    created_at: V2Time,
}

/// Somebody whom the user follows.
#[derive(Serialize, ToSchema)]
#[schema(as = ExportedFollow)]
struct FollowOut {
    user_id: i64,
    #[schema(value_type = String, format = DateTime)]
    created_at: V2Time,
}

/// Everything that is held about a user.
#[derive(ToSchema)]
#[expect(dead_code, reason = "documents a body that is written bit by bit")]
pub(super) struct Export<'a> {
    user: AccountOut<'a>,
    posts: Vec<PostOut<'a>>,
    todos: Vec<TodoOut<'a>>,
    /// Whoever sees them.
    comments: Vec<CommentOut<'a>>,
    favorites: Vec<MarkOut>,
    bookmarks: Vec<MarkOut>,
    follows: Vec<FollowOut>,
    sessions: Vec<EndedSessionOut<'a>>,
    personal_tokens: Vec<TokenOut<'a>>,
    /// What happened to the account and what its owner did, newest first.
    activity: Vec<EventOut<'a>>,
}

/// Gives everything that is held about the caller, as one JSON file.
///
/// No secrets, and nobody else's data. The password is asked for once more.
#[utoipa::path(post, path = "/api/v2/me/export", tag = "me", security(("bearer" = [])),
    request_body = CurrentPassword,
    responses((status = 200, body = Export,
            headers(("Content-Disposition" = String, description = "A name for the file"))),
        (status = 401, body = Problem), (status = 403, body = Problem), (status = 415, body = Problem),
        (status = 422, body = Problem)))]
pub(super) async fn export_me(
    State(app): State<App>,
    SessionWriter(caller): SessionWriter,
    Sender(client): Sender,
    body: AccountBody,
) -> Result<Response> {
    let password = current_password(body.exact_fields()?)?;
    let actor = caller.actor;
    let user = app.domain.begin_export(&actor, password, &client).await?;
    let mut head = b"{\"user\":".to_vec();
    head.extend(written(&AccountOut::from(&user)));
    head.extend_from_slice(b",\"posts\":[");
    let export = Exporting::new(&app, actor, caller.session);
    let file = batches::answer(&app, head, export, b"]}\n".to_vec()).await?;
    Ok(attached(file, &format!("inkgate-user-{}.json", user.id)))
}

/// An answer to be kept as a file, and by nobody else.
fn attached(mut response: Response, name: &str) -> Response {
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    let disposition = format!("attachment; filename=\"{name}\"");
    let disposition = HeaderValue::from_str(&disposition);
    headers.extend(disposition.map(|value| (CONTENT_DISPOSITION, value)));
    response
}

/// An export that is under way.
struct Exporting {
    domain: Arc<Domain>,
    actor: Actor,
    current: SessionId,
    part: Part,
    first: bool,
}

/// What comes next, and after which row.
#[derive(Clone)]
enum Part {
    Posts(PostId),
    Todos(TodoId),
    Reader(ReaderPart),
    Sessions(SessionId),
    PersonalTokens(PersonalTokenId),
    Activity(Cursor),
}

/// The same, of what the user has done as a reader.
#[derive(Clone, Copy)]
enum ReaderPart {
    Comments(CommentId),
    Favorites(PostId),
    Bookmarks(PostId),
    Follows(UserId),
}

const FIRST: Cursor = Cursor {
    key: Key::Int(0),
    id: 0,
};

impl Exporting {
    fn new(app: &App, actor: Actor, current: SessionId) -> Self {
        Self {
            domain: Arc::clone(&app.domain),
            actor,
            current,
            part: Part::Posts(PostId(0)),
            first: true,
        }
    }

    fn push<T: Serialize>(&mut self, out: &mut Vec<u8>, rows: impl Iterator<Item = T>) {
        for row in rows {
            if !std::mem::take(&mut self.first) {
                out.push(b',');
            }
            out.extend(written(&row));
        }
    }

    fn begin(&mut self, out: &mut Vec<u8>, name: &str, part: Part) {
        out.extend_from_slice(format!("],\"{name}\":[").as_bytes());
        self.part = part;
        self.first = true;
    }
}

impl Exporting {
    async fn next_of_reader(&mut self, out: &mut Vec<u8>, part: ReaderPart) -> domain::Result<()> {
        let domain = Arc::clone(&self.domain);
        let next = match part {
            ReaderPart::Comments(after) => {
                let comments = domain.exported_comments(&self.actor, after).await?;
                self.push(out, comments.iter().map(CommentOut::from));
                comments.last().map(|last| ReaderPart::Comments(last.id))
            }
            ReaderPart::Favorites(after) => {
                let last = self.push_marks(out, Mark::Favorite, after).await?;
                last.map(ReaderPart::Favorites)
            }
            ReaderPart::Bookmarks(after) => {
                let last = self.push_marks(out, Mark::Bookmark, after).await?;
                last.map(ReaderPart::Bookmarks)
            }
            ReaderPart::Follows(after) => {
                let follows = domain.exported_follows(&self.actor, after).await?;
                self.push(out, follows.iter().map(FollowOut::from));
                follows.last().map(|last| ReaderPart::Follows(last.user_id))
            }
        };
        match (next, part) {
            (Some(next), _) => self.part = Part::Reader(next),
            (None, ReaderPart::Comments(_)) => {
                let first = ReaderPart::Favorites(PostId(0));
                self.begin(out, "favorites", Part::Reader(first));
            }
            (None, ReaderPart::Favorites(_)) => {
                let first = ReaderPart::Bookmarks(PostId(0));
                self.begin(out, "bookmarks", Part::Reader(first));
            }
            (None, ReaderPart::Bookmarks(_)) => {
                let first = ReaderPart::Follows(UserId(0));
                self.begin(out, "follows", Part::Reader(first));
            }
            (None, ReaderPart::Follows(_)) => {
                let first = SessionId::at_cursor(&FIRST);
                self.begin(out, "sessions", Part::Sessions(first));
            }
        }
        Ok(())
    }

    /// Writes the next marks, and gives the last of their posts.
    async fn push_marks(
        &mut self,
        out: &mut Vec<u8>,
        mark: Mark,
        after: PostId,
    ) -> domain::Result<Option<PostId>> {
        let marks = self.domain.exported_marks(&self.actor, mark, after).await?;
        self.push(out, marks.iter().map(MarkOut::from));
        Ok(marks.last().map(|last| last.post_id))
    }
}

impl Batches for Exporting {
    async fn next(&mut self, out: &mut Vec<u8>) -> domain::Result<bool> {
        let domain = Arc::clone(&self.domain);
        match self.part.clone() {
            Part::Posts(after) => {
                let posts = domain.exported_posts(&self.actor, after).await?;
                self.push(out, posts.iter().map(PostOut::from));
                match posts.last() {
                    Some(last) => self.part = Part::Posts(last.id),
                    None => self.begin(out, "todos", Part::Todos(TodoId(0))),
                }
            }
            Part::Todos(after) => {
                let todos = domain.exported_todos(&self.actor, after).await?;
                self.push(out, todos.iter().map(TodoOut::from));
                match todos.last() {
                    Some(last) => self.part = Part::Todos(last.id),
                    None => {
                        let first = ReaderPart::Comments(CommentId(0));
                        self.begin(out, "comments", Part::Reader(first));
                    }
                }
            }
            Part::Reader(part) => self.next_of_reader(out, part).await?,
            Part::Sessions(after) => {
                let sessions = domain.exported_sessions(&self.actor, after).await?;
                let current = self.current;
                let shown = |row| EndedSessionOut::new(row, current);
                self.push(out, sessions.iter().map(shown));
                match sessions.last() {
                    Some(last) => self.part = Part::Sessions(last.session.id),
                    None => {
                        let first = PersonalTokenId::at_cursor(&FIRST);
                        self.begin(out, "personal_tokens", Part::PersonalTokens(first));
                    }
                }
            }
            Part::PersonalTokens(after) => {
                let tokens = domain.exported_personal_tokens(&self.actor, after).await?;
                self.push(out, tokens.iter().map(TokenOut::from));
                match tokens.last() {
                    Some(last) => self.part = Part::PersonalTokens(last.id),
                    None => self.begin(out, "activity", Part::Activity(Cursor::NEWEST)),
                }
            }
            Part::Activity(before) => {
                let page = domain.exported_activity(&self.actor, &before).await?;
                self.push(out, page.rows.iter().map(EventOut::from));
                match page.next {
                    Some(next) => self.part = Part::Activity(next),
                    None => return Ok(false),
                }
            }
        }
        Ok(true)
    }
}

impl From<&MarkedPost> for MarkOut {
    fn from(marked: &MarkedPost) -> Self {
        Self {
            post_id: marked.post_id.0,
            created_at: V2Time(marked.created_at),
        }
    }
}

impl From<&Follow> for FollowOut {
    fn from(follow: &Follow) -> Self {
        Self {
            user_id: follow.user_id.0,
            created_at: V2Time(follow.created_at),
        }
    }
}

impl<'a> From<&'a ExportedPost> for PostOut<'a> {
    fn from(post: &'a ExportedPost) -> Self {
        Self {
            id: post.id.0,
            title: &post.title,
            content: &post.content,
            category: &post.category,
            published_at: V2Time(post.published_at),
            created_at: V2Time(post.created_at),
            updated_at: V2Time(post.updated_at),
            deleted_at: post.deleted_at.map(V2Time),
            version: post.version,
        }
    }
}

impl<'a> EndedSessionOut<'a> {
    fn new(row: &'a ExportedSession, current: SessionId) -> Self {
        Self {
            session: SessionOut::new(&row.session, current),
            ended_at: row.ended_at.map(V2Time),
        }
    }
}
