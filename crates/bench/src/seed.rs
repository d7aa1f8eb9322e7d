//! Databases to measure on: 10,000 posts of 1 KB, or many accounts.

use std::time::Duration;

use anyhow::Result;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use futures_util::{StreamExt, TryStreamExt, stream};
use model::{
    AuthMethods, Clock, Content, NewSession, NewUser, PostFields, PostStatus, PostWrite,
    RenderedPost, RevisionChange, Role, SessionId, SessionKind, SlugWish, Timestamp, Title,
    Username,
};
use ring::hmac::{HMAC_SHA256, Key, sign};
use serde_json::json;
use store::{DatabaseUrl, Store, Synchronous};

use crate::program::SECRET_KEY;

/// How long a session lives.
const LIFE: Duration = Duration::from_hours(24);
/// How many posts there are.
pub(crate) const POSTS: usize = 10_000;

/// Fills the database at `url`; everything is by one author, who cannot log in.
pub(crate) async fn fill(url: &str) -> Result<()> {
    let url = DatabaseUrl::parse(url).map_err(anyhow::Error::msg)?;
    let store = Store::open(&url, Synchronous::Normal).await?;
    let now = Clock::system().now();
    let author = store.insert_user(&user("author", now)?, &[], &[]).await?;
    let title = Title::parse("A title of a usual length").map_err(wrong)?;
    let content = Content::parse(&"0123456789abcdef".repeat(60)).map_err(wrong)?;
    let mut fields = PostFields::new(title, content);
    fields.status = PostStatus::Published;
    fields.published_at = Some(now.floor_to_millis());
    let new = PostWrite {
        title_key: fields.title.to_lowercase(),
        tag_keys: Vec::new(),
        rendered: Some(RenderedPost {
            html: format!("<p>{}</p>\n", fields.content),
            summary: fields.content.clone(),
            word_count: 1,
        }),
        fields,
        words: String::new(),
        slug: SlugWish::Free("a-title-of-a-usual-length".to_owned()),
        revision: Some(RevisionChange::Created),
        by: author,
        now,
        key: None,
    };
    // Each has a slug of its own: of those that want one at once, only one gets it at once.
    let posts: Vec<_> = (0..POSTS)
        .map(|number| PostWrite {
            slug: SlugWish::Free(format!("a-title-of-a-usual-length-{number}x")),
            ..new.clone()
        })
        .collect();
    let inserts = posts.iter().map(|new| store.insert_post(author, new));
    stream::iter(inserts)
        .buffer_unordered(100)
        .try_collect::<Vec<_>>()
        .await?;
    store.analyze().await?;
    store.close();
    Ok(())
}

/// Fills the database at `url` with accounts of one session each; gives the v1 tokens of these.
pub(crate) async fn fill_with_sessions(url: &str, count: usize) -> Result<Vec<String>> {
    let url = DatabaseUrl::parse(url).map_err(anyhow::Error::msg)?;
    let store = Store::open(&url, Synchronous::Normal).await?;
    let now = Clock::system().now();
    let opened = (0..count).map(|number| open_session(&store, number, now));
    let tokens = stream::iter(opened).buffered(200).try_collect().await?;
    store.close();
    Ok(tokens)
}

async fn open_session(store: &Store, number: usize, now: Timestamp) -> Result<String> {
    let user = user(&format!("somebody with number {number}"), now)?;
    let user_id = store.insert_user(&user, &[], &[]).await?;
    let mut random = [0; 10];
    random[2..].copy_from_slice(&number.to_be_bytes());
    let session = NewSession {
        id: SessionId::new(now, random),
        user_id,
        kind: SessionKind::V1,
        generation: 0,
        address: "127.0.0.1".to_owned(),
        user_agent: "wrk".to_owned(),
        methods: AuthMethods::Password,
        refresh_nonce: None,
        created_at: now,
        expires_at: now.after(LIFE),
    };
    store.insert_session(&session, &[]).await?;
    let claims = json!({
        "user_id": user_id.0,
        "exp": now.after(LIFE).as_seconds(),
        "iat": now.as_seconds(),
        "jti": session.id.to_string(),
        "sid": session.id.to_string(),
        "gen": 0,
    });
    let encode = |bytes: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(bytes);
    let header = encode(br#"{"alg":"HS256","typ":"JWT"}"#);
    let message = format!("{header}.{}", encode(claims.to_string().as_bytes()));
    let key = Key::new(HMAC_SHA256, SECRET_KEY.as_bytes());
    Ok(format!(
        "{message}.{}",
        encode(sign(&key, message.as_bytes()).as_ref())
    ))
}

/// Somebody who cannot log in.
fn user(name: &str, now: Timestamp) -> Result<NewUser> {
    Ok(NewUser {
        username: Username::parse(name).map_err(wrong)?,
        password_hash: "none".to_owned(),
        role: Role::Author,
        email: None,
        created_at: now,
    })
}

fn wrong(invalid: model::Invalid) -> anyhow::Error {
    anyhow::Error::msg(invalid.message)
}
