//! The accounts of a broadcast, read from the database file with SQL of our own, so that no query of the daemon's vouches for
//! itself, and compared with what a provider's other side has.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use onevoice::{store::Store, track::DeliveryState, world::SystemRandom};
use onevoice_channels::contract::Channel;
use sqlx::{
    Connection as _, SqliteConnection,
    sqlite::{SqliteConnectOptions, SqliteJournalMode},
};

/// When a message came to each address, in milliseconds since 1970, in any order.
pub type Arrivals = BTreeMap<String, Vec<i64>>;

/// A file's time is that of the kernel's last tick: it may lie this much before the clock's.
const TICK: i64 = 10;

/// One channel of a broadcast as its rows have it.
#[derive(Debug)]
pub struct Ledger {
    /// The broadcast's state.
    pub state: String,
    /// Everyone it is for.
    pub snapshot: BTreeSet<String>,
    /// Who has an outcome, and which.
    pub outcomes: BTreeMap<String, DeliveryState>,
    /// How many outcomes of each state the counters say there are.
    pub counters: BTreeMap<DeliveryState, i64>,
    /// When each address was marked in doubt.
    pub marks: BTreeMap<String, Vec<i64>>,
    /// How many claims are open.
    pub claims: i64,
    /// How many deliveries wait.
    pub waiting: i64,
}

/// Connects to a database file that no daemon has open, or one that reads beside it.
pub async fn connect(database: &Path) -> SqliteConnection {
    let options = SqliteConnectOptions::new().filename(database).journal_mode(SqliteJournalMode::Wal);
    SqliteConnection::connect_with(&options).await.expect("the database opens")
}

impl Ledger {
    /// Reads a broadcast's channel.
    pub async fn read(database: &Path, broadcast: i64, channel: Channel) -> Ledger {
        let mut connection = connect(database).await;
        let code = Channel::ALL.iter().position(|known| *known == channel).expect("a channel") as i64;
        let rows = |sql: &'static str| sqlx::query_as::<_, (String, i64)>(sql).bind(broadcast).bind(code);
        let snapshot = rows("SELECT address, 0 FROM snapshot WHERE broadcast_id = ? AND channel = ?")
            .fetch_all(&mut connection)
            .await
            .expect("readable");
        let outcomes = rows(
            "SELECT s.address, o.state FROM outcome o JOIN snapshot s USING (broadcast_id, channel, ordinal)
             WHERE o.broadcast_id = ? AND o.channel = ?",
        );
        let outcomes = outcomes.fetch_all(&mut connection).await.expect("readable");
        let attempts = rows(
            "SELECT s.address, a.at FROM attempt a JOIN snapshot s USING (broadcast_id, channel, ordinal)
             WHERE a.broadcast_id = ? AND a.channel = ? AND a.word = 'in_doubt'",
        );
        let mut marks: BTreeMap<String, Vec<i64>> = BTreeMap::new();
        for (address, at) in attempts.fetch_all(&mut connection).await.expect("readable") {
            marks.entry(address).or_default().push(at);
        }
        let counters = sqlx::query_as::<_, (i64, i64)>(
            "SELECT state, n FROM counter WHERE broadcast_id = ? AND channel = ? AND n <> 0",
        );
        let counters =
            counters.bind(broadcast).bind(code).fetch_all(&mut connection).await.expect("readable").into_iter();
        let mut count = async |sql: &'static str| -> i64 {
            let counted = sqlx::query_scalar(sql).bind(broadcast).bind(code).fetch_one(&mut connection).await;
            counted.expect("readable")
        };
        let claims = count("SELECT COUNT(*) FROM claim WHERE broadcast_id = ? AND channel = ?").await;
        let waiting = count("SELECT COUNT(*) FROM queue WHERE broadcast_id = ? AND channel = ?").await;
        let state = sqlx::query_scalar("SELECT state FROM broadcast WHERE id = ?").bind(broadcast);
        let state = state.fetch_one(&mut connection).await.expect("readable");
        connection.close().await.expect("the database closes");
        Ledger {
            state,
            snapshot: snapshot.into_iter().map(|(address, _)| address).collect(),
            outcomes: outcomes.into_iter().map(|(address, code)| (address, DeliveryState::from_code(code))).collect(),
            counters: counters.map(|(code, n)| (DeliveryState::from_code(code), n)).collect(),
            marks,
            claims,
            waiting,
        }
    }

    /// How many deliveries have this outcome.
    pub fn count(&self, state: DeliveryState) -> usize {
        self.outcomes.values().filter(|known| **known == state).count()
    }

    /// What is wrong with the accounts of a broadcast that has ended: nobody may be lost, and no count may differ.
    pub fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        let lost: Vec<_> = self.snapshot.iter().filter(|address| !self.outcomes.contains_key(*address)).collect();
        if !lost.is_empty() {
            faults.push(format!("{} have no outcome, {} among them", lost.len(), lost[0]));
        }
        let mut rows: BTreeMap<DeliveryState, i64> = BTreeMap::new();
        for state in self.outcomes.values() {
            *rows.entry(*state).or_default() += 1;
        }
        if rows != self.counters {
            faults.push(format!("the counters say {:?}, the rows {rows:?}", self.counters));
        }
        if self.claims + self.waiting > 0 {
            faults.push(format!("{} claims and {} waiting deliveries are left", self.claims, self.waiting));
        }
        if !["completed", "partial", "retracted"].contains(&self.state.as_str()) {
            faults.push(format!("it is {}", self.state));
        }
        faults
    }

    /// The same, and what is wrong between these accounts and what arrived: nothing may be called accepted that is not
    /// there, nothing may be there that is said never to have been sent, and each copy needs a mark that was made before it.
    pub fn faults_with(&self, arrivals: &Arrivals) -> Vec<String> {
        let mut faults = self.faults();
        for (address, state) in &self.outcomes {
            let came = arrivals.contains_key(address);
            match state {
                DeliveryState::Accepted | DeliveryState::Delivered if !came => {
                    faults.push(format!("{address} is {} and nothing came", state.as_str()));
                }
                DeliveryState::Suppressed | DeliveryState::Superseded if came => {
                    faults.push(format!("{address} is {} and something came", state.as_str()));
                }
                _ => {}
            }
        }
        for (address, times) in arrivals {
            if !self.snapshot.contains(address) {
                faults.push(format!("{address} got a message that was for somebody else"));
            }
            let mut times = times.clone();
            times.sort_unstable();
            let marks = self.marks.get(address).map(Vec::as_slice).unwrap_or_default();
            for (copies, at) in times.iter().enumerate().skip(1) {
                if marks.iter().filter(|mark| **mark <= at + TICK).count() < copies {
                    faults.push(format!("copy {copies} for {address} came before it was marked in doubt"));
                }
            }
        }
        faults
    }
}

/// How many messages came more than once.
pub fn copies(arrivals: &Arrivals) -> usize {
    arrivals.values().map(|times| times.len() - 1).sum()
}

/// Whether the audit chain is whole.
pub async fn audit_is_whole(database: &Path) -> bool {
    let store = Store::open(database, &SystemRandom).await.expect("the database opens");
    let (_, broken) = store.audit_verify().await.expect("readable");
    store.close(&SystemRandom).await;
    broken.is_none()
}
