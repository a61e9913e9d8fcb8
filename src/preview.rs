//! What a draft will be on every channel, with what the checker says and what it takes: read while it is written.

pub mod typed;

use std::collections::BTreeMap;

use onevoice_channels::{contract::Channel, sms::encoding, text};
use schemars::JsonSchema;
use serde::Serialize;

use crate::{
    app::App,
    check::{self, FactRow, Finding, Measured as Fits, Needles, Subject},
    compose::{content::Content, draft::Draft},
    plan::{self, Measured},
    problem::Problem,
    render::{self, BannerDocument, Body, MessageKind, PageDocument, RenderInput, Rendering},
};

/// A draft as it would go out.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Preview {
    /// The update.
    pub update_id: i64,
    /// The version looked at.
    pub version: i64,
    /// Every text.
    pub texts: Vec<Text>,
    /// What the checker says, the blocking ones first.
    pub findings: Vec<Finding>,
    /// Which fact is on which channel, by variant and locale.
    pub parity: Vec<Parity>,
    /// The numbers.
    pub numbers: Measured,
    /// True when nothing blocks.
    pub ready: bool,
}

/// Which fact is on which channel.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Parity {
    /// The variant.
    pub variant: String,
    /// The locale.
    pub locale: String,
    /// The facts.
    pub rows: Vec<FactRow>,
}

/// One text as its reader gets it, with fallbacks in place of personal values.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Text {
    /// The update, its correction, or its "no news yet".
    pub message: MessageKind,
    /// How many "no news yet" messages in a row go before this one.
    pub turn: u8,
    /// When a "no news yet" message says that the next update comes.
    pub promises: Option<jiff::Timestamp>,
    /// The variant.
    pub variant: String,
    /// The channel.
    pub channel: Channel,
    /// The locale.
    pub locale: String,
    /// Email: the subject.
    pub subject: Option<String>,
    /// The text; for a mail its text part, for posts their parts with empty lines between.
    pub text: String,
    /// Email: the HTML part.
    pub html: Option<String>,
    /// Posts: each part.
    pub posts: Vec<String>,
    /// Banner: what stands on the customers' websites.
    pub banner: Option<BannerDocument>,
    /// Status page: the entry, in its sections.
    pub page: Option<PageDocument>,
    /// What limits it.
    pub size: Size,
}

/// What limits a text.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
pub struct Size {
    /// SMS: septets or UCS-2 units; posts: as the place counts, the longest part.
    pub used: u32,
    /// What fits in all parts that it has now.
    pub of: u32,
    /// SMS parts, or posts.
    pub parts: u32,
    /// Posts: what each counts, as its place does.
    pub each: Vec<u32>,
    /// SMS: `gsm7` or `ucs2`.
    pub encoding: Option<String>,
    /// SMS: the characters that force UCS-2.
    pub forcing: Vec<String>,
}

/// Looks at a draft; `typed` looks at content that is not saved.
///
/// # Errors
/// [`Problem`] 404, or 422 at what cannot be used.
pub async fn preview(app: &App, update_id: i64, typed: Option<Content>) -> Result<Preview, Problem> {
    look(app, update_id, typed, None).await
}

/// The same with numbers that are known: while somebody types, those of what they saved last.
///
/// # Errors
/// As [`preview`].
pub async fn look(
    app: &App,
    update_id: i64,
    typed: Option<Content>,
    numbers: Option<Measured>,
) -> Result<Preview, Problem> {
    look_at(app, &Draft::read(app, update_id, typed).await?, numbers).await
}

/// Looks at a draft that was read.
///
/// # Errors
/// [`Problem`] 422 at what cannot be used.
pub async fn of(app: &App, draft: &Draft) -> Result<Preview, Problem> {
    look_at(app, draft, None).await
}

async fn look_at(app: &App, draft: &Draft, numbers: Option<Measured>) -> Result<Preview, Problem> {
    let renderings = render(app, draft)?;
    let numbers = match numbers {
        Some(numbers) => numbers,
        None => plan::measure(app, draft, &renderings).await?,
    };
    let findings = check(app, draft, &renderings, &numbers);
    let ready = check::blocking(&findings).next().is_none();
    Ok(Preview {
        update_id: draft.update.id,
        version: draft.update.version,
        texts: renderings.iter().map(|rendering| text_of(app, rendering)).collect(),
        ready,
        parity: parity(app, draft, &renderings),
        findings,
        numbers,
    })
}

