//! The running daemon: parts built and started in order, stopped in the reverse one.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    process::ExitCode,
    time::Duration,
};

use axum::{
    extract::{Request, State},
    middleware::{self, Next},
    response::{IntoResponse as _, Response},
};
use tokio::{
    signal::unix::{SignalKind, signal},
    sync::watch,
    task::JoinHandle,
};

use crate::{
    app::{App, BuildError},
    approve::{State as Stage, summon},
    config::{Config, ConfigError},
    feed,
    listener::{self, Bounds, Listener, Peer},
    path,
    problem::Problem,
    returns,
    send::{check, reload::Reloader},
    store::{Store, StoreError},
    telemetry,
    track::reach,
    world::World,
};

/// How long in-flight sends may take to end.
const GRACE: Duration = Duration::from_secs(30);
/// How long a request may take.
const REQUEST: Duration = Duration::from_secs(60);
/// The exit code when broadcasts were still going out: they go on at the next start.
const LEFT: u8 = 4;

/// Why the daemon cannot start.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The configuration cannot be used.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The store cannot be opened.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A provider, template or rule cannot be used.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// The address cannot be listened on.
    #[error("{0}; choose another address in `http.listen`, or stop what uses it")]
    Listen(String),
    /// The certificate cannot be used.
    #[error("http.tls: {0}")]
    Certificate(String),
    /// TLS of this machine or the configured certificate cannot be used.
    #[error("TLS cannot be set up: {0}")]
    Tls(reqwest::Error),
    /// Logs cannot be set up.
    #[error("telemetry: {0}")]
    Telemetry(String),
    /// Mail that comes back cannot be taken.
    #[error(transparent)]
    Returns(#[from] returns::ListenError),
    /// An operation at the start was refused.
    #[error("{0}")]
    Refused(#[from] Problem),
}

/// A running daemon.
pub struct Daemon {
    /// Its parts.
    pub app: App,
    /// Where it listens.
    pub address: SocketAddr,
    stop: watch::Sender<bool>,
    carrying: JoinHandle<crate::store::Result<()>>,
    serving: JoinHandle<usize>,
    others: Vec<JoinHandle<()>>,
}

/// The database of a configuration.
pub fn database(config: &Config) -> PathBuf {
    config.data.join("onevoice.db")
}

/// The daemon's socket.
pub fn socket(config: &Config) -> PathBuf {
    config.data.join("onevoice.sock")
}

/// Runs the daemon until it is told to stop.
///
/// # Errors
/// [`ServeError`], saying what to mend.
pub async fn run(config: &Path) -> Result<ExitCode, ServeError> {
    let loaded = Config::load(config)?;
    let reloader = Reloader::new(config);
    // From here on SIGHUP ends the process no more.
    let mut hangups = signal(SignalKind::hangup()).map_err(|error| ServeError::Listen(error.to_string()))?;
    let daemon = Daemon::start(loaded).await?;
    tracing::info!(address = %daemon.address, "Onevoice is ready");
    let app = daemon.app.clone();
    let reloading = tokio::spawn(async move {
        while hangups.recv().await.is_some() {
            reloader.reload(&app).await;
        }
    });
    let code = daemon.until_stopped().await;
    reloading.abort();
    code
}

impl Daemon {
    /// Builds and starts everything; answers once requests are taken.
    ///
    /// # Errors
    /// [`ServeError`], saying what to mend.
    pub async fn start(config: Config) -> Result<Daemon, ServeError> {
        telemetry::init(&config.telemetry).map_err(|error| ServeError::Telemetry(error.to_string()))?;
        let world = World::system().map_err(ServeError::Tls)?;
        let store = Store::open(&database(&config), world.random.as_ref()).await?;
        let app = App::build(config, store, world)?;
        feed::publish(&app).await?;
        let (stop, stopped) = watch::channel(false);
        let (address, serving) = listen(&app, stopped.clone()).await?;
        let bounces = match &app.config.bounces {
            Some(bounces) => Some(returns::Listener::bind(bounces).await?),
            None => None,
        };
        let returning = bounces.map(|bounces| tokio::spawn(returns::serve(bounces, app.clone(), stopped.clone())));
        let engine = app.engine.clone();
        let carrying = tokio::spawn(async move { path::carry_out(&engine).await });
        let others = heartbeat(&app, stopped)
            .into_iter()
            .chain(returning)
            .chain([
                tokio::spawn(feed::run(app.clone())),
                tokio::spawn(crate::publish::run(app.clone())),
                tokio::spawn(reach::run(app.clone())),
                tokio::spawn(summon::run(app.clone())),
                tokio::spawn(crate::schedule::promise::run(app.clone())),
                tokio::spawn(crate::schedule::timed::run(app.clone())),
                tokio::spawn(crate::track::withdraw::run(app.clone())),
                tokio::spawn(crate::track::hear::run(app.clone())),
                tokio::spawn(crate::track::replies::run(app.clone())),
                tokio::spawn(crate::subscribe::run(app.clone())),
                tokio::spawn(crate::intake::speak::run(app.clone())),
                tokio::spawn(crate::webhooks::run(app.clone())),
                tokio::spawn(check::run(app.clone())),
                tokio::spawn(crate::audience::listed::forget_in_time(app.clone())),
                tokio::spawn(crate::track::inbox::run(app.clone())),
            ])
            .collect();
        Ok(Daemon { app, address, stop, carrying, serving, others })
    }

    /// Waits for SIGINT or SIGTERM, then stops in order.
    ///
    /// # Errors
    /// The store's, when what a crash left could not be read at the start.
    pub async fn until_stopped(self) -> Result<ExitCode, ServeError> {
        let mut terminate = signal(SignalKind::terminate()).map_err(|error| ServeError::Listen(error.to_string()))?;
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminate.recv() => {}
        }
        tracing::info!("stopping; what is on the wire ends and is recorded");
        self.stop().await
    }

    /// Stops: no new message starts, in-flight sends end and are recorded, the database is closed.
    ///
    /// # Errors
    /// The store's, when what a crash left could not be read at the start.
    pub async fn stop(self) -> Result<ExitCode, ServeError> {
        self.stop.send_replace(true);
        self.app.public.end();
        self.app.engine.stop();
        let clock = self.app.world.clock.clone();
        let mut carrying = self.carrying;
        let in_time = tokio::select! {
            ended = &mut carrying => { ended.unwrap_or(Ok(()))?; true }
            () = clock.sleep(GRACE) => false,
        };
        if !in_time {
            tracing::error!("some sends did not end in time; they are in doubt and handled at the next start");
            carrying.abort();
        }
        let _ = self.serving.await;
        self.others.iter().for_each(JoinHandle::abort);
        let left = self.app.store.broadcasts_in(&[Stage::Running]).await?;
        for broadcast in &left {
            tracing::warn!(broadcast = broadcast.id, "still going out; it goes on at the next start");
        }
        self.app.store.close(self.app.world.random.as_ref()).await;
        Ok(if left.is_empty() && in_time { ExitCode::SUCCESS } else { ExitCode::from(LEFT) })
    }
}

