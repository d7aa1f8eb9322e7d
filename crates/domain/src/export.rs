//! Everything that is held about a user, for that user: no secrets, and nobody else's data.

use model::{
    AuditKind, AuditTrace, Comment, CommentId, Cursor, ExportedPost, ExportedSession, Follow, Mark,
    MarkedPost, Page, PageLimit, Password, PersonalToken, PersonalTokenId, PostId, SessionId, Todo,
    TodoId, User, UserId,
};

use crate::audit::By;
use crate::{Actor, Client, Domain, Result};

impl Domain {
    /// Lets the caller take everything along, after asking for the password once more; gives the
    /// account.
    pub async fn begin_export(
        &self,
        actor: &Actor,
        password: Password,
        client: &Client,
    ) -> Result<User> {
        self.check_own_password(actor, password, client).await?;
        let entry = self.entry_of(AuditKind::DataExported, By::actor(actor, client), actor.id);
        self.store.insert_audit_entries(&[entry]).await?;
        self.own_account(actor).await
    }

    /// The next batch of the caller's posts by id, those in the trash too; empty at the end.
    pub async fn exported_posts(&self, actor: &Actor, after: PostId) -> Result<Vec<ExportedPost>> {
        Ok(self.store.exported_posts(actor.id, after).await?)
    }

    /// The next batch of the caller's todos by id; empty at the end.
    pub async fn exported_todos(&self, actor: &Actor, after: TodoId) -> Result<Vec<Todo>> {
        let todos = self.store.todos_after(actor.id, after, None, u32::MAX);
        Ok(todos.await?)
    }

    /// The next batch of the caller's comments by id, whoever sees them; empty at the end.
    pub async fn exported_comments(&self, actor: &Actor, after: CommentId) -> Result<Vec<Comment>> {
        Ok(self.store.exported_comments(actor.id, after).await?)
    }

    /// The next batch of the posts that the caller has put this mark on, by id; empty at the end.
    pub async fn exported_marks(
        &self,
        actor: &Actor,
        mark: Mark,
        after: PostId,
    ) -> Result<Vec<MarkedPost>> {
        Ok(self.store.exported_marks(mark, actor.id, after).await?)
    }

    /// The next batch of those whom the caller follows, by id; empty at the end.
    pub async fn exported_follows(&self, actor: &Actor, after: UserId) -> Result<Vec<Follow>> {
        Ok(self.store.exported_follows(actor.id, after).await?)
    }

    /// The next batch of the caller's sessions by id, those that are over too; empty at the end.
    pub async fn exported_sessions(
        &self,
        actor: &Actor,
        after: SessionId,
    ) -> Result<Vec<ExportedSession>> {
        Ok(self.store.exported_sessions(actor.id, after).await?)
    }

    /// The next batch of the caller's personal access tokens by id, those that are over too; empty
    /// at the end.
    pub async fn exported_personal_tokens(
        &self,
        actor: &Actor,
        after: PersonalTokenId,
    ) -> Result<Vec<PersonalToken>> {
        Ok(self.store.exported_personal_tokens(actor.id, after).await?)
    }

    /// The next page of what happened to the caller's account and what the caller did, newest first.
    pub async fn exported_activity(
        &self,
        actor: &Actor,
        before: &Cursor,
    ) -> Result<Page<AuditTrace>> {
        self.newest_activity(actor, before, PageLimit::MOST).await
    }
}
