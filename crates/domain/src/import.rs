//! Bringing in what the tutorial's Flask app has stored: ids and dates are kept, plain-text
//! passwords hashed, and a row that cannot be taken stops nobody.

use std::fmt;

use futures_util::{StreamExt, stream};
use model::{
    AuditKind, Category, Content, Description, Invalid, Password, PostId, Priority, Timestamp,
    Title, TodoId, UserId, Username,
};
use serde_json::json;
use store::{FlaskFile, FlaskRow, FlaskTable, Imported};

use crate::audit::By;
use crate::{Domain, Error, Result};

/// How many passwords are hashed ahead.
const HASHES_AHEAD: usize = 8;

/// The highest id that is taken. New rows get ids above it: after the last number of the database
/// nothing could be stored any more, and beyond this one clients that read JSON as JavaScript does
/// get other numbers than we sent.
const LAST_ID: i64 = 1 << 52;

/// What became of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ImportEvent {
    /// It was stored.
    Stored,
    /// It was stored before.
    AlreadyThere,
    /// It was stored, but not just as it was.
    Changed(String),
    /// It could not be taken.
    Refused(String),
}

impl fmt::Display for ImportEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stored => f.write_str("stored"),
            Self::AlreadyThere => f.write_str("already there"),
            Self::Changed(how) => f.write_str(how),
            Self::Refused(why) => write!(f, "not taken: {why}"),
        }
    }
}

/// Brings in a whole file, and tells `on_row` of every row.
pub async fn import_flask(
    domain: &Domain,
    file: &FlaskFile,
    mut on_row: impl FnMut(FlaskTable, i64, &ImportEvent),
) -> Result<()> {
    let mut stored = 0_u64;
    for table in FlaskTable::ALL {
        let mut rows = file.rows_after(table, None)?;
        while !rows.is_empty() {
            // In order, so that of two names that collide the older account keeps its own.
            let mut events = stream::iter(&rows)
                .map(|row| async move { (row.id(), domain.prepare_row(table, row).await) })
                .buffered(HASHES_AHEAD);
            while let Some((id, prepared)) = events.next().await {
                let event = domain.store_row(prepared?).await?;
                if matches!(event, ImportEvent::Stored | ImportEvent::Changed(_)) {
                    stored += 1;
                }
                on_row(table, id, &event);
            }
            drop(events);
            let next = file.rows_after(table, rows.last())?;
            rows = next;
        }
    }
    let entry = domain.entry(AuditKind::DataImported, By::CommandLine);
    let entry = entry.with(&json!({"from": "flask", "rows": stored}));
    domain.store.finish_import(&[entry]).await?;
    Ok(domain.store.analyze().await?)
}

/// A row that may be ready to be stored.
enum Prepared {
    Done(ImportEvent),
    Ready(Imported, Vec<String>),
}

impl Domain {
    async fn prepare_row(&self, table: FlaskTable, row: &FlaskRow) -> Result<Prepared> {
        if row.id() <= 0 {
            return Ok(refused("its id is not positive"));
        }
        if row.id() > LAST_ID {
            return Ok(refused(
                "its id leaves too little room for new ones above it",
            ));
        }
        match table {
            FlaskTable::User => self.prepare_user(row).await,
            FlaskTable::Post => self.prepare_post(row).await,
            FlaskTable::Todo => self.prepare_todo(row).await,
        }
    }

    async fn prepare_user(&self, row: &FlaskRow) -> Result<Prepared> {
        let id = UserId(row.id());
        if self.store.imported_user(id).await?.is_some() {
            return self.known_user(id, row).await;
        }
        let mut changes = Vec::new();
        let shown = row.text("username").unwrap_or_default();
        let username = Username::parse(shown).or_else(|invalid| {
            changes.push(format!("username {shown:?} {}", invalid.message));
            Username::parse(&format!("user-{id}"))
        });
        let Ok(username) = username else {
            return Ok(refused("it has no name"));
        };
        let password = row.text("password").map(Password::parse);
        let password = match password {
            Some(Ok(password)) => password,
            _ => {
                changes
                    .push("its password cannot be taken: use `inkgate user set-password`".into());
                Password::parse(&format!("{:?}", self.random::<32>()?))
                    .map_err(|i| i.of("password"))?
            }
        };
        let password_hash = self.hash(password).await?;
        let created_at = self.clock.now();
        Ok(Prepared::Ready(
            Imported::User {
                id,
                username,
                password_hash,
                created_at,
            },
            changes,
        ))
    }

    /// A user of this number is there: the same, or somebody else.
    async fn known_user(&self, id: UserId, row: &FlaskRow) -> Result<Prepared> {
        let original = Username::parse(row.text("username").unwrap_or_default());
        let same = match (self.store.imported_user(id).await?.flatten(), original) {
            (Some(key), Ok(original)) => {
                key == original.key() || key.starts_with(&format!("{}-", original.key()))
            }
            (Some(key), Err(_)) => key.starts_with(&format!("user-{id}")),
            (None, _) => return Ok(refused("it was deleted here")),
        };
        Ok(if same {
            Prepared::Done(ImportEvent::AlreadyThere)
        } else {
            refused("its id belongs to another user here")
        })
    }

