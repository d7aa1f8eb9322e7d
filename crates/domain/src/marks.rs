//! What readers put on posts: favorites and bookmarks.

use model::{Cursor, Mark, Page, PageLimit, Post, PostId};
use store::PostReader;

use crate::auth::policy::{Action, may};
use crate::{Actor, Domain, Result};

impl Domain {
    /// Puts a mark on a post that the caller may see; one that is there already stays as it is.
    pub async fn put_mark(&self, actor: &Actor, mark: Mark, post: PostId) -> Result<()> {
        self.visible_post(Some(actor), post).await?;
        let now = self.clock.now();
        Ok(self.store.insert_mark(mark, actor.id, post, now).await?)
    }

    /// Takes a mark off a post that the caller may see, if it is there.
    pub async fn take_mark(&self, actor: &Actor, mark: Mark, post: PostId) -> Result<()> {
        self.visible_post(Some(actor), post).await?;
        Ok(self.store.delete_mark(mark, actor.id, post).await?)
    }

    /// A page of the posts that the caller has put this mark on and may still see, the last one
    /// marked first.
    pub async fn marked_posts(
        &self,
        actor: &Actor,
        mark: Mark,
        before: &Cursor,
        limit: PageLimit,
    ) -> Result<Page<Post>> {
        let reader = self.reader(actor);
        let page = self.store.marked_posts(mark, &reader, before, limit);
        Ok(page.await?)
    }

    /// How many posts the caller has put this mark on and may still see.
    pub async fn count_marked_posts(&self, actor: &Actor, mark: Mark) -> Result<i64> {
        let reader = self.reader(actor);
        Ok(self.store.count_marked_posts(mark, &reader).await?)
    }

    fn reader(&self, actor: &Actor) -> PostReader {
        PostReader {
            user_id: actor.id,
            sees_all: may(actor, Action::SeeAllPosts).is_ok(),
            now: self.clock.now(),
        }
    }
}
