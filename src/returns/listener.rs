//! Accepts mail servers, so many at once and no more.

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use tokio::{
    net::TcpListener,
    sync::{Semaphore, watch},
    task::JoinSet,
};

use super::{
    RuleError, Rules,
    session::{self, Office},
};
use crate::{app::App, config::Bounces};

/// Sessions at once; more wait to be accepted.
const SESSIONS: usize = 32;
/// How long a session may take. What a mail server did not get rid of by then it brings again.
const LONGEST: Duration = Duration::from_secs(900);
/// Wait after a failure to accept: most often no file descriptor is left.
const ACCEPT_AGAIN: Duration = Duration::from_secs(1);

/// A place to take mail at, bound, with the rules for what comes.
pub struct Listener {
    socket: TcpListener,
    peers: Vec<IpAddr>,
    rules: Arc<Rules>,
}

/// Why mail cannot be taken.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// The address cannot be bound.
    #[error("bounces.listen: {0} cannot be listened on: {1}; is another daemon running there?")]
    Bind(SocketAddr, std::io::Error),
    /// The rules cannot be used.
    #[error("bounces.rules: {0}")]
    Rules(#[from] RuleError),
}

impl Listener {
    /// Reads the rules and binds the address.
    ///
    /// # Errors
    /// [`ListenError`], naming the key to mend.
    pub async fn bind(settings: &Bounces) -> Result<Listener, ListenError> {
        let rules = Arc::new(Rules::load(settings.rules.as_deref())?);
        let socket =
            TcpListener::bind(settings.listen).await.map_err(|error| ListenError::Bind(settings.listen, error))?;
        Ok(Listener { socket, peers: settings.peers.clone(), rules })
    }

    fn lets_in(&self, peer: IpAddr) -> bool {
        if self.peers.is_empty() { peer.is_loopback() } else { self.peers.contains(&peer) }
    }
}

/// Takes mail until the daemon stops. A session that is cut off then was told of no commit that is not one.
pub async fn serve(listener: Listener, app: App, mut stop: watch::Receiver<bool>) {
    let office = Office { app, rules: listener.rules.clone() };
    let slots = Arc::new(Semaphore::new(SESSIONS));
    let mut sessions = JoinSet::new();
    loop {
        while sessions.try_join_next().is_some() {}
        let next = async { (slots.clone().acquire_owned().await, listener.socket.accept().await) };
        let (slot, accepted) = tokio::select! {
            next = next => next,
            _ = stop.wait_for(|stopped| *stopped) => return,
        };
        match accepted {
            Ok((stream, peer)) if listener.lets_in(peer.ip()) => {
                let office = office.clone();
                sessions.spawn(async move {
                    let clock = office.app.world.clock.clone();
                    tokio::select! {
                        ended = session::speak(stream, &office) => {
                            ended.inspect_err(|error| tracing::debug!(%error, "a mail server's session broke")).ok();
                        }
                        () = clock.sleep(LONGEST) => {}
                    }
                    drop(slot);
                });
            }
            Ok((_, peer)) => tracing::warn!(%peer, "somebody who is not in `bounces.peers` wanted to hand mail over"),
            Err(error) => {
                tracing::warn!(%error, "a mail server could not be accepted; trying again in a second");
                office.app.world.clock.sleep(ACCEPT_AGAIN).await;
            }
        }
    }
}
