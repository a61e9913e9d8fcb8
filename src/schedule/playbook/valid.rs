//! What of a playbook can be used: looked at before it is saved, so that nothing surprises in a crisis.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use super::{
    Change, Playbook, Stage, Variable, VariableKind,
    fill::{self, LONGEST_TEXT},
    instance,
};
use crate::{
    app::App,
    compose::{
        draft,
        status::{Kind, Status},
    },
    problem::{Problem, line},
    store::components::Component,
};

/// The most variables, and so questions to somebody in a hurry.
pub const MOST_VARIABLES: usize = 8;
/// The most choices of a variable.
pub const MOST_CHOICES: usize = 12;
/// The longest time for which somebody's yes is good: a year.
const LONGEST: SignedDuration = SignedDuration::from_hours(24 * 366);
/// The latest time that may be promised, in minutes: a day.
const LATEST: u32 = 24 * 60;

/// Looks at a playbook and writes the components' names into it.
///
/// # Errors
/// 422 at the first thing that cannot be used.
pub fn check(app: &App, playbook: &Playbook, components: &[Component], now: Timestamp) -> Result<Playbook, Problem> {
    let mut checked = playbook.clone();
    checked.name = line("/name", &playbook.name, 100)?;
    let known = |id: i64| components.iter().find(|component| component.id == id);
    if known(checked.component).is_none() {
        return Err(Problem::invalid("/component", "choose the component that it is about"));
    }
    if checked.variables.len() > MOST_VARIABLES {
        return Err(Problem::invalid(
            "/variables",
            format!("at most {MOST_VARIABLES} questions: the sender is in a hurry"),
        ));
    }
    let mut names = BTreeSet::new();
    for (place, variable) in checked.variables.iter_mut().enumerate() {
        let at = format!("/variables/{place}");
        variable.question = line(&format!("{at}/question"), &variable.question, 100)?;
        if fill::places(&format!("{{{}}}", variable.name)).next().is_none() || !names.insert(variable.name.clone()) {
            let detail =
                format!("{:?} is taken or no short name; use small letters, digits and _, like `what`", variable.name);
            return Err(Problem::invalid(format!("{at}/name"), detail));
        }
        if let VariableKind::Component { components } = &mut variable.kind {
            for (id, name) in components.iter_mut() {
                let component = known(*id).ok_or_else(|| {
                    Problem::invalid(format!("{at}/components"), format!("there is no component {id}"))
                })?;
                component.name.clone_into(name);
            }
        }
        of_type(app, variable, &at)?;
    }
    stages(app, &checked, &names)?;
    bounds(app, &checked, now)?;
    Ok(checked)
}

fn of_type(app: &App, variable: &Variable, at: &str) -> Result<(), Problem> {
    let refuse = |field: &str, detail: String| {
        Err(Problem::invalid(format!("{at}/{field}"), format!("{}: {detail}", variable.question)))
    };
    match &variable.kind {
        VariableKind::Choice { options } => {
            if options.is_empty() || options.len() > MOST_CHOICES {
                return refuse("options", format!("give 1 to {MOST_CHOICES} choices"));
            }
            let mut labels = BTreeSet::new();
            for (place, option) in options.iter().enumerate() {
                let at = format!("{at}/options/{place}");
                line(&format!("{at}/label"), &option.label, 60)?;
                if !labels.insert(option.label.trim()) || option.label.trim() != option.label {
                    return refuse(
                        "options",
                        format!("each choice has a name of its own; {:?} is there twice", option.label),
                    );
                }
                if !option.text.contains_key(app.default_locale()) {
                    return refuse("options", format!("{:?} has no words in {}", option.label, app.default_locale()));
                }
                for (locale, text) in &option.text {
                    known_locale(app, locale, &format!("{at}/text"))?;
                    line(&format!("{at}/text/{locale}"), text, 300)?;
                }
            }
        }
        VariableKind::Number { min, max } if min > max => return refuse("min", format!("{min} is more than {max}")),
        VariableKind::Number { .. } => {}
        VariableKind::Component { components } if components.is_empty() => {
            return refuse("components", "name at least one component".to_owned());
        }
        VariableKind::Component { .. } => {}
        VariableKind::Time { from_minutes, to_minutes } => {
            let day = i64::from(LATEST);
            if from_minutes > to_minutes || *from_minutes < -day || *to_minutes > day || to_minutes - from_minutes > day
            {
                return refuse(
                    "from_minutes",
                    "give minutes from the sending, the earlier first, within a day: -120 to 0".to_owned(),
                );
            }
        }
        VariableKind::Text { pattern, max_length } => {
            if fill::whole(pattern).is_none() {
                return refuse(
                    "pattern",
                    format!("{pattern:?} is no pattern that can be read; for letters and spaces write [A-Za-z ]+"),
                );
            }
            if !(1..=LONGEST_TEXT).contains(max_length) {
                return refuse("max_length", format!("give 1 to {LONGEST_TEXT} characters"));
            }
        }
    }
    Ok(())
}

