//! A database with 10,000 posts of 1 KB.

use anyhow::Result;
use futures_util::{StreamExt, TryStreamExt, stream};
use model::{Category, Clock, Content, NewPost, NewUser, Role, Title, Username};
use store::{DatabaseUrl, Store, Synchronous};

/// How many posts there are.
pub(crate) const POSTS: usize = 10_000;

/// Fills the database at `url`; everything is by one author, who cannot log in.
pub(crate) async fn fill(url: &str) -> Result<()> {
    let url = DatabaseUrl::parse(url).map_err(anyhow::Error::msg)?;
    let store = Store::open(&url, Synchronous::Normal).await?;
    let now = Clock::system().now();
    let username =
        Username::parse("author").map_err(|invalid| anyhow::Error::msg(invalid.message))?;
    let password_hash = "none".to_owned();
    let author = NewUser {
        username,
        password_hash,
        role: Role::Author,
        email: None,
        created_at: now,
    };
    let author = store.insert_user(&author, &[], &[]).await?;
    let wrong = |invalid: model::Invalid| anyhow::Error::msg(invalid.message);
    let new = NewPost {
        title: Title::parse("A title of a usual length").map_err(wrong)?,
        content: Content::parse(&"0123456789abcdef".repeat(60)).map_err(wrong)?,
        category: Category::default(),
    };
    let inserts = (0..POSTS).map(|_| store.insert_post(author, &new, now, now.floor_to_millis()));
    stream::iter(inserts)
        .buffer_unordered(100)
        .try_collect::<Vec<_>>()
        .await?;
    store.close();
    Ok(())
}
