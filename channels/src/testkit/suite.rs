//! The one suite. A provider's file gives a [`Case`]: its settings, a parcel, its table, and how its server looks.

use std::{num::NonZeroU32, sync::Arc, time::Duration};

use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::{
    Callbacks, SECRET,
    http_server::{HttpAnswer, HttpRequest, HttpServer},
    impatient_world,
    logs::Logs,
    provider,
    smpp_server::{SmppAnswer, SmppScript, SmppServer},
    smtp_server::{SmtpAnswer, SmtpScript, SmtpServer},
    world,
};
use crate::{
    contract::{Outcome, Parcel, Provider, Reason, World},
    registry::ProviderSettings,
};

/// What a server says to the request that carries the message.
#[derive(Clone, Debug)]
pub enum Script {
    /// An HTTP answer.
    Http(HttpAnswer),
    /// An SMTP answer to the command that begins with these letters.
    Smtp(&'static str, SmtpAnswer),
    /// An SMPP answer to the request of this name.
    Smpp(&'static str, SmppAnswer),
}

/// The outcome that a row of a table promises.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expect {
    /// Accepted.
    Accepted,
    /// Later, for this reason, without a wait.
    Later(Reason),
    /// Later, for this reason, after this wait.
    LaterAfter(Reason, Duration),
    /// Rejected, for this reason.
    Rejected(Reason),
    /// In doubt.
    InDoubt,
}

impl Expect {
    /// What this outcome is, in a table's terms.
    pub fn of(outcome: &Outcome) -> Expect {
        match outcome {
            Outcome::Accepted { .. } | Outcome::Delivered { .. } => Expect::Accepted,
            Outcome::Later { after: None, reason, .. } => Expect::Later(*reason),
            Outcome::Later { after: Some(after), reason, .. } => Expect::LaterAfter(*reason, *after),
            Outcome::Rejected { reason, .. } => Expect::Rejected(*reason),
            Outcome::InDoubt { .. } => Expect::InDoubt,
        }
    }
}

/// One row of a provider's table.
#[derive(Clone, Debug)]
pub struct Row {
    /// What the server says.
    pub script: Script,
    /// What becomes of the message.
    pub expect: Expect,
}

impl Row {
    /// An HTTP status with a body.
    pub fn http(status: u16, body: &str, expect: Expect) -> Row {
        Row { script: Script::Http(HttpAnswer::reply(status, body)), expect }
    }

    /// An SMPP answer with a `command_status`.
    pub fn smpp(command: &'static str, status: u32, expect: Expect) -> Row {
        Row { script: Script::Smpp(command, SmppAnswer::Status(status)), expect }
    }

    /// An SMTP reply to a command.
    pub fn smtp(command: &'static str, said: &str, expect: Expect) -> Row {
        Row { script: Script::Smtp(command, SmtpAnswer::Say(said.to_owned())), expect }
    }
}

/// How a provider's server looks.
pub enum Server {
    /// None: nothing leaves this machine.
    None,
    /// HTTP. The function answers what comes before the message (sign-in, checks); None is the message itself.
    Http(fn(&HttpRequest) -> Option<HttpAnswer>),
    /// SMTP.
    Smtp,
    /// SMPP.
    Smpp,
}

/// How a place deletes.
pub struct Withdrawal {
    /// What it answered when the post was made.
    pub reference: &'static str,
    /// Its table, the deletion first.
    pub rows: Vec<Row>,
}

/// What the suite needs to know of a provider.
pub struct Case {
    /// Its settings without `kind`, given its server's port, or whether to give up at once.
    pub settings: Box<dyn Fn(u16, bool) -> Value + Send + Sync>,
    /// The keys of its settings that are secrets, as JSON pointers.
    pub secrets: Vec<&'static str>,
    /// A message for it.
    pub parcel: Parcel,
    /// Its server.
    pub server: Server,
    /// Its table, the acceptance first.
    pub rows: Vec<Row>,
    /// What its place says when the parcel's post is deleted, the deletion first; None where nothing can be deleted.
    pub withdrawal: Option<Withdrawal>,
    /// The answer by which a check learns that the credentials are refused, and whether the check can at all.
    pub refuses_credentials: Option<Script>,
}

impl Case {
    /// A provider from which nothing leaves this machine.
    pub fn local(settings: Value, parcel: Parcel) -> Case {
        Case {
            settings: Box::new(move |_, _| settings.clone()),
            secrets: Vec::new(),
            parcel,
            server: Server::None,
            rows: Vec::new(),
            withdrawal: None,
            refuses_credentials: None,
        }
    }
}

/// A provider under test. Worlds are made once: an HTTP client reads the system's certificates.
struct Bench<'a> {
    kind: &'a str,
    case: &'a Case,
    world: World,
    impatient: World,
}