fn known_locale(app: &App, locale: &str, at: &str) -> Result<(), Problem> {
    let locales = &app.config.organisation.locales;
    if locales.iter().any(|known| known == locale) {
        return Ok(());
    }
    Err(Problem::invalid(
        at,
        format!("the locale {locale:?} is not configured; the locales are {}", locales.join(", ")),
    ))
}

fn stages(app: &App, playbook: &Playbook, names: &BTreeSet<String>) -> Result<(), Problem> {
    if !playbook.stages.keys().any(|stage| !stage.is_final()) {
        return Err(Problem::invalid("/stages", "write at least the first words: what is said while we are looking"));
    }
    let kind = playbook.kind();
    for (status, stage) in &playbook.stages {
        let at = format!("/stages/{}", status.as_str());
        if status.kind() != kind {
            let known: Vec<&str> = kind.statuses().iter().map(|status| status.as_str()).collect();
            let detail = format!("is no status of this kind; with the others go {}", known.join(", "));
            return Err(Problem::invalid(at, detail));
        }
        words(app, playbook, (*status, None), stage, &at, names)?;
    }
    if kind != Kind::Maintenance && !playbook.changes.is_empty() {
        return Err(Problem::invalid("/changes", "only planned work has words for a change of plan"));
    }
    for (change, stage) in &playbook.changes {
        let at = format!("/changes/{}", change.as_str());
        words(app, playbook, (change.stage(), Some(*change)), stage, &at, names)?;
    }
    if playbook.bounds.timer && kind == Kind::Maintenance {
        for needed in [Status::Scheduled, Status::InProgress, Status::Completed] {
            if !playbook.stages.contains_key(&needed) {
                let detail =
                    "a timer announces, begins and ends planned work; write scheduled, in_progress and completed";
                return Err(Problem::invalid(format!("/stages/{}", needed.as_str()), detail));
            }
        }
        if !playbook.changes.contains_key(&Change::Cancelled) {
            let detail = "write what is said when the work is cancelled: “completed” would not be true";
            return Err(Problem::invalid("/changes/cancelled", detail));
        }
    }
    Ok(())
}