/// Renders every message, variant, channel and locale of a draft.
///
/// # Errors
/// [`Problem`] 422 when a template cannot be filled.
pub fn render(app: &App, draft: &Draft) -> Result<Vec<Rendering>, Problem> {
    render_some(app, draft, |_, _, _, _| true)
}

/// Renders those of them that are wanted.
fn render_some(
    app: &App,
    draft: &Draft,
    wanted: impl Fn(MessageKind, &str, &str, Channel) -> bool,
) -> Result<Vec<Rendering>, Problem> {
    let organisation = app.organisation();
    let (limits, default) = (app.limits(), app.default_locale());
    let (components, now) = (draft.touched(), app.world.clock.now());
    let number = u32::try_from(draft.update.number).unwrap_or(u32::MAX);
    let incident_url = format!(
        "{}/status/incidents/{}",
        app.config.organisation.status_url.as_str().trim_end_matches('/'),
        draft.incident.id
    );
    let mut renderings = Vec::new();
    for (message, turn, next_update_at) in messages(app, draft) {
        for (place, variant) in draft.content.variants.iter().enumerate() {
            // Colleagues' places get one text, as all outlets do: that of the first group.
            let sheets = draft.content.sheets().filter(|_| place == 0);
            let sheets = sheets.filter_map(|(locale, _)| Some((locale, variant.facts_for(locale, default)?.1, true)));
            let facts = variant.facts.iter().map(|(locale, facts)| (locale, facts, false));
            for (locale, facts, for_staff) in facts.chain(sheets) {
                let input = RenderInput {
                    message,
                    content: &draft.content,
                    variant: &variant.name,
                    facts,
                    locale,
                    step: draft.step,
                    number,
                    incident_title: &draft.incident.title,
                    incident_url: Some(&incident_url),
                    components: &components,
                    routes: &draft.routes,
                    organisation: &organisation,
                    limits: &limits,
                    original: None,
                    next_update_at,
                    now,
                    exercise: draft.incident.exercise,
                };
                let goes = |to: &&Channel| {
                    (message != MessageKind::Holding || app.config.promises.goes_to(**to))
                        && to.is_staff() == for_staff
                        && wanted(message, &variant.name, locale, **to)
                };
                for channel in draft.channels.iter().filter(goes) {
                    let rendering = render::render(&app.templates, &input, *channel).map_err(|error| {
                        Problem::invalid(
                            "/variants",
                            format!("{} for {channel} in {locale} cannot be written: {error}", variant.name),
                        )
                    })?;
                    renderings.push(Rendering { turn, ..rendering });
                }
            }
        }
    }
    Ok(renderings)
}

/// Every message of an update with the time that it promises. There are as many "no news yet" ones as may go out in a row,
/// each of which promises as long again as the update did.
fn messages(app: &App, draft: &Draft) -> Vec<(MessageKind, u8, Option<jiff::Timestamp>)> {
    let promised = draft.content.next_update_at;
    let mut messages = vec![(MessageKind::Update, 0, promised), (MessageKind::Correction, 0, promised)];
    let Some(first) = promised else { return messages };
    let from = draft.content.start_at.as_ref().map_or(draft.update.saved_at, |start| start.at);
    let minutes = (first.duration_since(from).as_secs() / 60).clamp(15, 240);
    let every = jiff::SignedDuration::from_mins(minutes - minutes % 5);
    for turn in 0..app.config.promises.at_most {
        let at = first + every * (i32::from(turn) + 1);
        messages.push((MessageKind::Holding, turn, Some(at)));
    }
    messages
}

/// Everything the checker says, with the author's reasons filled in, the blocking ones first.
pub fn check(app: &App, draft: &Draft, renderings: &[Rendering], numbers: &Measured) -> Vec<Finding> {
    let mut findings = words(app, draft);
    findings.extend(limits(app, draft, renderings));
    for parity in parity(app, draft, renderings) {
        findings.extend(check::check_parity(&app.rules, &parity.variant, &parity.locale, &parity.rows));
    }
    if let Some(promised) = draft.content.next_update_at {
        findings.extend(check::check_promise(&app.rules, promised, numbers.last_at));
    }
    findings.extend(check::check_audience(&app.rules, &audience_facts(app, numbers)));
    check::settle(&draft.content, &mut findings);
    if let Some(reason) = &draft.content.over_ceiling {
        for finding in
            findings.iter_mut().filter(|finding| finding.rule == "cost_ceiling" || finding.rule == "day_ceiling")
        {
            finding.kept = Some(reason.clone()).filter(|reason| !reason.trim().is_empty());
        }
    }
    findings.sort_by_key(|finding| !finding.blocks());
    findings
}