    async fn prepare_post(&self, row: &FlaskRow) -> Result<Prepared> {
        let (id, mut changes) = (PostId(row.id()), Vec::new());
        let Some((user_id, created_at)) = self.owner_and_date(row, &mut changes) else {
            return Ok(refused("it has no owner"));
        };
        if let Some(found) = self.store.imported_post(id).await? {
            return Ok(already(found, user_id, row));
        }
        let content = match row.text("content").map(Content::parse) {
            Some(Ok(content)) => content,
            Some(Err(invalid)) => return Ok(refused(&format!("content {}", invalid.message))),
            None => return Ok(refused("content is no text")),
        };
        let Some(title) = title(row, &mut changes) else {
            return Ok(refused("title is no text that can be kept"));
        };
        let category = match row.text("category").map(Category::parse) {
            Some(Ok(category)) => category,
            None if row.is_null("category") => Category::default(),
            _ => {
                let category = Category::default();
                changes.push(format!("its category became {:?}", category.as_str()));
                category
            }
        };
        let post = Imported::Post {
            id,
            user_id,
            title,
            content,
            category,
            created_at,
        };
        Ok(Prepared::Ready(post, changes))
    }

    async fn prepare_todo(&self, row: &FlaskRow) -> Result<Prepared> {
        let (id, mut changes) = (TodoId(row.id()), Vec::new());
        let Some((user_id, created_at)) = self.owner_and_date(row, &mut changes) else {
            return Ok(refused("it has no owner"));
        };
        if let Some(found) = self.store.imported_todo(id).await? {
            return Ok(already(found, user_id, row));
        }
        let Some(title) = title(row, &mut changes) else {
            return Ok(refused("title is no text that can be kept"));
        };
        let priority = match row.int("priority") {
            Some(number) => {
                let kept = number.clamp(0, Priority::MAX);
                if kept != number {
                    changes.push(format!("priority {number} became {kept}"));
                }
                kept
            }
            None if row.is_null("priority") => 0,
            None => return Ok(refused("priority is no integer")),
        };
        let priority = Priority::parse(priority).map_err(|invalid| invalid.of("priority"))?;
        let description = row.text("description").map(Description::parse).transpose();
        let description = match description {
            Ok(None) if !row.is_null("description") => {
                return Ok(refused("description is no text"));
            }
            Ok(description) => description,
            Err(Invalid { message, .. }) => return Ok(refused(&format!("description {message}"))),
        };
        if row.int("completed").is_none() && !row.is_null("completed") {
            changes.push("it was neither completed nor not, and is not now".to_owned());
        }
        let completed = row.int("completed").is_some_and(|number| number != 0);
        let todo = Imported::Todo {
            id,
            user_id,
            title,
            description,
            completed,
            priority,
            created_at,
        };
        Ok(Prepared::Ready(todo, changes))
    }

    fn owner_and_date(
        &self,
        row: &FlaskRow,
        changes: &mut Vec<String>,
    ) -> Option<(UserId, Timestamp)> {
        let user_id = row.int("user_id")?;
        let created_at = date(row).unwrap_or_else(|| {
            changes
                .push("its date was missing or unreadable, and is now that of the import".into());
            self.clock.now()
        });
        Some((UserId(user_id), created_at))
    }

    async fn store_row(&self, prepared: Prepared) -> Result<ImportEvent> {
        let (mut row, mut changes) = match prepared {
            Prepared::Done(event) => return Ok(event),
            Prepared::Ready(row, changes) => (row, changes),
        };
        if let Imported::User { username, .. } = &mut row
            && let Some(free) = self.free_name(username).await?
        {
            changes.push(format!(
                "{:?} became {:?}",
                username.as_str(),
                free.as_str()
            ));
            *username = free;
        }
        match self.store.import(&row).await {
            Ok(()) if changes.is_empty() => Ok(ImportEvent::Stored),
            Ok(()) => Ok(ImportEvent::Changed(changes.join("; "))),
            Err(store::Error::ForeignKey) => {
                Ok(ImportEvent::Refused("its owner is not here".into()))
            }
            Err(store::Error::Unique(what)) => Ok(ImportEvent::Refused(format!("{what} is taken"))),
            Err(error) => Err(error.into()),
        }
    }

    /// Another name, if this one or one that looks like it is taken.
    async fn free_name(&self, username: &Username) -> Result<Option<Username>> {
        if !self.store.username_is_taken(username).await? {
            return Ok(None);
        }
        for number in 2..10_000 {
            let suffix = format!("-{number}");
            let room = Username::MAX_CHARS - suffix.len();
            let stem: String = username.as_str().chars().take(room).collect();
            let Ok(free) = Username::parse(&format!("{}{suffix}", stem.trim_end())) else {
                continue;
            };
            if !self.store.username_is_taken(&free).await? {
                return Ok(Some(free));
            }
        }
        Err(Error::UsernameTaken)
    }
}

fn refused(why: &str) -> Prepared {
    Prepared::Done(ImportEvent::Refused(why.to_owned()))
}

/// A row of this number is there: the same if its owner and date are.
fn already(found: (UserId, Timestamp), user_id: UserId, row: &FlaskRow) -> Prepared {
    let same_date = date(row).is_none_or(|date| date == found.1);
    if found.0 == user_id && same_date {
        Prepared::Done(ImportEvent::AlreadyThere)
    } else {
        refused("its id belongs to another row here")
    }
}

fn date(row: &FlaskRow) -> Option<Timestamp> {
    row.text("created_at").and_then(Timestamp::parse_sqlalchemy)
}

/// The title, cut or made up where the seed was laxer than we are.
fn title(row: &FlaskRow, changes: &mut Vec<String>) -> Option<Title> {
    let text = row.text("title")?;
    if text.trim().is_empty() {
        changes.push("its empty title became \"Untitled\"".to_owned());
        return Title::parse("Untitled").ok();
    }
    if text.chars().count() > Title::MAX_CHARS {
        changes.push(format!(
            "its title was cut to {} characters",
            Title::MAX_CHARS
        ));
    }
    let kept: String = text.chars().take(Title::MAX_CHARS).collect();
    Title::parse(&kept).ok()
}