/// The words of one stage, or of a change of plan.
fn words(
    app: &App,
    playbook: &Playbook,
    (status, change): (Status, Option<Change>),
    stage: &Stage,
    at: &str,
    names: &BTreeSet<String>,
) -> Result<(), Problem> {
    if !stage.facts.contains_key(app.default_locale()) {
        return Err(Problem::invalid(format!("{at}/facts"), format!("say it in {} too", app.default_locale())));
    }
    for (locale, facts) in &stage.facts {
        let mut texts = vec![stage.correction.get(locale).cloned().unwrap_or_default()];
        fill::each(&mut facts.clone(), &mut |text| texts.push(text.clone()));
        if let Some(sheet) = stage.staff.get(locale) {
            sheet.clone().each(&mut |text| texts.push(text.clone()));
        }
        let unknown = texts.iter().flat_map(|text| fill::places(text)).find(|name| !names.contains(*name));
        if let Some(name) = unknown {
            let detail = format!("{{{name}}} stands in the text, and nothing is asked by that name");
            return Err(Problem::invalid(format!("{at}/facts/{locale}"), detail));
        }
    }
    // A sheet is read beside the facts of its language.
    if let Some(locale) = stage.staff.keys().find(|locale| !stage.facts.contains_key(*locale)) {
        let detail = format!("customers are told nothing in {locale}; write the facts in it too");
        return Err(Problem::invalid(format!("{at}/staff/{locale}"), detail));
    }
    stage.correction.keys().try_for_each(|locale| known_locale(app, locale, &format!("{at}/correction")))?;
    let promises = &stage.next_update_minutes;
    // What is planned, and what there is to know, need no next word; work that goes on has it after its end.
    let missing = promises.is_empty() && status.kind() == Kind::Incident && !status.is_final();
    let needless = status.is_final() && !promises.is_empty();
    if missing || needless || promises.len() > 6 || promises.iter().any(|m| !(5..=LATEST).contains(m)) {
        let detail = if status.is_final() {
            "nothing is promised once it is over".to_owned()
        } else {
            format!("give 1 to 6 times for the next update, in minutes, from 5 to {LATEST}: 30, 60")
        };
        return Err(Problem::invalid(format!("{at}/next_update_minutes"), detail));
    }
    // What is wrong with an update is wrong with this one, filled in.
    let now = app.world.clock.now();
    let window = instance::sample_window(status, now);
    let asked = fill::Asked { window, change, ..fill::Asked::new(status, super::samples::first(playbook)) };
    let filled = fill::fill(playbook, &asked, now, &app.config.organisation.zone())?;
    draft::validate(app, &filled.content).map_err(|problem| {
        let pointer = problem.pointer.clone().unwrap_or_default().replace("/variants/0", "");
        Problem { pointer: Some(format!("{at}{pointer}")), ..problem }
    })
}

fn bounds(app: &App, playbook: &Playbook, now: Timestamp) -> Result<(), Problem> {
    let bounds = &playbook.bounds;
    if bounds.channels.is_empty() {
        return Err(Problem::invalid("/bounds/channels", "choose where it may go with no other person's yes"));
    }
    if let Some(channel) = bounds.channels.iter().find(|channel| !app.customer_channels().contains(channel)) {
        return Err(Problem::invalid("/bounds/channels", format!("the channel {channel} is not configured")));
    }
    let doubled = bounds.channels.iter().collect::<BTreeSet<_>>().len() != bounds.channels.len();
    if doubled {
        return Err(Problem::invalid("/bounds/channels", "each channel once"));
    }
    if bounds.largest_audience < 0 {
        return Err(Problem::invalid("/bounds/largest_audience", "a number of people, 0 or more"));
    }
    if bounds.largest_cost.is_some_and(|most| !most.is_finite() || most < 0.0) {
        return Err(Problem::invalid("/bounds/largest_cost", "an amount, 0 or more; leave it out for no limit"));
    }
    if bounds.every_minutes == 0 || bounds.every_minutes > 7 * LATEST {
        return Err(Problem::invalid(
            "/bounds/every_minutes",
            "give the minutes between two of them, 1 to 10080 (a week)",
        ));
    }
    if bounds.valid_until <= now || bounds.valid_until > now + LONGEST {
        return Err(Problem::invalid("/bounds/valid_until", "choose a day from tomorrow to a year from now"));
    }
    if !(bounds.person || bounds.machine || bounds.timer) {
        return Err(Problem::invalid("/bounds/person", "choose who may send it: one person alone, a machine, a timer"));
    }
    Ok(())
}
