//! Questions to the audit log. Entries are written in the list of the write that they tell of.

use model::{
    AuditAccount, AuditClient, AuditEntry, AuditEvent, AuditFilter, AuditKind, AuditSeal,
    AuditTrace, Cursor, Page, PageLimit, SealedEvent, Timestamp,
};

use crate::db::{Row, Statement, params, statements};
use crate::users::happened;
use crate::{Result, Store};

/// The columns of an event.
macro_rules! event {
    () => {
        "e.id, e.at, e.kind, e.actor, e.actor_id, e.user_id, e.subject, e.subject_id, e.details"
    };
}

/// A question for events with where they came from; the rest of the text follows.
macro_rules! traces {
    ($($rest:tt)*) => {
        concat!(
            "SELECT ", event!(), ", c.address, c.user_agent
            FROM audit_events e LEFT JOIN audit_clients c ON c.event_id = e.id ",
            $($rest)*
        )
    };
}

/// What every list of events has in common: $1 is where it begins, $2 and $3 the times, $4 the limit.
macro_rules! newest {
    () => {
        "e.id < $1 AND e.at >= $2 AND e.at < $3 ORDER BY e.id DESC LIMIT $4"
    };
}

statements! {
    INSERT = "INSERT INTO audit_events
        (at, kind, actor, actor_id, user_id, subject, subject_id, details)
        VALUES ($1, $2, $3, $4, coalesce($5, (SELECT id FROM users WHERE name_key = $6),
                (SELECT id FROM users WHERE email_key = $11 AND email_verified_at IS NOT NULL)), $7, $8,
            CASE WHEN EXISTS (SELECT 1 FROM users WHERE name_key = $6)
                OR EXISTS (SELECT 1 FROM users WHERE email_key = $11 AND email_verified_at IS NOT NULL)
            THEN $9 ELSE $10 END)";
    INSERT_PLACE = {
        sqlite: "INSERT INTO audit_order (event_id) VALUES (last_insert_rowid())",
        postgres: "INSERT INTO audit_order (event_id)
            VALUES (currval(pg_get_serial_sequence('audit_events', 'id')))"
    };
    // It is forgotten with the account of whoever did it, or if that is nobody, of whom it happened to.
    INSERT_CLIENT = {
        sqlite: "INSERT INTO audit_clients (event_id, user_id, created_at, address, user_agent)
            SELECT id, coalesce(actor_id, user_id), at, $1, $2
            FROM audit_events WHERE id = last_insert_rowid()",
        postgres: "INSERT INTO audit_clients (event_id, user_id, created_at, address, user_agent)
            SELECT id, coalesce(actor_id, user_id), at, $1, $2
            FROM audit_events WHERE id = currval(pg_get_serial_sequence('audit_events', 'id'))"
    };
    NEWEST = (traces!("WHERE ", newest!()));
    NEWEST_OF_KIND = (traces!("WHERE e.kind = $5 AND ", newest!()));
    // Two short walks along an index each, not one along everything.
    NEWEST_OF_USER = (traces!("WHERE e.id IN (
        SELECT id FROM (SELECT id FROM audit_events WHERE user_id = $5 AND id < $1
            AND at >= $2 AND at < $3 AND kind = coalesce($6, kind) ORDER BY id DESC LIMIT $4) AS happened
        UNION SELECT id FROM (SELECT id FROM audit_events WHERE actor_id = $5 AND id < $1
            AND at >= $2 AND at < $3 AND kind = coalesce($6, kind) ORDER BY id DESC LIMIT $4) AS done)
        AND ", newest!()));
    WAITING = (concat!("SELECT ", event!(), "
        FROM audit_order o JOIN audit_events e ON e.id = o.event_id
        WHERE o.seal IS NULL ORDER BY o.event_id LIMIT $1"));
    COUNT_WAITING = "SELECT count(*) FROM audit_order WHERE seal IS NULL";
    LAST_SEAL = "SELECT number, at, key_id, events, mac FROM audit_seals ORDER BY number DESC LIMIT 1";
    SEALS_AFTER = "SELECT number, at, key_id, events, mac FROM audit_seals WHERE number > $1
        ORDER BY number LIMIT $2";
    SEALED = (concat!("SELECT o.event_id, o.mac, ", event!(), "
        FROM audit_order o LEFT JOIN audit_events e ON e.id = o.event_id
        WHERE o.seal = $1 ORDER BY o.event_id LIMIT $2"));
    // Of two nodes that seal at once, the seal's number lets one through.
    INSERT_SEAL = "INSERT INTO audit_seals (number, at, key_id, events, mac)
        VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING";
    PUT_IN_PLACE = "UPDATE audit_order SET seal = $2, mac = $3 WHERE event_id = $1 AND seal IS NULL";
    INSERTED = "SELECT e.id FROM audit_events e WHERE NOT EXISTS
        (SELECT 1 FROM audit_order o WHERE o.event_id = e.id) ORDER BY e.id LIMIT 1";
    REMOVED = "SELECT o.event_id FROM audit_order o WHERE NOT EXISTS
        (SELECT 1 FROM audit_events e WHERE e.id = o.event_id) ORDER BY o.event_id LIMIT 1";
    UNSEALED = "SELECT o.event_id, o.seal FROM audit_order o WHERE o.seal IS NOT NULL AND NOT EXISTS
        (SELECT 1 FROM audit_seals s WHERE s.number = o.seal) ORDER BY o.event_id LIMIT 1";
}

impl Store {
    /// Adds entries that ride along with no other write.
    pub async fn insert_audit_entries(&self, entries: &[AuditEntry]) -> Result<()> {
        self.db.atomic(audited(vec![], entries)).await.map(drop)
    }

    /// The events that `filter` lets through, newest first.
    pub async fn newest_audit_events(
        &self,
        filter: &AuditFilter,
        before: &Cursor,
        limit: PageLimit,
    ) -> Result<Page<AuditTrace>> {
        let after = filter.after.map_or(i64::MIN, Timestamp::as_micros);
        let until = filter.before.map_or(i64::MAX, Timestamp::as_micros);
        let kind = filter.kind.map(AuditKind::as_str);
        let mut params = params![before.id, after, until, limit.get() + 1].to_vec();
        let sql = match (filter.user_id, kind) {
            (None, None) => &NEWEST,
            (None, Some(kind)) => {
                params.push(kind.into());
                &NEWEST_OF_KIND
            }
            (Some(user_id), kind) => {
                params.extend(params![user_id, kind]);
                &NEWEST_OF_USER
            }
        };
        let rows = self.db.rows(sql, &params, trace).await?;
        Ok(Page::cut(rows, limit, |trace| {
            Cursor::of(0, trace.event.id)
        }))
    }
}

/// Sealing, and proving.
impl Store {
    /// Events that wait for a seal, at most `limit`.
    pub async fn audit_events_waiting(&self, limit: u32) -> Result<Vec<AuditEvent>> {
        let decode = |row: &Row<'_>| event(row, 0);
        self.db.rows(&WAITING, &params![limit], decode).await
    }

    /// How many events wait for a seal.
    pub async fn count_audit_events_waiting(&self) -> Result<i64> {
        self.db.count(&COUNT_WAITING, &[]).await
    }

    /// The end of the chain.
    pub async fn last_audit_seal(&self) -> Result<Option<AuditSeal>> {
        self.db.row(&LAST_SEAL, &[], seal).await
    }

    /// The seals after the one of this number, at most `limit`.
    pub async fn audit_seals_after(&self, number: i64, limit: u32) -> Result<Vec<AuditSeal>> {
        self.db
            .rows(&SEALS_AFTER, &params![number, limit], seal)
            .await
    }

    /// The events that name a seal as theirs, at most `limit`.
    pub async fn sealed_audit_events(&self, seal: i64, limit: u32) -> Result<Vec<SealedEvent>> {
        let params = params![seal, limit];
        self.db
            .rows(&SEALED, &params, |row| {
                let there = row.opt_int(2)?.is_some();
                Ok(SealedEvent {
                    id: row.int(0)?,
                    mac: row.opt_bytes(1)?.unwrap_or_default().to_vec(),
                    event: there.then(|| event(row, 2)).transpose()?,
                })
            })
            .await
    }

    /// Adds a seal and gives `events`, each with the code over it, their place. False: another
    /// node has been faster, and nothing was changed.
    pub async fn insert_audit_seal(
        &self,
        new: &AuditSeal,
        events: &[(i64, Vec<u8>)],
    ) -> Result<bool> {
        let params = params![
            new.number,
            new.at,
            new.key_id.as_slice(),
            new.events,
            new.mac.as_slice(),
        ];
        let insert = Statement::new(&INSERT_SEAL, params.into()).expect_rows(1);
        let place = |(id, mac): &(i64, Vec<u8>)| {
            Statement::new(
                &PUT_IN_PLACE,
                params![*id, new.number, mac.as_slice()].into(),
            )
            .expect_rows(1)
        };
        let statements = std::iter::once(insert).chain(events.iter().map(place));
        happened(self.db.atomic(statements.collect()).await)
    }

    /// The first event that no place was made for.
    pub async fn audit_event_without_place(&self) -> Result<Option<i64>> {
        self.db.row(&INSERTED, &[], |row| row.int(0)).await
    }

    /// The first place whose event is gone.
    pub async fn audit_place_without_event(&self) -> Result<Option<i64>> {
        self.db.row(&REMOVED, &[], |row| row.int(0)).await
    }

    /// The first event whose seal is gone, and the number of that seal.
    pub async fn audit_event_without_seal(&self) -> Result<Option<(i64, i64)>> {
        self.db
            .row(&UNSEALED, &[], |row| Ok((row.int(0)?, row.int(1)?)))
            .await
    }
}

/// A write, and the entries that tell of it: neither is there without the other.
pub(crate) fn audited(mut statements: Vec<Statement>, entries: &[AuditEntry]) -> Vec<Statement> {
    for entry in entries {
        statements.push(insert(entry));
        statements.push(Statement::new(&INSERT_PLACE, vec![]));
        if let Some(AuditClient {
            address,
            user_agent,
        }) = &entry.client
        {
            let params = params![address.as_str(), user_agent.as_str()];
            statements.push(Statement::new(&INSERT_CLIENT, params.into()));
        }
    }
    statements
}

fn insert(entry: &AuditEntry) -> Statement {
    let details = entry.details.as_str();
    let (mut user_id, mut name, mut email, mut otherwise) = (None, None, None, details);
    match &entry.account {
        AuditAccount::None => {}
        AuditAccount::Of(id) => user_id = Some(*id),
        AuditAccount::Named {
            key,
            details_if_nobody,
        } => (name, otherwise) = (Some(key.as_str()), details_if_nobody),
        AuditAccount::Mailed {
            key,
            details_if_nobody,
        } => (email, otherwise) = (Some(key.as_str()), details_if_nobody),
    }
    let subject = entry.subject.as_ref();
    let params = params![
        entry.at,
        entry.kind.as_str(),
        entry.actor.as_str(),
        entry.actor.user_id(),
        user_id,
        name,
        subject.map(|(noun, _)| *noun),
        subject.map(|(_, id)| id.as_str()),
        details,
        otherwise,
        email,
    ];
    Statement::new(&INSERT, params.into())
}

fn event(row: &Row<'_>, first: usize) -> Result<AuditEvent> {
    let text = |column| Ok::<_, crate::Error>(row.opt_text(column)?.map(str::to_owned));
    Ok(AuditEvent {
        id: row.int(first)?,
        at: row.time(first + 1)?,
        kind: row.text(first + 2)?.to_owned(),
        actor: row.text(first + 3)?.to_owned(),
        actor_id: row.opt_int(first + 4)?,
        user_id: row.opt_int(first + 5)?,
        subject: text(first + 6)?,
        subject_id: text(first + 7)?,
        details: row.text(first + 8)?.to_owned(),
    })
}

fn trace(row: &Row<'_>) -> Result<AuditTrace> {
    let client = row.opt_text(9)?.map(|address| {
        Ok::<_, crate::Error>(AuditClient {
            address: address.to_owned(),
            user_agent: row.text(10)?.to_owned(),
        })
    });
    Ok(AuditTrace {
        event: event(row, 0)?,
        client: client.transpose()?,
    })
}

fn seal(row: &Row<'_>) -> Result<AuditSeal> {
    Ok(AuditSeal {
        number: row.int(0)?,
        at: row.time(1)?,
        key_id: row.bytes(2)?.to_vec(),
        events: row.int(3)?,
        mac: row.bytes(4)?.to_vec(),
    })
}
