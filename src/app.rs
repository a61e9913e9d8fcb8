//! The application: every part, built in order, and the operations' common ground.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use onevoice_channels::{
    contract::{Channel, Provider, World as ChannelWorld},
    registry,
};

use crate::{
    audience::filter::{self, Filter},
    check::{RuleError, Rules},
    config::{Config, ProviderEntry, Readers},
    console::words::{LanguageError, Languages},
    dkim::{self, Signers},
    listener,
    pace::{Common, Pacer, Routes},
    people::{Actor, Person, Role},
    problem::Problem,
    public::{PublicState, Signer},
    render::{Limits, MailIdentity, Organisation, TemplateError, Templates},
    send::{Engine, Route},
    store::{Store, audit::Entry},
    telemetry::metrics::Metrics,
    world::World,
};

/// Everything that operations need. Cheap to clone.
#[derive(Clone)]
pub struct App {
    inner: Arc<Parts>,
}

/// The parts of the application.
pub struct Parts {
    /// The configuration.
    pub config: Arc<Config>,
    /// The store.
    pub store: Store,
    /// Time, randomness, HTTP.
    pub world: World,
    /// What carries out.
    pub engine: Arc<Engine>,
    /// Message templates.
    pub templates: Arc<Templates>,
    /// Guidance rules.
    pub rules: Arc<Rules>,
    /// What the console speaks.
    pub languages: Languages,
    /// What the public sees.
    pub public: PublicState,
    /// Counters.
    pub metrics: Arc<Metrics>,
    /// Who tried to sign in how often.
    pub logins: crate::people::limiter::LoginLimiter,
    /// What authenticators were asked, and have not answered yet.
    pub ceremonies: crate::people::ceremony::Ceremonies,
    /// Who has which draft open.
    pub presence: crate::compose::presence::Presence,
    /// What people type and have not saved yet.
    pub typed: crate::preview::typed::Typed,
    /// Tests that people sent to themselves lately.
    pub trials: crate::send::trial::Trials,
    /// Tests of single providers that people sent to themselves lately.
    pub own_tests: crate::send::own_test::OwnTests,
    /// Announcements of machines, one after the other.
    pub machines: crate::schedule::playbook::announce::Turn,
    /// Timers and planned work, one after the other.
    pub timed: crate::schedule::timed::Turn,
    /// Rings when monitoring called.
    pub intake: crate::intake::speak::Bell,
    /// How the published copies stand.
    pub copies: crate::publish::Copies,
    /// Who asks to subscribe.
    pub doorkeeper: crate::subscribe::Doorkeeper,
}

impl std::ops::Deref for App {
    type Target = Parts;
    fn deref(&self) -> &Parts {
        &self.inner
    }
}

