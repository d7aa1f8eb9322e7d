//! Everything that is held about a user, for that user: no secrets, and nobody else's data.

use model::{
    AuditKind, AuditTrace, Cursor, ExportedPost, ExportedSession, Page, PageLimit, Password,
    PersonalToken, PersonalTokenId, PostId, SessionId, Todo, TodoId, User,
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
        self.user(actor.id).await
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
