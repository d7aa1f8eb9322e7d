//! Proving the audit log: the chain is walked from its beginning, and whatever does not fit is
//! named.

use std::fmt;
use std::str::FromStr;

use model::{AuditSeal, SealedEvent};

use super::keys::{SealKey, hex};
use super::seal::EVENTS;
use crate::{Domain, Result};

/// What stands where the first seal has none before it.
pub(super) const NO_SEAL: [u8; 32] = [0; 32];
/// How many seals are read at a time.
const SEALS: u32 = 100;

/// The end of the chain, to be kept elsewhere: a later proof can be asked whether it is still part
/// of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptSeal {
    number: i64,
    mac: String,
}

impl fmt::Display for KeptSeal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.number, self.mac)
    }
}

impl FromStr for KeptSeal {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        let parts = text.split_once(':');
        let kept = parts.and_then(|(number, mac)| {
            Some(Self {
                number: number.parse().ok().filter(|number| *number > 0)?,
                mac: mac.to_owned(),
            })
        });
        let is_code = |kept: &Self| {
            kept.mac.len() == 64 && kept.mac.bytes().all(|byte| byte.is_ascii_hexdigit())
        };
        kept.filter(is_code)
            .ok_or_else(|| "it must be as `inkgate audit verify` prints it: 12:9f2c...".to_owned())
    }
}

/// A log that was found whole.
#[derive(Clone, Debug)]
pub struct AuditReport {
    /// How many events are sealed.
    pub events: u64,
    /// How many seals there are.
    pub seals: u64,
    /// How many events wait for their seal.
    pub waiting: i64,
    /// The end of the chain.
    pub last: Option<KeptSeal>,
}

/// The first thing that does not fit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AuditFault {
    /// An event is not as it was when it was sealed.
    EventChanged {
        /// Which.
        event: i64,
        /// Its seal.
        seal: i64,
    },
    /// An event is gone.
    EventRemoved {
        /// Which.
        event: i64,
    },
    /// An event came from elsewhere.
    EventInserted {
        /// Which.
        event: i64,
    },
    /// Other events stand under a seal than it was made for.
    EventsMoved {
        /// The seal.
        seal: i64,
    },
    /// A seal is not as it was made, or does not follow the one before.
    SealChanged {
        /// Which.
        seal: i64,
    },
    /// A seal is gone.
    SealRemoved {
        /// Which.
        seal: i64,
    },
    /// A seal was made under a key that is not given.
    KeyUnknown {
        /// The seal.
        seal: i64,
    },
    /// The seal that was kept elsewhere is no part of this chain.
    KeptSealMissing {
        /// Its number.
        seal: i64,
    },
}

impl fmt::Display for AuditFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::EventChanged { event, seal } => {
                write!(f, "event {event} was changed after seal {seal} was made")
            }
            Self::EventRemoved { event } => write!(f, "event {event} was removed"),
            Self::EventInserted { event } => {
                write!(
                    f,
                    "event {event} was inserted by something else than inkgate"
                )
            }
            Self::EventsMoved { seal } => {
                write!(f, "seal {seal} has not the events that it was made for")
            }
            Self::SealChanged { seal } => write!(
                f,
                "seal {seal} was changed, or does not follow the one before it"
            ),
            Self::SealRemoved { seal } => write!(f, "seal {seal} was removed"),
            Self::KeyUnknown { seal } => write!(
                f,
                "seal {seal} was changed, or made under a key that follows from neither SECRET_KEY nor SECRET_KEY_PREVIOUS"
            ),
            Self::KeptSealMissing { seal } => write!(
                f,
                "seal {seal} is not the one that was kept: the log was cut off or written anew"
            ),
        }
    }
}

type Verdict<T> = std::result::Result<T, AuditFault>;

impl Domain {
    /// Proves the whole log. It may be written to meanwhile. Memory does not grow with the log.
    pub async fn verify_audit_log(&self, kept: Option<&KeptSeal>) -> Result<Verdict<AuditReport>> {
        let mut chain = Chain::default();
        loop {
            let seals = self.store.audit_seals_after(chain.number, SEALS).await?;
            if seals.is_empty() {
                break;
            }
            for seal in seals {
                let events = self.store.sealed_audit_events(seal.number, EVENTS + 1);
                let events = events.await?;
                let key = self.audit_keys.find(&seal.key_id);
                if let Err(fault) = chain.follow(&seal, key, &events, kept) {
                    return Ok(Err(fault));
                }
            }
        }
        if let Some(kept) = kept.filter(|_| !chain.met_kept) {
            return Ok(Err(AuditFault::KeptSealMissing { seal: kept.number }));
        }
        if let Some(fault) = self.stray().await? {
            return Ok(Err(fault));
        }
        Ok(Ok(AuditReport {
            events: chain.events,
            seals: chain.seals,
            waiting: self.store.count_audit_events_waiting().await?,
            last: chain.last,
        }))
    }

    /// What no walk along the chain meets.
    async fn stray(&self) -> Result<Option<AuditFault>> {
        if let Some(event) = self.store.audit_place_without_event().await? {
            return Ok(Some(AuditFault::EventRemoved { event }));
        }
        if let Some(event) = self.store.audit_event_without_place().await? {
            return Ok(Some(AuditFault::EventInserted { event }));
        }
        let unsealed = self.store.audit_event_without_seal().await?;
        Ok(unsealed.map(|(_, seal)| AuditFault::SealRemoved { seal }))
    }
}

/// How far the chain was followed.
#[derive(Default)]
struct Chain {
    number: i64,
    seals: u64,
    events: u64,
    before: Option<Vec<u8>>,
    last: Option<KeptSeal>,
    met_kept: bool,
}

impl Chain {
    /// Takes the next seal, if it and its events are what they were.
    fn follow(
        &mut self,
        seal: &AuditSeal,
        key: Option<&SealKey>,
        events: &[SealedEvent],
        kept: Option<&KeptSeal>,
    ) -> Verdict<()> {
        let number = seal.number;
        if number != self.number + 1 {
            return Err(AuditFault::SealRemoved {
                seal: self.number + 1,
            });
        }
        let key = key.ok_or(AuditFault::KeyUnknown { seal: number })?;
        for sealed in events {
            let event = sealed.id;
            let found = sealed.event.as_ref();
            let found = found.ok_or(AuditFault::EventRemoved { event })?;
            if !key.made_event(found, &sealed.mac) {
                return Err(AuditFault::EventChanged {
                    event,
                    seal: number,
                });
            }
        }
        let before = self.before.as_deref().unwrap_or(&NO_SEAL);
        let codes = events.iter().map(|event| event.mac.as_slice());
        if !key.made_seal(seal, before, codes) {
            let moved = u64::try_from(seal.events) != Ok(events.len() as u64);
            return Err(if moved {
                AuditFault::EventsMoved { seal: number }
            } else {
                AuditFault::SealChanged { seal: number }
            });
        }
        let last = KeptSeal {
            number,
            mac: hex(&seal.mac),
        };
        if let Some(kept) = kept.filter(|kept| kept.number == number) {
            if !kept.mac.eq_ignore_ascii_case(&last.mac) {
                return Err(AuditFault::KeptSealMissing { seal: number });
            }
            self.met_kept = true;
        }
        self.number = number;
        self.seals += 1;
        self.events += events.len() as u64;
        self.before = Some(seal.mac.clone());
        self.last = Some(last);
        Ok(())
    }
}