/// Runs the suite.
///
/// # Panics
/// Where the provider does not keep the contract.
pub async fn run(kind: &str, case: &Case, callbacks: Option<&Callbacks>) {
    let bench = Bench { kind, case, world: world(), impatient: impatient_world() };
    let logs = Logs::keep();
    settings_are_strict(&bench);
    limits_are_declared_and_overridden(&bench);
    match case.server {
        Server::None => carries_without_a_server(&bench).await,
        Server::Http(_) | Server::Smtp | Server::Smpp => {
            the_table_holds(&bench).await;
            nothing_leaks(&bench).await;
            before_and_after_the_request_was_written(&bench).await;
            broken_answers_are_no_acceptance(&bench).await;
            credentials_are_checked(&bench).await;
        }
    }
    if let Server::Http(_) = case.server {
        throttling_is_heard(&bench).await;
    }
    what_was_posted_is_deleted_or_kept_for_a_reason(&bench).await;
    // What a message centre says later comes over its own connection, and no request has to prove itself.
    if !matches!(case.server, Server::Smpp) {
        super::callbacks::run(kind, bench.settings(1, false), callbacks);
    }
    bench.no_leak(&logs.text());
}

impl Bench<'_> {
    fn settings(&self, port: u16, impatient: bool) -> Value {
        let mut settings = (self.case.settings)(port, impatient);
        settings["kind"] = json!(self.kind);
        settings
    }

    fn provider(&self, port: u16) -> Arc<dyn Provider> {
        provider(self.settings(port, false), &self.world)
    }

    /// What the case's server, scripted thus, makes of the case's parcel.
    async fn outcome(&self, script: &Script) -> Outcome {
        self.with_server(Some(script), async |port| self.provider(port).send(&self.case.parcel).await).await
    }

    /// Starts the case's server. Without a script it answers the message with the table's first row.
    async fn with_server<T>(&self, script: Option<&Script>, work: impl AsyncFnOnce(u16) -> T) -> T {
        let script = script.unwrap_or(&self.case.rows[0].script).clone();
        match (&self.case.server, script) {
            (Server::Http(around), Script::Http(answer)) => {
                let around = *around;
                let server = HttpServer::start(move |request| around(request).unwrap_or_else(|| answer.clone())).await;
                work(server.port).await
            }
            (Server::Smtp, Script::Smtp(command, answer)) => {
                let rule = move |line: &str, _| line.starts_with(command).then(|| answer.clone());
                let offers = vec!["PIPELINING", "AUTH PLAIN"];
                let server =
                    SmtpServer::start(SmtpScript { offers, rule: Box::new(rule), ..SmtpScript::default() }).await;
                work(server.port).await
            }
            (Server::Smpp, Script::Smpp(command, answer)) => {
                let rule = move |name: &str, _| (name == command).then(|| answer.clone());
                let server = SmppServer::start(SmppScript { rule: Box::new(rule), tls: None }).await;
                work(server.port).await
            }
            (_, script) => panic!("{script:?} is not what this server speaks"),
        }
    }

    fn no_leak(&self, shown: &str) {
        let (kind, parcel) = (self.kind, &self.case.parcel);
        assert!(!shown.contains(SECRET), "{kind}: {shown} shows a secret");
        // An outlet's name is the operator's own and nobody's address.
        let private = parcel.id.channel.is_personal();
        assert!(!(private && shown.contains(parcel.to.trim_start_matches('+'))), "{kind}: {shown} shows an address");
        assert!(!shown.contains(['\r', '\n']), "{kind}: {shown} has a line end");
    }
}