/// One mail of a draft as a mail program shows it, and what the checker says at its words: all that a frame of the page
/// needs, without counting the people. `typed` looks at content that is not saved.
///
/// # Errors
/// [`Problem`] 404 where there is no mail in this variant and language, or 422 at what cannot be used.
pub async fn mail(
    app: &App,
    update_id: i64,
    typed: Option<Content>,
    variant: usize,
    locale: &str,
) -> Result<(String, Vec<Finding>), Problem> {
    let draft = Draft::read(app, update_id, typed).await?;
    let name = draft.content.variants.get(variant).map(|variant| variant.name.as_str());
    let is_it = |message, of: &str, to: &str, channel| {
        message == MessageKind::Update && Some(of) == name && to == locale && channel == Channel::Email
    };
    let rendering = render_some(app, &draft, is_it)?.pop();
    let html = rendering.and_then(|rendering| rendering.html());
    let html = html.ok_or_else(|| Problem::missing("there is no mail in this language"))?;
    Ok((html, words(app, &draft)))
}

/// What the checker says of the facts.
fn words(app: &App, draft: &Draft) -> Vec<Finding> {
    let next_update_text = next_update_text(app, draft);
    let subject = Subject {
        kind: draft.incident.kind,
        step: draft.step,
        content: &draft.content,
        previous: draft.previous.as_ref(),
        locales: &app.config.organisation.locales,
        now: app.world.clock.now(),
        guarded: &app.config.check.guarded,
        worst: draft.worst,
        contact_routes: draft.routes.len(),
        next_update_text: &next_update_text,
    };
    check::check_words(&app.rules, &subject)
}

fn audience_facts(app: &App, numbers: &Measured) -> check::AudienceFacts {
    check::AudienceFacts {
        people: numbers.count.people,
        has_outlets: numbers.outlets.iter().any(|(channel, names)| !channel.is_staff() && !names.is_empty()),
        in_two: numbers.division.in_two,
        in_two_examples: numbers.division.in_two_examples.clone(),
        in_none: numbers.division.in_none,
        in_none_examples: numbers.division.in_none_examples.clone(),
        fallback: numbers.fallback.clone(),
        cost: numbers.cost,
        cost_ceiling: app.config.approval.cost_ceiling,
        messages_today: numbers.most_messages_today + 1,
        messages_ceiling: app.config.approval.messages_per_day_ceiling.map(i64::from),
    }
}

/// The promised time as each locale writes it.
fn next_update_text(app: &App, draft: &Draft) -> BTreeMap<String, String> {
    let Some(promised) = draft.content.next_update_at else { return BTreeMap::new() };
    let now = app.world.clock.now();
    let zone = app.config.organisation.zone();
    let told = |locale: &String| Some((locale.clone(), app.templates.words(locale).ok()?.time(promised, now, &zone)));
    app.config.organisation.locales.iter().filter_map(told).collect()
}

fn limits(app: &App, draft: &Draft, renderings: &[Rendering]) -> Vec<Finding> {
    struct Own {
        headline: Option<String>,
        parts: u32,
        beyond: Vec<(char, Option<String>)>,
    }
    let of_update: Vec<&Rendering> =
        renderings.iter().filter(|rendering| rendering.message == MessageKind::Update).collect();
    let own: Vec<Own> = of_update
        .iter()
        .map(|rendering| {
            let size = text_of(app, rendering).size;
            // Each is told once, however often it was written.
            let mut seen = std::collections::BTreeSet::new();
            let beyond = size.forcing.iter().filter_map(|text| {
                let c = text.chars().next().filter(|c| seen.insert(*c))?;
                Some((c, encoding::transliterate(text)))
            });
            let headline = match (&rendering.body, rendering.channel) {
                (Body::Page { document, .. }, Channel::Banner) => {
                    serde_json::from_str::<render::BannerDocument>(document).ok().map(|banner| banner.headline)
                }
                _ => None,
            };
            Own { headline, parts: size.parts, beyond: beyond.collect() }
        })
        .collect();
    let fits: Vec<Fits<'_>> = of_update
        .iter()
        .zip(&own)
        .map(|(rendering, own)| Fits {
            variant: &rendering.variant,
            locale: &rendering.locale,
            channel: rendering.channel,
            subject: rendering.subject.as_deref(),
            headline: own.headline.as_deref(),
            parts: own.parts,
            beyond_gsm: &own.beyond,
        })
        .collect();
    check::check_limits(&app.rules, &draft.content, &fits)
}