/// Why the application cannot be built.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// A provider's settings cannot be used.
    #[error("provider `{0}`: {1}")]
    Provider(String, registry::SettingsError),
    /// A key for DKIM cannot be used.
    #[error("dkim: {0}")]
    Dkim(registry::SettingsError),
    /// A template cannot be used.
    #[error(transparent)]
    Template(#[from] TemplateError),
    /// A rule cannot be used.
    #[error(transparent)]
    Rule(#[from] RuleError),
    /// A language of the console cannot be used.
    #[error(transparent)]
    Language(#[from] LanguageError),
}

/// Builds the configured providers.
///
/// # Errors
/// The first provider whose settings cannot be used.
pub fn providers(config: &Config, world: &World) -> Result<Vec<Arc<dyn Provider>>, BuildError> {
    let world = ChannelWorld {
        clock: world.clock.clone(),
        http: world.http.clone(),
        public_url: config.http.public_url.clone(),
    };
    let build = |entry: &ProviderEntry| {
        let build = match entry.audience {
            Readers::Customers => registry::build,
            Readers::Staff => registry::build_for_staff,
        };
        build(&entry.name, &entry.settings, &world).map_err(|error| BuildError::Provider(entry.name.clone(), error))
    };
    config.provider.iter().map(build).collect()
}

/// The outboxes that practice goes to, one for each channel.
fn exercise_providers(config: &Config, world: &World) -> Result<Vec<Arc<dyn Provider>>, BuildError> {
    let world = ChannelWorld { clock: world.clock.clone(), http: world.http.clone(), public_url: None };
    let build = |channel: Channel| {
        let name = format!("exercise-{}", channel.as_str().replace('_', "-"));
        let settings = registry::ProviderSettings::outbox(channel);
        registry::build(&name, &settings, &world).map_err(|error| BuildError::Provider(name, error))
    };
    config.channels().into_iter().filter(|channel| channel.carrier() == *channel).map(build).collect()
}

/// The configured providers with their pace. Those of a channel share its messages.
fn real_routes(config: &Config, world: &World, common: &Common) -> Result<Vec<Route>, BuildError> {
    let at = world.clock.elapsed();
    let mut channels: BTreeMap<Channel, Arc<Routes>> = BTreeMap::new();
    let route = |(entry, provider): (&ProviderEntry, Arc<dyn Provider>)| {
        let manifest = provider.manifest();
        // Each account and page posts what is its own: there is nothing to share.
        let routes = if manifest.channel.is_shared() {
            channels.entry(manifest.channel).or_default().clone()
        } else {
            Arc::default()
        };
        let sender = entry.sender(&config.organisation).and_then(|sender| common.sender(&sender));
        // The daemon serves its own pages itself.
        let is_sent = !matches!(manifest.channel, Channel::Banner | Channel::StatusPage);
        let pacer = Pacer::new(&manifest.limits, routes, entry.weight(), entry.priority(), at)
            .sharing(sender, is_sent.then(|| common.overall()));
        Route { pacer, provider, exercise: false }
    };
    Ok(config.provider.iter().zip(providers(config, world)?).map(route).collect())
}

/// The program's own templates are read once for a set of languages, however many apps there are: tests build hundreds.
fn templates(config: &Config) -> Result<Arc<Templates>, TemplateError> {
    static OWN: Mutex<BTreeMap<Vec<String>, Arc<Templates>>> = Mutex::new(BTreeMap::new());
    let locales = &config.organisation.locales;
    if let Some(folder) = &config.templates.directory {
        return Templates::load(Some(folder), locales).map(Arc::new);
    }
    let mut own = OWN.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(loaded) = own.get(locales) {
        return Ok(loaded.clone());
    }
    let loaded = Arc::new(Templates::load(None, locales)?);
    own.insert(locales.clone(), loaded.clone());
    Ok(loaded)
}

/// The program's own rules likewise.
fn rules(config: &Config) -> Result<Arc<Rules>, RuleError> {
    static OWN: OnceLock<Arc<Rules>> = OnceLock::new();
    match (&config.check.rules, OWN.get()) {
        (None, Some(own)) => Ok(own.clone()),
        (None, None) => Rules::load(None).map(|loaded| OWN.get_or_init(|| Arc::new(loaded)).clone()),
        (folder, _) => Rules::load(folder.as_deref()).map(Arc::new),
    }
}

impl App {
    /// Builds the parts. Nothing moves yet.
    ///
    /// # Errors
    /// [`BuildError`], naming what to mend.
    pub fn build(config: Config, store: Store, world: World) -> Result<App, BuildError> {
        let config = Arc::new(config);
        let templates = templates(&config)?;
        let rules = rules(&config)?;
        let languages = Languages::load(config.console.languages.as_deref())?;
        let at = world.clock.elapsed();
        let common = Common::new(&config, at);
        let mut routes = real_routes(&config, &world, &common)?;
        routes.extend(exercise_providers(&config, &world)?.into_iter().map(|provider| Route {
            pacer: Pacer::alone(&provider.manifest().limits, at),
            provider,
            exercise: true,
        }));
        let metrics = Arc::new(Metrics::new());
        let signers: Result<Vec<dkim::Signer>, _> = config.dkim.iter().map(|key| key.signer()).collect();
        let signers = Signers::new(signers.map_err(BuildError::Dkim)?);
        let engine =
            Engine::new(config.clone(), store.clone(), world.clone(), metrics.clone(), routes, common, signers);
        let signer = Signer::new(&store.secrets().token_key);
        let readers = listener::Bounds::within(listener::raise_descriptors()).streams();
        let public = PublicState::new(crate::feed::empty(&config, world.clock.now()), signer, readers);
        let logins = crate::people::limiter::LoginLimiter::default();
        let (ceremonies, presence, typed, trials, own_tests, machines, timed, intake, copies, doorkeeper) =
            Default::default();
        let parts = Parts {
            config,
            store,
            world,
            engine,
            templates,
            rules,
            languages,
            public,
            metrics,
            logins,
            ceremonies,
            presence,
            typed,
            trials,
            own_tests,
            machines,
            timed,
            intake,
            copies,
            doorkeeper,
        };
        Ok(App { inner: Arc::new(parts) })
    }

    /// The channels that are configured, in the order of tables.
    pub fn channels(&self) -> Vec<Channel> {
        self.config.channels()
    }

    /// Those of them that customers read, which authors choose from. The staff sheet goes to the others wherever it goes.
    pub fn customer_channels(&self) -> Vec<Channel> {
        self.channels().into_iter().filter(|channel| !channel.is_staff()).collect()
    }

    /// The default locale.
    pub fn default_locale(&self) -> &str {
        &self.config.organisation.locales[0]
    }

    /// Who sends, as templates show it.
    pub fn organisation(&self) -> Organisation {
        let organisation = &self.config.organisation;
        let (from_name, from_address) = organisation.sender();
        Organisation {
            name: organisation.name.clone(),
            status_url: organisation.status_url.to_string(),
            time_zone: organisation.time_zone.clone(),
            locale: self.default_locale().to_owned(),
            mail: MailIdentity {
                from_name,
                from_address,
                reply_to: organisation.reply_address(),
                return_path: organisation.bounce_address.clone(),
            },
        }
    }

    /// What fits where: the smallest limit of each channel's providers.
    pub fn limits(&self) -> Limits {
        let mut texts = BTreeMap::new();
        for route in self.engine.routes() {
            let manifest = route.provider.manifest();
            if let Some(limit) = manifest.text_limit {
                let smallest = texts.entry(manifest.channel).or_insert(limit);
                if limit.max < smallest.max {
                    *smallest = limit;
                }
            }
        }
        Limits { sms_parts: self.config.sms.max_parts, texts }
    }

    /// The names of a channel's outlets, of colleagues' mail the addresses; empty for personal channels.
    pub fn outlets(&self, channel: Channel) -> Vec<String> {
        let of_channel =
            self.engine.routes().map(|route| route.provider.manifest()).filter(|manifest| manifest.channel == channel);
        match channel {
            Channel::StaffMail => self.config.staff.mail.clone(),
            channel if channel.is_personal() => Vec::new(),
            _ => of_channel.map(|manifest| manifest.name.clone()).collect(),
        }
    }

    /// The filter of a segment by name; everyone for None.
    ///
    /// # Errors
    /// [`Problem`] 422 at `pointer` when there is none of that name.
    pub async fn segment_filter(&self, name: Option<&str>, pointer: &str) -> Result<Filter, Problem> {
        let Some(name) = name else { return Ok(Filter::Everyone) };
        let segments = self.store.segments().await?;
        let Some(segment) = segments.iter().find(|segment| segment.name == name) else {
            let known: Vec<&str> = segments.iter().map(|segment| segment.name.as_str()).collect();
            let detail = format!("there is no segment {name:?}; the segments are: {}", known.join(", "));
            return Err(Problem::invalid(pointer, detail));
        };
        filter::parse(&segment.filter).map_err(|error| Problem::invalid(pointer, error.to_string()))
    }

    /// An audit line of somebody's.
    pub fn entry<'a>(&self, actor: &'a str, action: &'a str, subject: &'a str, detail: serde_json::Value) -> Entry<'a> {
        Entry { at: self.world.clock.now(), actor, action, subject, detail }
    }

    /// The person behind an actor, if they may do what `role` may and, for a key, it has `scope`.
    ///
    /// # Errors
    /// [`Problem`] 403, saying what is missing.
    pub fn may<'a>(&self, actor: &'a Actor, role: Role, scope: &str) -> Result<Option<&'a Person>, Problem> {
        if let Actor::Key { scopes, .. } = actor
            && !scopes.iter().any(|held| held == scope)
        {
            return Err(Problem::forbidden(format!(
                "this key does not have the scope `{scope}`; make one that has it"
            )));
        }
        match actor.person() {
            // What a timer says was approved for it. That whoever set it up may not write any more makes it wait for an
            // approval (`schedule::timed::carry`); it does not fall silent.
            Some(person) if matches!(actor, Actor::Timer { .. }) && role <= Role::Author => Ok(Some(person)),
            Some(person) if person.role < role => Err(Problem::forbidden(format!(
                "this takes the role {}; you have the role {}",
                role.as_str(),
                person.role.as_str()
            ))),
            person => Ok(person),
        }
    }
}
