//! `smpp`: text messages to a short message centre by SMPP 3.4, over connections that are kept: several texts are under way
//! at once, and receipts and replies come in over the same ones.
//!
//! By the `command_status` of the answer (section 5.1.3). `statuses` says what a centre's own codes mean.
//!
//! | command_status | to | outcome |
//! |---|---|---|
//! | 0x00 | submit_sm | accepted |
//! | 0x58 throttled | | later: throttled; no attempt, and the pace is halved |
//! | 0x14 queue full, 0x08 system error, 0x45 submit failed, 0x64 try later, 0xff unknown | | later: temporary |
//! | 0x04 wrong bind state, 0x05 bound already | | later: temporary; at the bind the provider is unavailable |
//! | 0x0d to 0x0f bind, password, system id | | the provider is unavailable: unauthorized |
//! | 0x0b, 0x50, 0x51 destination | | rejected: bad_address |
//! | 0x01 to 0x03, 0x06, 0x07, 0x43, 0x61 to 0x63, 0xc0 to 0xc4 fields; 0x0a, 0x48, 0x49 source; 0x53 system type | | rejected: bad_content |
//! | 0xfe delivery failure | | rejected: undelivered |
//! | every other, with a generic_nack too | | rejected: blocked |
//! | any other than 0x00 | bind | the provider is unavailable: as above, else unauthorized |
//! | none, before the text was written | | the provider is unavailable: unreachable; nothing was sent |
//! | none, or one that cannot be read, after it | submit_sm | in doubt |
//!
//! A text of several parts is accepted when all were. When the centre has enough after some, the rest is tried again a few
//! times; when the rest is refused, it is in doubt.

mod link;
mod parts;
pub(crate) mod pdu;
mod receipt;
mod settings;
mod status;
mod text;
mod window;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use async_trait::async_trait;
use tokio::sync::watch;
use tokio_rustls::rustls::ClientConfig;

pub use self::settings::{Alphabet, Bind, IdForm, LongTexts, NumberType, SmppSettings, Timeouts};
use self::{
    link::{Link, Role},
    window::Window,
};
use crate::{
    contract::{
        Channel, CheckReport, Clock, Ear, Limits, Manifest, Outcome, Parcel, Provider, Reason, Run, Unavailable, World,
    },
    detail::Scrubber,
    registry::{Kind, SettingsError},
    sms::senders::{self, SenderSettings},
};

/// How long a lost connection for what comes in is rested before it is opened again: at first, and at most.
const PAUSE: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(60));

struct Smpp {
    manifest: Manifest,
    centre: Arc<Centre>,
    /// A connection that nobody carries over just now, kept for what comes in.
    idle: Mutex<Option<Link>>,
    /// One is opened at a time: centres count them.
    opening: tokio::sync::Mutex<()>,
}

/// Where to connect, how, and who listens.
struct Centre {
    name: String,
    settings: SmppSettings,
    own_statuses: BTreeMap<u32, Reason>,
    tls: Option<Arc<ClientConfig>>,
    scrubber: Scrubber,
    clock: Arc<dyn Clock>,
    ear: Mutex<Option<Arc<dyn Ear>>>,
    /// Over how many connections something can be heard.
    hearing: watch::Sender<usize>,
}

impl Centre {
    fn ear(&self) -> Option<Arc<dyn Ear>> {
        lock(&self.ear).clone()
    }
}

impl Kind for SmppSettings {
    fn channel(&self) -> Channel {
        Channel::Sms
    }

    fn limits(&self) -> &crate::limits::LimitSettings {
        &self.limits
    }

    fn sender(&self) -> Option<&str> {
        Some(&self.from)
    }

    fn senders(&self) -> &[SenderSettings] {
        &self.senders
    }

    fn validate(&self) -> Result<(), SettingsError> {
        self.check_values()
    }

    fn build(&self, name: &str, world: &World) -> Result<Arc<dyn Provider>, SettingsError> {
        let centre = Centre {
            name: name.to_owned(),
            own_statuses: self.own_statuses(),
            tls: if self.tls { Some(crate::tls::client_config(self.ca_file.as_deref())?) } else { None },
            scrubber: Scrubber::new(&self.password),
            clock: world.clock.clone(),
            ear: Mutex::default(),
            hearing: watch::channel(0).0,
            settings: self.clone(),
        };
        let manifest = Manifest {
            kind: "smpp",
            name: name.to_owned(),
            channel: Channel::Sms,
            limits: self
                .limits
                .over(senders::limits(&self.senders, Limits { per_second: Some(10.0), ..Limits::default() })),
            idempotent: false,
            key_life: None,
            receipts: self.receipts,
            text_limit: None,
            leaves: true,
        };
        Ok(Arc::new(Smpp {
            manifest,
            centre: Arc::new(centre),
            idle: Mutex::default(),
            opening: tokio::sync::Mutex::default(),
        }))
    }