fn parity(app: &App, draft: &Draft, renderings: &[Rendering]) -> Vec<Parity> {
    let next_update_text = next_update_text(app, draft);
    let mut found = Vec::new();
    for variant in &draft.content.variants {
        for (locale, facts) in &variant.facts {
            let of_this = renderings.iter().filter(|rendering| {
                rendering.message == MessageKind::Update
                    && rendering.variant == variant.name
                    && rendering.locale == *locale
                    && !rendering.channel.is_staff()
            });
            let texts: BTreeMap<Channel, String> = of_this
                .map(|rendering| {
                    let subject = rendering.subject.clone().unwrap_or_default();
                    (rendering.channel, format!("{subject}\n{}", rendering.plain_text()))
                })
                .collect();
            let words = app.templates.words(locale).ok();
            let needles = Needles {
                status_words: words
                    .map(|words| words.status(draft.content.status, draft.step).to_owned())
                    .into_iter()
                    .collect(),
                next_update_text: next_update_text.get(locale).cloned(),
                contact_routes: draft
                    .routes
                    .iter()
                    .flat_map(|route| [Some(route.how.clone()), route.label.get(locale).cloned()])
                    .flatten()
                    .collect(),
                status_link: Some(app.config.organisation.status_url.as_str().trim_end_matches('/').to_owned()),
            };
            let rows = check::parity(&app.rules, locale, facts, &texts, &needles);
            found.push(Parity { variant: variant.name.clone(), locale: locale.clone(), rows });
        }
    }
    found
}

/// A rendering as people read it.
pub fn text_of(app: &App, rendering: &Rendering) -> Text {
    let plain = rendering.plain_text();
    let posts = match &rendering.body {
        Body::Posts(parts) => parts.clone(),
        _ => Vec::new(),
    };
    let size = match rendering.channel {
        Channel::Sms => sms_size(&plain),
        channel if channel.is_post() => {
            let limit = app.limits().texts.get(&rendering.channel).copied();
            let each: Vec<u32> =
                limit.map(|limit| posts.iter().map(|post| text::count(post, limit.unit)).collect()).unwrap_or_default();
            Size {
                used: each.iter().copied().max().unwrap_or(0),
                of: limit.map_or(0, |limit| limit.max),
                parts: u32::try_from(posts.len()).unwrap_or(u32::MAX),
                each,
                ..Size::default()
            }
        }
        _ => Size { used: u32::try_from(plain.chars().count()).unwrap_or(u32::MAX), parts: 1, ..Size::default() },
    };
    let document = match &rendering.body {
        Body::Page { document, .. } => document.as_str(),
        _ => "",
    };
    Text {
        banner: (rendering.channel == Channel::Banner).then(|| serde_json::from_str(document).ok()).flatten(),
        page: (rendering.channel == Channel::StatusPage).then(|| serde_json::from_str(document).ok()).flatten(),
        message: rendering.message,
        turn: rendering.turn,
        promises: rendering.promises,
        variant: rendering.variant.clone(),
        channel: rendering.channel,
        locale: rendering.locale.clone(),
        subject: rendering.subject.clone(),
        html: rendering.html(),
        text: plain,
        posts,
        size,
    }
}

/// What limits a text message.
pub fn sms_size(plain: &str) -> Size {
    let size = encoding::measure(plain);
    let encoding = match size.encoding {
        onevoice_channels::contract::SmsEncoding::Gsm7 => "gsm7",
        onevoice_channels::contract::SmsEncoding::Ucs2 => "ucs2",
    };
    let mut forcing: Vec<String> = size.forcing.iter().map(|(_, c)| c.to_string()).collect();
    forcing.dedup();
    Size {
        used: size.units,
        of: size.units + size.remaining,
        parts: size.parts,
        encoding: Some(encoding.to_owned()),
        forcing,
        each: Vec::new(),
    }
}

/// The refusal of a draft that the checker stops.
pub fn refuse(findings: &[Finding]) -> Problem {
    let blocking: Vec<&Finding> = check::blocking(findings).collect();
    let first = blocking.first().map(|finding| format!("{}: {}", finding.title, finding.why)).unwrap_or_default();
    let pointer = blocking
        .first()
        .and_then(|finding| finding.field.as_ref())
        .map_or_else(String::new, |field| format!("/{field}"));
    let count = blocking.len();
    Problem::invalid(
        pointer,
        format!("{count} finding(s) stop this draft; mend them, or keep them with a reason. The first: {first}"),
    )
    .with("findings", blocking)
}