/// Every route of the daemon, with what holds for all of them.
fn router(app: &App) -> axum::Router {
    crate::public::router(app.public.clone())
        .merge(crate::subscribe::router(app.clone()))
        .merge(crate::api::router(app.clone()))
        .merge(crate::console::router(app.clone()))
        .merge(crate::ops::router(app.clone()))
        .merge(crate::intake::door::router(app.clone()))
        .layer(middleware::from_fn(in_time))
        .layer(middleware::from_fn_with_state(app.clone(), behind_proxy))
}

/// Requests have a minute, so that a slow body holds nothing; an import streams and takes what it takes.
async fn in_time(request: Request, next: Next) -> Response {
    if request.uri().path().ends_with("/import") {
        return next.run(request).await;
    }
    match tokio::time::timeout(REQUEST, next.run(request)).await {
        Ok(response) => response,
        Err(_) => axum::http::StatusCode::REQUEST_TIMEOUT.into_response(),
    }
}

/// Behind a trusted proxy the caller is whom the proxy names last; from anybody else the header means nothing.
async fn behind_proxy(State(app): State<App>, mut request: Request, next: Next) -> Response {
    if let Some(Peer::Tcp(peer)) = request.extensions().get::<Peer>().cloned()
        && app.config.http.trusted_proxies.contains(&peer.ip())
    {
        let named = request.headers().get("x-forwarded-for").and_then(|value| value.to_str().ok());
        let last = named.and_then(|list| list.rsplit(',').next()?.trim().parse().ok());
        if let Some(address) = last {
            request.extensions_mut().insert(Peer::Tcp(SocketAddr::new(address, 0)));
        }
    }
    next.run(request).await
}

async fn listen(app: &App, stopped: watch::Receiver<bool>) -> Result<(SocketAddr, JoinHandle<usize>), ServeError> {
    let wanted = app.config.http.listen;
    let network = match &app.config.http.tls {
        Some(tls) => {
            Listener::tls(wanted, tls.server_config().map_err(|error| ServeError::Certificate(error.to_string()))?)
                .await
        }
        None => Listener::tcp(wanted).await,
    };
    let network = network.map_err(|error| ServeError::Listen(error.to_string()))?;
    let address = network.address().unwrap_or(wanted);
    let socket = Listener::unix(&socket(&app.config)).map_err(|error| ServeError::Listen(error.to_string()))?;
    let (router, clock) = (router(app), app.world.clock.clone());
    let serving =
        listener::serve(vec![network, socket], router, stopped, clock, Bounds::within(listener::raise_descriptors()));
    Ok((address, tokio::spawn(serving)))
}

/// The heartbeat, where one is configured.
fn heartbeat(app: &App, stopped: watch::Receiver<bool>) -> Option<JoinHandle<()>> {
    let url = app.config.telemetry.heartbeat_url.clone()?;
    let every = Duration::from_secs(u64::from(app.config.telemetry.heartbeat_seconds));
    let (engine, world) = (app.engine.clone(), app.world.clone());
    let healthy = move || engine.is_writable() && !engine.is_stopping();
    Some(tokio::spawn(telemetry::heartbeat::run(url, every, healthy, world.clock, world.http, stopped)))
}