    #[cfg(test)]
    fn conformance() -> crate::testkit::Case {
        tests::case()
    }
}

#[async_trait]
impl Provider for Smpp {
    fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// A run of one parcel.
    async fn send(&self, parcel: &Parcel) -> Outcome {
        let (parcels, mut outcomes, mut run) = Run::new(1);
        // The channel holds one, so this neither waits nor fails.
        let _ = parcels.send(parcel.clone()).await;
        drop(parcels);
        let carried = self.carry(&mut run).await;
        match (outcomes.try_recv(), carried) {
            (Ok((_, outcome)), _) => outcome,
            (Err(_), Err(gone)) => Outcome::Later { after: gone.after, reason: gone.reason, detail: gone.detail },
            (Err(_), Ok(())) => Outcome::Later {
                after: None,
                reason: Reason::Temporary,
                detail: "the session ended before the message was written".to_owned(),
            },
        }
    }

    /// A centre that closes a connection which carried something is called again; one that does so before it took anything
    /// is unavailable.
    async fn carry(&self, run: &mut Run) -> Result<(), Unavailable> {
        let mut held: Vec<Parcel> = run.next().await.into_iter().collect();
        while !held.is_empty() {
            let (mut link, fresh) = self.link().await?;
            match Window::new(&self.centre, &mut link).drive(held, run).await {
                Ok(()) => {
                    self.keep(link).await;
                    return Ok(());
                }
                Err(lost) if (lost.progressed || !fresh) && lost.why.reason == Reason::Unreachable => {
                    held = lost.held;
                    if held.is_empty() {
                        held.extend(run.next().await);
                    }
                }
                Err(lost) => return Err(lost.why),
            }
        }
        Ok(())
    }

    async fn check(&self) -> Result<CheckReport, Unavailable> {
        let (link, _) = self.link().await?;
        self.keep(link).await;
        let over = if self.centre.settings.tls { "over TLS" } else { "in clear text" };
        Ok(CheckReport { summary: format!("bound {over}"), ..CheckReport::default() })
    }

    async fn listen(&self, ear: Arc<dyn Ear>) {
        *lock(&self.centre.ear) = Some(ear);
        let _listening = Listening(self);
        let clock = self.centre.clock.clone();
        let mut pause = PAUSE.0;
        loop {
            // Nobody but this provider has the sender, so it is not closed.
            let _ = self.centre.hearing.subscribe().wait_for(|count| *count == 0).await;
            let opened_at = clock.elapsed();
            match self.hear().await {
                Ok(Some(mut receiver)) => receiver.ended().await,
                Ok(None) => {
                    let _ = self.centre.hearing.subscribe().wait_for(|count| *count == 0).await;
                }
                Err(why) => {
                    tracing::warn!(provider = self.manifest.name, %why, ?pause, "nothing can come in just now");
                }
            }
            pause = if clock.elapsed().saturating_sub(opened_at) > PAUSE.1 { PAUSE.0 } else { pause };
            clock.sleep(pause).await;
            pause = (pause * 2).min(PAUSE.1);
        }
    }
}

impl Smpp {
    /// A connection to carry over, and whether it was opened just now.
    async fn link(&self) -> Result<(Link, bool), Unavailable> {
        let _one = self.opening.lock().await;
        if let Some(link) = lock(&self.idle).take().filter(|link| !link.is_gone()) {
            return Ok((link, false));
        }
        let role = match self.centre.settings.bind {
            Bind::Transceiver => Role::Transceiver,
            Bind::Split => Role::Transmitter,
        };
        Ok((Link::open(&self.centre, role).await?, true))
    }

    /// Opens what is heard over, unless somebody just did. A transceiver is kept for whoever carries next.
    async fn hear(&self) -> Result<Option<Link>, Unavailable> {
        let _one = self.opening.lock().await;
        if *self.centre.hearing.borrow() > 0 {
            return Ok(None);
        }
        if self.centre.settings.bind == Bind::Split {
            return Link::open(&self.centre, Role::Receiver).await.map(Some);
        }
        let link = Link::open(&self.centre, Role::Transceiver).await?;
        *lock(&self.idle) = Some(link);
        Ok(None)
    }

    /// Keeps a connection for what comes in, where that is its purpose and somebody listens.
    async fn keep(&self, link: Link) {
        let spare = if self.centre.settings.bind == Bind::Transceiver && self.centre.ear().is_some() {
            lock(&self.idle).replace(link)
        } else {
            Some(link)
        };
        if let Some(link) = spare {
            link.unbind().await;
        }
    }
}

/// Takes leave of the centre when nobody listens any more.
struct Listening<'a>(&'a Smpp);

impl Drop for Listening<'_> {
    fn drop(&mut self) {
        *lock(&self.0.centre.ear) = None;
        if let Some(link) = lock(&self.0.idle).take() {
            tokio::spawn(link.unbind());
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
