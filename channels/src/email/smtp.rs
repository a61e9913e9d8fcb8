//! Mail through an SMTP relay (RFC 5321), with a session of our own that keeps its connection and can pipeline
//! (RFC 2920): one write carries the end of one message and the envelope of the next.
//!
//! Replies by their enhanced status code (RFC 3463, 2034) where there is one, else by the reply code and the command
//! it answers. A reply to MAIL or the connection never says anything about the recipient.
//!
//! | reply | to | outcome |
//! |---|---|---|
//! | 2xx | the final dot | accepted |
//! | 421 | anything | the connection is given up; a message whose dot it answers is later: temporary |
//! | 4.2.2 | | later: mailbox_full |
//! | 4.3.2, 4.5.3, 4.7.28, 4.7.5xx to 4.7.7xx | | later: throttled |
//! | other 4xx | | later: temporary |
//! | 530, 535, 5.7.8, 5.7.9 | | the provider is unavailable: unauthorized |
//! | 5.1.1, 5.1.2, 5.1.6, 5.1.10, 556, 551 | RCPT | rejected: no_such_address |
//! | 5.1.3, 501, 553 | RCPT | rejected: bad_address |
//! | 5.2.2, bare 552 | RCPT | rejected: mailbox_full |
//! | 5.2.3, 5.3.4, 5.5.x, 5.6.x, 500 to 504, 552, 555 | | rejected: bad_content |
//! | 5.7.x and every other 5xx | | rejected: blocked |
//! | none, before the dot was written | | the provider is unavailable: unreachable; nothing was sent |
//! | none, after it | | in doubt |

mod pipeline;
mod reply;
mod session;
mod settings;
mod wire;

use std::sync::Arc;

use async_trait::async_trait;
use lettre::transport::smtp::{authentication::Credentials, extension::ClientId};
use tokio_rustls::rustls::ClientConfig;

use self::session::Session;
pub use self::settings::{SmtpSettings, Timeouts, Tls};
use crate::{
    contract::{Channel, CheckReport, Limits, Manifest, Outcome, Parcel, Provider, Reason, Run, Unavailable, World},
    detail::Scrubber,
    registry::{Kind, SettingsError},
};

struct Smtp {
    manifest: Manifest,
    relay: Relay,
}

/// Where to connect, and how.
struct Relay {
    settings: SmtpSettings,
    hello: ClientId,
    credentials: Option<Credentials>,
    /// None without TLS.
    tls: Option<Arc<ClientConfig>>,
    scrubber: Scrubber,
}

impl Kind for SmtpSettings {
    fn channel(&self) -> Channel {
        Channel::Email
    }

    fn limits(&self) -> &crate::limits::LimitSettings {
        &self.limits
    }

    fn validate(&self) -> Result<(), SettingsError> {
        self.check_values()
    }

    fn build(&self, name: &str, _: &World) -> Result<Arc<dyn Provider>, SettingsError> {
        let four = std::num::NonZeroU32::new(4).unwrap_or(std::num::NonZeroU32::MIN);
        let declared = Limits { connections: four, ..Limits::default() };
        let relay = Relay {
            hello: self.hello.clone().map_or_else(ClientId::default, ClientId::Domain),
            credentials: self
                .username
                .as_ref()
                .zip(self.password.as_ref())
                .map(|(username, password)| Credentials::new(username.clone(), password.expose().to_owned())),
            tls: if self.tls == Tls::None { None } else { Some(crate::tls::client_config(self.ca_file.as_deref())?) },
            scrubber: Scrubber::new(&self.password),
            settings: self.clone(),
        };
        let manifest = Manifest {
            kind: "smtp",
            name: name.to_owned(),
            channel: Channel::Email,
            limits: self.limits.over(declared),
            idempotent: false,
            key_life: None,
            receipts: false,
            text_limit: None,
            leaves: true,
        };
        Ok(Arc::new(Smtp { manifest, relay }))
    }

    #[cfg(test)]
    fn conformance() -> crate::testkit::Case {
        tests::case()
    }
}

#[async_trait]
impl Provider for Smtp {
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

    async fn carry(&self, run: &mut Run) -> Result<(), Unavailable> {
        pipeline::carry(&self.relay, run).await
    }

    async fn check(&self) -> Result<CheckReport, Unavailable> {
        let session = Session::open(&self.relay).await?;
        let with = if self.relay.credentials.is_some() { "signed in" } else { "connected without credentials" };
        let pipelining = if session.is_pipelining() { "with pipelining" } else { "without pipelining" };
        let over = if self.relay.tls.is_some() { "over TLS" } else { "in clear text" };
        session.quit().await;
        Ok(CheckReport { summary: format!("{with} {over}, {pipelining}"), ..CheckReport::default() })
    }
}

#[cfg(test)]
mod tests;
