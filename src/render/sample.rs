//! The sample that every template is rendered against when it is loaded, so that no broken text is found in a crisis.

use jiff::Timestamp;
use onevoice_channels::contract::Channel;
use serde::Deserialize;

use super::{
    RenderError, Templates,
    input::{Component, Limits, MessageKind, Organisation, Original, RenderInput},
    render,
};
use crate::compose::{
    content::{Content, Facts},
    route::ContactRoute,
    status::Step,
};

/// The sample as `sample.json` has it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sample {
    /// The incident's title.
    pub incident_title: String,
    /// Who sends.
    pub organisation: Organisation,
    /// When it is sent.
    pub now: Timestamp,
    /// The components touched.
    pub components: Vec<Component>,
    /// The contact routes.
    pub routes: Vec<ContactRoute>,
    /// The content; its first variant is shown.
    pub content: Content,
    /// What fits where.
    #[serde(default)]
    pub limits: Limits,
}

impl Sample {
    /// The sample that is built in.
    ///
    /// # Errors
    /// The words of the JSON reader, where the built-in file is broken.
    pub fn built_in() -> Result<Sample, String> {
        let text = super::builtin::find("sample.json").unwrap_or_default();
        serde_json::from_str(text).map_err(|error| error.to_string())
    }

    /// The input for one message in one locale; None where the sample has no facts to fall back to.
    pub fn input<'a>(&'a self, message: MessageKind, locale: &'a str) -> Option<RenderInput<'a>> {
        let variant = self.content.variants.first()?;
        let (_, facts) = variant.facts_for(locale, "en")?;
        Some(RenderInput {
            message,
            content: &self.content,
            variant: &variant.name,
            facts,
            locale,
            step: Step::Progress,
            number: 3,
            incident_title: &self.incident_title,
            incident_url: Some("https://status.acme.example/incidents/7"),
            components: &self.components,
            routes: &self.routes,
            organisation: &self.organisation,
            limits: &self.limits,
            original: Some(Original { headline: &facts.headline, sent_at: Some(self.now) }),
            next_update_at: self.content.next_update_at,
            now: self.now,
            exercise: false,
        })
    }
}

/// Renders every message for every channel in `locale`: with everything said, with nothing but a headline said, with
/// every hand-written text, and as an exercise. So every branch of a template runs.
pub(super) fn render_all(templates: &Templates, locale: &str) -> Result<(), RenderError> {
    let full = Sample::built_in().map_err(RenderError::Sample)?;
    let mut own = full.clone();
    own.content.correction.insert(locale.to_owned(), "Card payments work".to_owned());
    own.content.holding.insert(locale.to_owned(), "Nothing new yet".to_owned());
    for facts in own.content.variants.iter_mut().flat_map(|variant| variant.facts.values_mut()) {
        facts.short = Channel::ALL.into_iter().map(|channel| (channel, "Short and by hand".to_owned())).collect();
    }
    let mut bare = full.clone();
    (bare.routes, bare.components) = (Vec::new(), Vec::new());
    bare.content.staff.clear();
    for message in MessageKind::ALL {
        // There is no sheet for "no news yet".
        for channel in Channel::ALL.into_iter().filter(|to| message != MessageKind::Holding || !to.is_staff()) {
            for sample in [&full, &own] {
                let Some(input) = sample.input(message, locale) else { continue };
                render(templates, &input, channel)?;
                render(templates, &RenderInput { exercise: true, ..input }, channel)?;
            }
            let Some(input) = bare.input(message, locale) else { continue };
            let facts = Facts { headline: input.facts.headline.clone(), ..Facts::default() };
            let original = Some(Original { headline: &facts.headline, sent_at: None });
            render(templates, &RenderInput { facts: &facts, next_update_at: None, original, ..input }, channel)?;
        }
    }
    Ok(())
}