fn settings_are_strict(bench: &Bench<'_>) {
    let Bench { kind, case, .. } = bench;
    let good = bench.settings(1, false);
    let read: ProviderSettings = serde_json::from_value(good.clone()).unwrap_or_else(|error| panic!("{kind}: {error}"));
    assert_eq!(read.kind(), *kind);
    assert_eq!(read.validate(), Ok(()), "{kind}");
    assert!(!format!("{read:?}").contains(SECRET), "{kind}: Debug of its settings shows a secret");

    let mut unknown = good.clone();
    unknown["no_such_key"] = json!(1);
    assert!(serde_json::from_value::<ProviderSettings>(unknown).is_err(), "{kind}: an unknown key passes");
    let mut rate = good.clone();
    rate["limits"] = json!({ "per_second": 0 });
    let refused = serde_json::from_value::<ProviderSettings>(rate).map(|settings| settings.validate());
    assert_eq!(
        refused.expect("a rate of 0 is a number").map_err(|error| error.key),
        Err("limits.per_second".to_owned())
    );

    for pointer in &case.secrets {
        let mut plain = good.clone();
        *plain.pointer_mut(pointer).unwrap_or_else(|| panic!("{kind}: {pointer} is not in its settings")) =
            json!(SECRET);
        let error = serde_json::from_value::<ProviderSettings>(plain).expect_err("a secret in plain text").to_string();
        assert!(error.contains("env") && !error.contains(SECRET), "{kind}: {error}");
    }
}

fn limits_are_declared_and_overridden(bench: &Bench<'_>) {
    let Bench { kind, case, .. } = bench;
    let mut settings = bench.settings(1, false);
    let declared = provider(settings.clone(), &bench.world);
    assert_eq!(declared.manifest().kind, *kind);
    assert_eq!(declared.manifest().name, "kit");
    assert_eq!(declared.manifest().leaves, !matches!(case.server, Server::None), "{kind}");
    assert_eq!(declared.manifest().channel, case.parcel.id.channel, "{kind}");
    settings["limits"] = json!({ "per_second": 7, "burst": 9 });
    let limits = provider(settings, &bench.world).manifest().limits.clone();
    assert_eq!((limits.per_second, limits.burst), (Some(7.0), NonZeroU32::new(9).expect("nine")), "{kind}");
    assert_eq!(limits.connections, declared.manifest().limits.connections, "{kind}: what is not overridden stays");
}

async fn carries_without_a_server(bench: &Bench<'_>) {
    let Bench { kind, case, .. } = bench;
    let provider = bench.provider(1);
    assert!(provider.manifest().idempotent, "{kind}");
    assert_eq!(Expect::of(&provider.send(&case.parcel).await), Expect::Accepted, "{kind}");
    assert!(provider.check().await.is_ok(), "{kind}");
}

async fn the_table_holds(bench: &Bench<'_>) {
    let Bench { kind, case, .. } = bench;
    assert_eq!(case.rows.first().map(|row| row.expect), Some(Expect::Accepted), "{kind}: the acceptance comes first");
    for row in &case.rows {
        let outcome = bench.outcome(&row.script).await;
        assert_eq!(Expect::of(&outcome), row.expect, "{kind}: {:?} became {outcome:?}", row.script);
        bench.no_leak(&format!("{outcome:?}"));
    }
}

/// Deletions keep the same rules as messages: their table, no leak, and no doubt that is taken for success.
async fn what_was_posted_is_deleted_or_kept_for_a_reason(bench: &Bench<'_>) {
    let Bench { kind, case, .. } = bench;
    let Some(Withdrawal { reference, rows }) = &case.withdrawal else {
        let outcome = bench.provider(1).withdraw(&case.parcel, None).await;
        // What was handed over to somebody else stays there; a page of our own goes with its broadcast.
        let expect = match case.parcel.id.channel.is_personal() || !matches!(case.server, Server::None) {
            true => Expect::Rejected(Reason::BadContent),
            false => Expect::Accepted,
        };
        return assert_eq!(Expect::of(&outcome), expect, "{kind}: {outcome:?}");
    };
    assert_eq!(rows.first().map(|row| row.expect), Some(Expect::Accepted), "{kind}: the deletion comes first");
    let answers =
        [HttpAnswer::Echo(400), HttpAnswer::Echo(500), HttpAnswer::Silence, HttpAnswer::HangUp, HttpAnswer::Garbage];
    let faults = answers.map(|answer| (Script::Http(answer), None));
    for (script, expect) in rows.iter().map(|row| (row.script.clone(), Some(row.expect))).chain(faults) {
        let outcome = bench
            .with_server(Some(&script), async |port| {
                let impatient = matches!(script, Script::Http(HttpAnswer::Silence));
                let world = if impatient { &bench.impatient } else { &bench.world };
                provider(bench.settings(port, impatient), world).withdraw(&case.parcel, Some(reference)).await
            })
            .await;
        match expect {
            Some(expect) => assert_eq!(Expect::of(&outcome), expect, "{kind}: {script:?} became {outcome:?}"),
            None => assert_ne!(Expect::of(&outcome), Expect::Accepted, "{kind}: {script:?} deleted nothing"),
        }
        bench.no_leak(&format!("{outcome:?}"));
    }
    let nowhere = provider(bench.settings(1, false), &bench.world).withdraw(&case.parcel, Some(reference)).await;
    assert_eq!(Expect::of(&nowhere), Expect::Later(Reason::Unreachable), "{kind}: {nowhere:?}");
}

