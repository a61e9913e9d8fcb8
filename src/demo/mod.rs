//! `onevoice demo`: the whole of Onevoice on this machine, with every channel wired to an outbox.

pub(crate) mod machines;
pub(crate) mod once;
pub(crate) mod prepared;
pub mod sample;
pub(crate) mod timed;

use std::{net::SocketAddr, path::PathBuf, process::ExitCode};

use crate::{
    app::App,
    config::Config,
    serve::{self, ServeError},
    store::Store,
    world::World,
};

/// How the demo is run.
#[derive(Clone, Debug)]
pub struct DemoOptions {
    /// Walk the path of a message once, print what came of it, and end.
    pub once: bool,
    /// Where to listen.
    pub listen: SocketAddr,
    /// Where to keep the data; None means `onevoice-demo` here, or for `once` a directory that is thrown away.
    pub data: Option<PathBuf>,
}

/// Runs the demo.
///
/// # Errors
/// When it cannot start; a walk that went wrong is an exit code.
pub async fn run(options: DemoOptions) -> Result<ExitCode, ServeError> {
    if options.once { once(&options).await } else { stay(&options).await }
}

async fn stay(options: &DemoOptions) -> Result<ExitCode, ServeError> {
    let data = options.data.clone().unwrap_or_else(|| PathBuf::from("onevoice-demo"));
    let mut config = Config::demo(data, options.listen);
    config.telemetry.level = "warn".to_owned();
    let intakes = machines::switch_on(&mut config, &crate::world::SystemRandom);
    let daemon = serve::Daemon::start(config).await?;
    sample::fill(&daemon.app).await?;
    let [ana, ben] = sample::colleagues(&daemon.app).await?;
    let dana = prepared::colleague(&daemon.app).await?;
    prepared::fill(&daemon.app, ana.email, [dana.email, ben.email]).await?;
    machines::fill(&daemon.app, ana.email, [dana.email, ben.email]).await?;
    timed::fill(&daemon.app, ana.email, [dana.email, ben.email]).await?;
    let key = sample::key(&daemon.app, ana.email).await?;
    daemon.app.engine.tell(crate::send::Event::Public);
    let at = format!("http://{}", daemon.address);
    let lines = intakes.iter().map(|(path, credential)| format!("    {at}/intake/{path} {credential}\n"));
    let intakes: String = lines.collect();
    println!(
        "\n  Onevoice demo: every channel is wired to an outbox, nothing leaves this machine.\n\n\
         \x20 Console      {at}/console\n\
         \x20 Status page  {at}/\n\
         \x20 API          {at}/api/v1     described at {at}/openapi.json\n\n\
         \x20 {:<12} {:<20} password {}   writes\n\
         \x20 {:<12} {:<20} password {}   approves\n\
         \x20 {:<12} {:<20} password {}   approves, too\n\
         \x20 Key for programs of {}: {key}\n\
         \x20 Monitoring calls (docs/machines.md); what fires for 3 seconds is announced with no person:\n{intakes}\n\
         \x20 Sign in as Ana and choose \"Tell customers something\": a prepared message is on the website in a minute.\n\
         \x20 Ask Ben to approve it for email and SMS, or write in full under \"Something else\". Then sign in as Ben\n\
         \x20 (another browser or a private window) and approve it. What would have been sent is in the Outbox.\n\
         \x20 Ctrl-C ends it; the data stay in {}.\n",
        ana.name,
        ana.email,
        ana.password,
        ben.name,
        ben.email,
        ben.password,
        dana.name,
        dana.email,
        dana.password,
        ana.name,
        daemon.app.config.data.display()
    );
    daemon.until_stopped().await
}

async fn once(options: &DemoOptions) -> Result<ExitCode, ServeError> {
    let kept = options.data.clone();
    let data =
        kept.clone().unwrap_or_else(|| std::env::temp_dir().join(format!("onevoice-demo-{}", std::process::id())));
    let config = Config::demo(data.clone(), options.listen);
    let world = World::system().map_err(ServeError::Tls)?;
    let store = Store::open(&data.join("onevoice.db"), world.random.as_ref()).await?;
    let app = App::build(config, store.clone(), world.clone())?;
    let result = once::walk(&app).await;
    store.close(world.random.as_ref()).await;
    if kept.is_none() {
        // A directory that could not be removed is in the temporary folder; the system clears that.
        let _ = std::fs::remove_dir_all(&data);
    }
    match result {
        Ok(true) => Ok(ExitCode::SUCCESS),
        Ok(false) => Ok(ExitCode::FAILURE),
        Err(problem) => {
            eprintln!("the walk ended early: {problem}");
            if let Some(findings) = problem.more.get("findings") {
                eprintln!("{findings:#}");
            }
            Ok(ExitCode::FAILURE)
        }
    }
}
