//! People who use Onevoice: roles, passwords, sessions, keys.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub mod ceremony;
pub mod credentials;
pub mod duty;
pub mod factor;
pub mod limiter;
pub mod manage;
pub mod own;
pub mod passkey;
pub mod restrict;
pub mod sight;
pub mod sign_in;
pub mod ticket;
pub mod totp;

/// What a person may do. Each role includes the ones before it, but for one thing: nobody approves what they wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Reads.
    Viewer,
    /// Writes and submits; stops.
    Author,
    /// Approves what others wrote.
    Approver,
    /// Manages people, keys and settings.
    Administrator,
}

impl Role {
    /// Every role, from the least to the most.
    pub const ALL: [Role; 4] = [Role::Viewer, Role::Author, Role::Approver, Role::Administrator];

    /// The name in the API and the store.
    pub fn as_str(self) -> &'static str {
        match self {
            Role::Viewer => "viewer",
            Role::Author => "author",
            Role::Approver => "approver",
            Role::Administrator => "administrator",
        }
    }

    /// Reads a name written by [`Role::as_str`].
    pub fn parse(name: &str) -> Option<Role> {
        Role::ALL.into_iter().find(|role| role.as_str() == name)
    }
}

/// What a key may do, besides what its owner's role may. No scope approves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Reads everything but people's addresses.
    Read,
    /// Opens incidents, writes and drops drafts, and keeps components and contact routes.
    Write,
    /// Submits drafts for approval.
    Submit,
    /// Stops, resumes, takes down and sends again.
    Stop,
    /// Sends a correction that was approved with its update.
    Correct,
    /// Reads and writes recipients, suppressions and segments, and reads deliveries.
    Audience,
    /// Manages people and backups, and takes keys back.
    Admin,
    /// Queues announcements for approval, and nothing else.
    Announce,
}

impl Scope {
    /// The name in the API and the store.
    pub fn as_str(self) -> &'static str {
        match self {
            Scope::Read => "read",
            Scope::Write => "write",
            Scope::Submit => "submit",
            Scope::Stop => "stop",
            Scope::Correct => "correct",
            Scope::Audience => "audience",
            Scope::Admin => "admin",
            Scope::Announce => "announce",
        }
    }
}

/// Somebody who uses Onevoice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Person {
    /// Their number.
    pub id: i64,
    /// The mail address they sign in with.
    pub email: String,
    /// How colleagues know them.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// False once their access was taken away.
    pub active: bool,
    /// Where they are texted when an approval waits: an E.164 number, or empty.
    pub phone: String,
    /// The sign-offs that they may give, by the names in the configuration: `legal`.
    pub signs: Vec<String>,
}

/// Who does something, by which way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Actor {
    /// A signed-in person: may do all that their role may.
    Person(Person),
    /// A person's key: what its scopes and its owner's role may, and never an approval.
    Key {
        /// The key's number.
        id: i64,
        /// Whose it is.
        owner: Person,
        /// What it may do.
        scopes: Vec<String>,
    },
    /// A monitoring system that calls the intake: announces by prepared messages, and nothing else.
    Source {
        /// Its name in the configuration.
        name: String,
        /// The person in whose name it speaks.
        owner: Person,
    },
    /// A timer or a plan: sends prepared messages at their time, and nothing else.
    Timer {
        /// Which: `timer:3`, `plan:2`.
        name: String,
        /// The person who set it up.
        owner: Person,
    },
    /// Whoever may open the daemon's Unix socket: administers, and writes or approves nothing.
    Operator,
}

impl Actor {
    /// The name in the audit.
    pub fn audit_name(&self) -> String {
        match self {
            Actor::Person(person) => format!("person:{}", person.id),
            Actor::Key { id, owner, .. } => format!("key:{id}/person:{}", owner.id),
            Actor::Source { name, owner } => format!("intake:{name}/person:{}", owner.id),
            Actor::Timer { name, owner } => format!("{name}/person:{}", owner.id),
            Actor::Operator => "operator".to_owned(),
        }
    }

    /// Whose words it writes.
    pub fn person(&self) -> Option<&Person> {
        match self {
            Actor::Person(person)
            | Actor::Key { owner: person, .. }
            | Actor::Source { owner: person, .. }
            | Actor::Timer { owner: person, .. } => Some(person),
            Actor::Operator => None,
        }
    }
}