/// A server that repeats all that it was told must not put it into our records.
async fn nothing_leaks(bench: &Bench<'_>) {
    let Bench { kind, case, .. } = bench;
    let told = format!("refused: {} {SECRET} {}", case.parcel.to, "long ".repeat(200));
    let scripts = match case.server {
        Server::Smtp => vec![
            Script::Smtp("RCPT", SmtpAnswer::Say(format!("550 {told}"))),
            Script::Smtp(".", SmtpAnswer::Say(format!("250 {told}"))),
            Script::Smtp("CONNECT", SmtpAnswer::Say(format!("554 {told}"))),
            Script::Smtp("AUTH", SmtpAnswer::Say(format!("535 {told}"))),
        ],
        Server::Smpp => {
            let digits = case.parcel.to.trim_start_matches('+');
            [SECRET, digits, "a b@example.com"]
                .map(|id| Script::Smpp("submit_sm", SmppAnswer::Id(id.to_owned())))
                .into()
        }
        _ => vec![
            Script::Http(HttpAnswer::Echo(400)),
            Script::Http(HttpAnswer::Echo(500)),
            Script::Http(HttpAnswer::reply(400, json!({ "error": told, "message": told, "id": told }).to_string())),
        ],
    };
    for script in scripts {
        let outcome = bench.outcome(&script).await;
        bench.no_leak(&format!("{outcome:?}"));
        if let Outcome::Later { detail, .. } | Outcome::Rejected { detail, .. } | Outcome::InDoubt { detail } = outcome
        {
            assert!(detail.chars().count() <= 200, "{kind}: {detail}");
        }
    }
}

async fn before_and_after_the_request_was_written(bench: &Bench<'_>) {
    let Bench { kind, case, .. } = bench;
    // Nobody listens where somebody just did.
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let port = listener.local_addr().expect("a bound socket has an address").port();
    drop(listener);
    let nowhere = bench.provider(port);
    let outcome_before = nowhere.send(&case.parcel).await;
    assert_eq!(Expect::of(&outcome_before), Expect::Later(Reason::Unreachable), "{kind}: {outcome_before:?}");
    let (reported, ended) = super::carry(&*nowhere, vec![case.parcel.clone()]).await;
    assert!(reported.is_empty() && ended.is_err_and(|gone| gone.reason == Reason::Unreachable), "{kind}");

    // A handshake that never ends is before it too; where the address is a secret in a file, it stays as it is.
    if let Server::Http(_) = case.server {
        let silent = HttpServer::start(|_| HttpAnswer::Silence).await;
        let settings = bench.settings(silent.port, true).to_string();
        let secure = settings.replace("http://127.0.0.1:", "https://127.0.0.1:");
        if secure != settings {
            let settings = serde_json::from_str(&secure).expect("JSON stays JSON");
            let outcome = provider(settings, &bench.impatient).send(&case.parcel).await;
            assert_eq!(Expect::of(&outcome), Expect::Later(Reason::Unreachable), "{kind}: {outcome:?}");
        }
    }

    let (silence, hang_up) = match case.server {
        Server::Smtp => (Script::Smtp(".", SmtpAnswer::Silence), Script::Smtp(".", SmtpAnswer::HangUp)),
        Server::Smpp => (Script::Smpp("submit_sm", SmppAnswer::Silence), Script::Smpp("submit_sm", SmppAnswer::HangUp)),
        _ => (Script::Http(HttpAnswer::Silence), Script::Http(HttpAnswer::HangUp)),
    };
    let late = bench
        .with_server(Some(&silence), async |port| {
            provider(bench.settings(port, true), &bench.impatient).send(&case.parcel).await
        })
        .await;
    assert_eq!(Expect::of(&late), Expect::InDoubt, "{kind}: {late:?}");
    bench.no_leak(&format!("{late:?}"));
    let broken = bench.outcome(&hang_up).await;
    assert_eq!(Expect::of(&broken), Expect::InDoubt, "{kind}: {broken:?}");
}

async fn broken_answers_are_no_acceptance(bench: &Bench<'_>) {
    let Bench { kind, case, .. } = bench;
    let scripts = match case.server {
        Server::Smtp => vec![
            Script::Smtp(".", SmtpAnswer::Say("what?".to_owned())),
            Script::Smtp(".", SmtpAnswer::Say(format!("250 {}", "x".repeat(100_000)))),
            Script::Smtp(".", SmtpAnswer::Say(vec!["250-x"; 1000].join("\r\n"))),
            Script::Smtp(".", SmtpAnswer::Say("354 go on".to_owned())),
        ],
        Server::Smpp => [
            SmppAnswer::Id("x".repeat(100)),
            SmppAnswer::Bytes(b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec()),
            SmppAnswer::Bytes(vec![0xff; 200_000]),
            SmppAnswer::Nack(0),
        ]
        .map(|answer| Script::Smpp("submit_sm", answer))
        .into(),
        _ => vec![Script::Http(HttpAnswer::Garbage), Script::Http(HttpAnswer::Oversized)],
    };
    for script in scripts {
        let outcome = bench.outcome(&script).await;
        assert_eq!(Expect::of(&outcome), Expect::InDoubt, "{kind}: {outcome:?}");
    }
}

async fn throttling_is_heard(bench: &Bench<'_>) {
    let Bench { kind, .. } = bench;
    let answer = HttpAnswer::reply(429, "{}");
    let waits = [
        (answer.clone(), Expect::Later(Reason::Throttled)),
        (
            answer.clone().with_header("retry-after", "30"),
            Expect::LaterAfter(Reason::Throttled, Duration::from_secs(30)),
        ),
        (
            // A minute after the kit's clock.
            answer.clone().with_header("retry-after", "Sun, 01 Mar 2026 12:01:00 GMT"),
            Expect::LaterAfter(Reason::Throttled, Duration::from_secs(60)),
        ),
        (
            answer.clone().with_header("retry-after", "999999"),
            Expect::LaterAfter(Reason::Throttled, Duration::from_secs(3600)),
        ),
        (answer.with_header("retry-after", "soon"), Expect::Later(Reason::Throttled)),
    ];
    for (answer, expect) in waits {
        let outcome = bench.outcome(&Script::Http(answer)).await;
        assert_eq!(Expect::of(&outcome), expect, "{kind}");
    }
}

async fn credentials_are_checked(bench: &Bench<'_>) {
    let Bench { kind, case, .. } = bench;
    bench
        .with_server(None, async |port| {
            let checked = bench.provider(port).check().await;
            let summary = checked.unwrap_or_else(|gone| panic!("{kind}: {gone}")).summary;
            assert!(!summary.is_empty() && !summary.contains(SECRET), "{kind}");
        })
        .await;
    // Some places cannot be asked without being posted to.
    let Some(script) = &case.refuses_credentials else { return };
    let nowhere = bench.provider(1).check().await.expect_err("nobody is there");
    assert_eq!(nowhere.reason, Reason::Unreachable, "{kind}: {nowhere}");
    if let Server::Http(_) = case.server {
        for answer in [HttpAnswer::Garbage, HttpAnswer::Echo(500), HttpAnswer::Echo(302)] {
            let server = HttpServer::start(move |_| answer.clone()).await;
            let broken = bench.provider(server.port).check().await.expect_err("no credentials were taken");
            assert_ne!(broken.reason, Reason::Unauthorized, "{kind}: {broken}");
            bench.no_leak(&format!("{broken:?} {broken}"));
        }
    }
    let refused = match (&case.server, script) {
        (Server::Http(_), Script::Http(answer)) => {
            let answer = answer.clone();
            let server = HttpServer::start(move |_| answer.clone()).await;
            bench.provider(server.port).check().await
        }
        _ => bench.with_server(Some(script), async |port| bench.provider(port).check().await).await,
    };
    let refused = refused.expect_err("refused credentials");
    assert_eq!(refused.reason, Reason::Unauthorized, "{kind}");
    bench.no_leak(&format!("{refused:?} {refused}"));
}
