//! The form of a prepared message: what is typed, from and to the playbook. A choice is a line, so that it can be written
//! without scripts: `Payments fail = Payments are failing | Zahlungen schlagen fehl`.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use onevoice_channels::contract::Channel;

use super::super::{
    enter::Desk,
    form::Form,
    sheet,
    time::Times,
    words::{text, word},
    write,
};
use crate::{
    compose::{
        content::{Facts, Severity},
        staff::StaffSheet,
        status::{ComponentStatus, Status},
    },
    problem::Problem,
    schedule::playbook::{Bounds, Choice, Playbook, Stage, Variable, VariableKind},
    store::components::Component,
};

/// The stages that the form has.
pub const STAGES: [Status; 4] = [Status::Investigating, Status::Identified, Status::Monitoring, Status::Resolved];
/// Questions that a form has.
pub const QUESTIONS: usize = 8;

/// What is typed, as it was typed.
#[derive(Clone, Default)]
pub struct Typed {
    pub name: String,
    pub component: String,
    pub severity: String,
    pub questions: Vec<Question>,
    pub stages: BTreeMap<Status, TypedStage>,
    pub who: Vec<String>,
    pub channels: Vec<Channel>,
    pub most: String,
    pub most_cost: String,
    pub every: String,
    pub until: String,
}

/// A question and what its answer takes.
#[derive(Clone, Default, PartialEq)]
pub struct Question {
    pub name: String,
    pub question: String,
    pub kind: String,
    pub detail: String,
}

/// What is said at a stage.
#[derive(Clone)]
pub struct TypedStage {
    pub component_status: ComponentStatus,
    pub next: String,
    pub facts: BTreeMap<String, Facts>,
    pub correction: BTreeMap<String, String>,
    pub staff: BTreeMap<String, StaffSheet>,
}

/// A new one: what suits most.
pub fn blank(desk: &Desk, component: Option<i64>) -> Typed {
    let own = |channel: &Channel| matches!(channel, Channel::Banner | Channel::StatusPage);
    let times = Times::of(&desk.app);
    let stage = |status: Status| TypedStage {
        component_status: match status {
            Status::Resolved => ComponentStatus::Operational,
            Status::Monitoring => ComponentStatus::DegradedPerformance,
            _ => ComponentStatus::PartialOutage,
        },
        next: if status.is_final() { String::new() } else { "30, 60".to_owned() },
        facts: BTreeMap::new(),
        correction: BTreeMap::new(),
        staff: BTreeMap::new(),
    };
    Typed {
        component: component.map(|id| id.to_string()).unwrap_or_default(),
        severity: "warning".to_owned(),
        stages: STAGES.into_iter().map(|status| (status, stage(status))).collect(),
        who: vec!["person".to_owned()],
        channels: desk.app.channels().into_iter().filter(own).collect(),
        most: "0".to_owned(),
        every: "30".to_owned(),
        until: times.input(times.now + SignedDuration::from_hours(24 * 180))[..10].to_owned(),
        ..Typed::default()
    }
}

/// One that is there, as it would be typed.
pub fn written(desk: &Desk, playbook: &Playbook) -> Typed {
    let mut typed = blank(desk, Some(playbook.component));
    let bounds = &playbook.bounds;
    playbook.name.clone_into(&mut typed.name);
    playbook.severity.as_str().clone_into(&mut typed.severity);
    typed.questions = playbook.variables.iter().map(|variable| question(desk, variable)).collect();
    for (status, stage) in &playbook.stages {
        let next = stage.next_update_minutes.iter().map(u32::to_string).collect::<Vec<_>>().join(", ");
        let stage = TypedStage {
            component_status: stage.component_status,
            next,
            facts: stage.facts.clone(),
            correction: stage.correction.clone(),
            staff: stage.staff.clone(),
        };
        typed.stages.insert(*status, stage);
    }
    let who = [(bounds.person, "person"), (bounds.machine, "machine"), (bounds.timer, "timer")];
    typed.who = who.into_iter().filter(|(may, _)| *may).map(|(_, name)| name.to_owned()).collect();
    bounds.channels.clone_into(&mut typed.channels);
    typed.most = bounds.largest_audience.to_string();
    typed.most_cost = bounds.largest_cost.map(|most| most.to_string()).unwrap_or_default();
    typed.every = bounds.every_minutes.to_string();
    // The last day on which it may be sent.
    typed.until = Times::of(&desk.app).input(bounds.valid_until - SignedDuration::from_secs(60))[..10].to_owned();
    typed
}

fn question(desk: &Desk, variable: &Variable) -> Question {
    let locales = &desk.app.config.organisation.locales;
    let (kind, detail) = match &variable.kind {
        VariableKind::Choice { options } => {
            let line = |option: &Choice| {
                let texts = locales.iter().map(|locale| option.text.get(locale).map_or("", String::as_str));
                format!("{} = {}", option.label, texts.collect::<Vec<_>>().join(" | ").trim_end_matches([' ', '|']))
            };
            ("choice", options.iter().map(line).collect::<Vec<_>>().join("\n"))
        }
        VariableKind::Number { min, max } => ("number", format!("{min} to {max}")),
        VariableKind::Component { components } => {
            ("component", components.values().cloned().collect::<Vec<_>>().join("\n"))
        }
        VariableKind::Time { from_minutes, to_minutes } => ("time", format!("{from_minutes} to {to_minutes}")),
        VariableKind::Text { pattern, max_length } => ("text", format!("{max_length} {pattern}")),
    };
    Question { name: variable.name.clone(), question: variable.question.clone(), kind: kind.to_owned(), detail }
}

/// What a form says.
pub fn typed(desk: &Desk, sent: &Form) -> Typed {
    let mut typed = blank(desk, None);
    let get = |name: &str| sent.get(name).to_owned();
    typed.name = get("name");
    typed.component = get("component");
    typed.severity = get("severity");
    typed.questions = (0..QUESTIONS)
        .map(|place| {
            let part = |name: &str| get(&format!("q{place}.{name}"));
            Question { name: part("name"), question: part("question"), kind: part("kind"), detail: part("detail") }
        })
        .collect();
    for (status, stage) in &mut typed.stages {
        let prefix = status.as_str();
        stage.component_status =
            ComponentStatus::parse(sent.get(&format!("{prefix}.component_status"))).unwrap_or(stage.component_status);
        stage.next = get(&format!("{prefix}.next"));
        let locales = &desk.app.config.organisation.locales;
        sheet::read(sent, &format!("{prefix}.staff."), locales, &mut stage.staff);
        for locale in &desk.app.config.organisation.locales {
            let facts = write::facts(sent, &format!("{prefix}.{locale}."), Facts::default());
            stage.facts.insert(locale.clone(), facts);
            let correction = get(&format!("{prefix}.correction.{locale}"));
            if !correction.is_empty() {
                stage.correction.insert(locale.clone(), correction);
            }
        }
    }
    typed.who = sent.all("who").map(str::to_owned).collect();
    typed.channels = sent.all("channels").filter_map(Channel::parse).collect();
    (typed.most, typed.every, typed.until) = (get("most"), get("every"), get("until"));
    typed.most_cost = get("most_cost");
    typed
}

/// The playbook that is typed. A stage without a headline in the default language is not said.
pub fn playbook(desk: &Desk, typed: &Typed, known: &[Component]) -> Result<Playbook, Problem> {
    let most = typed.most.trim().parse().map_err(|_| {
        let detail = text!("prepared-edit-bad-most", typed = format!("{:?}", typed.most));
        Problem::invalid("/bounds/largest_audience", detail)
    });
    let most_cost = match typed.most_cost.trim() {
        "" => Ok(None),
        amount => amount.replace(',', ".").parse().map(Some).map_err(|_| {
            let detail = text!("prepared-edit-bad-cost", typed = format!("{:?}", typed.most_cost));
            Problem::invalid("/bounds/largest_cost", detail)
        }),
    };
    let every = typed.every.trim().parse::<i64>().map_err(|_| {
        let detail = text!("prepared-edit-bad-every", typed = format!("{:?}", typed.every));
        Problem::invalid("/bounds/every_minutes", detail)
    });
    let mut variables = Vec::new();
    for question in typed
        .questions
        .iter()
        .filter(|question| !(question.question.is_empty() && question.detail.is_empty() && question.name.is_empty()))
    {
        variables.push(variable(desk, question, known)?);
    }
    let mut stages = BTreeMap::new();
    for (status, stage) in &typed.stages {
        let empty = Facts::default();
        if stage.facts.get(desk.app.default_locale()).is_none_or(|facts| *facts == empty) {
            continue;
        }
        let numbers = stage.next.split([',', ' ']).map(str::trim).filter(|text| !text.is_empty());
        let next: Result<Vec<u32>, _> = numbers.map(str::parse).collect();
        let next = next.map_err(|_| {
            let detail = text!("prepared-edit-bad-next", typed = format!("{:?}", stage.next));
            Problem::invalid(format!("/stages/{}/next_update_minutes", status.as_str()), detail)
        })?;
        let facts = stage
            .facts
            .iter()
            .filter(|(_, facts)| **facts != empty)
            .map(|(locale, facts)| (locale.clone(), facts.clone()));
        stages.insert(
            *status,
            Stage {
                component_status: stage.component_status,
                facts: facts.collect(),
                correction: stage.correction.clone(),
                staff: stage.staff.clone(),
                next_update_minutes: next,
            },
        );
    }
    let who = |name: &str| typed.who.iter().any(|known| known == name);
    let until = format!("{}T23:59", typed.until);
    let valid_until = Times::of(&desk.app)
        .parse(&until)
        .ok_or_else(|| Problem::invalid("/bounds/valid_until", text!("prepared-edit-no-until")))?;
    Ok(Playbook {
        name: typed.name.clone(),
        component: typed
            .component
            .parse()
            .map_err(|_| Problem::invalid("/component", text!("prepared-edit-no-component")))?,
        severity: match typed.severity.as_str() {
            "info" => Severity::Info,
            "critical" => Severity::Critical,
            _ => Severity::Warning,
        },
        variables,
        stages,
        changes: BTreeMap::new(),
        bounds: Bounds {
            person: who("person"),
            machine: who("machine"),
            timer: who("timer"),
            channels: typed.channels.clone(),
            largest_audience: most?,
            largest_cost: most_cost?,
            every_minutes: u32::try_from(every?).unwrap_or(0),
            valid_until,
        },
    })
}

/// What is wrong with a question.
fn wrong(typed: &Question, why: String) -> Problem {
    Problem::invalid("/variables", text!("prepared-edit-bad-question", question = typed.question.as_str(), why = why))
}

fn variable(desk: &Desk, typed: &Question, known: &[Component]) -> Result<Variable, Problem> {
    let refuse = |why: String| wrong(typed, why);
    let range = || {
        let (least, most) = typed.detail.split_once("to").ok_or_else(|| refuse(text!("prepared-edit-bad-range")))?;
        let number = |text: &str| {
            let not = |_| refuse(text!("prepared-edit-bad-number", typed = format!("{:?}", text.trim())));
            text.trim().parse::<i64>().map_err(not)
        };
        Ok::<_, Problem>((number(least)?, number(most)?))
    };
    let kind = match typed.kind.as_str() {
        "number" => {
            let (min, max) = range()?;
            VariableKind::Number { min, max }
        }
        "time" => {
            let (from_minutes, to_minutes) = range()?;
            VariableKind::Time { from_minutes, to_minutes }
        }
        "text" => {
            let (most, pattern) =
                typed.detail.split_once(' ').ok_or_else(|| refuse(text!("prepared-edit-bad-text")))?;
            let max_length =
                most.parse().map_err(|_| refuse(text!("prepared-edit-bad-length", typed = format!("{most:?}"))))?;
            VariableKind::Text { pattern: pattern.trim().to_owned(), max_length }
        }
        "component" => VariableKind::Component { components: components(typed, known)? },
        _ => VariableKind::Choice { options: choices(desk, typed)? },
    };
    Ok(Variable { name: typed.name.clone(), question: typed.question.clone(), kind })
}

/// `Payments fail = Payments are failing | Zahlungen schlagen fehl`: the label, then the words in each language in turn.
fn choices(desk: &Desk, typed: &Question) -> Result<Vec<Choice>, Problem> {
    let locales = &desk.app.config.organisation.locales;
    let lines = typed.detail.lines().map(str::trim).filter(|line| !line.is_empty());
    lines
        .map(|line| {
            let (label, words) = line.split_once('=').unwrap_or((line, line));
            let words: Vec<&str> = words.split('|').map(str::trim).collect();
            if words.len() > locales.len() {
                let why = text!(
                    "prepared-edit-bad-choice",
                    typed = format!("{line:?}"),
                    n = words.len(),
                    known = locales.len(),
                    languages = locales.join(&word("list-comma")),
                );
                return Err(wrong(typed, why));
            }
            let text = locales.iter().zip(words).filter(|(_, words)| !words.is_empty());
            Ok(Choice {
                label: label.trim().to_owned(),
                text: text.map(|(locale, words)| (locale.clone(), words.to_owned())).collect(),
            })
        })
        .collect()
}

/// A component's name a line.
fn components(typed: &Question, known: &[Component]) -> Result<BTreeMap<i64, String>, Problem> {
    let lines = typed.detail.lines().map(str::trim).filter(|line| !line.is_empty());
    lines
        .map(|line| {
            let found = known.iter().find(|component| component.name == line);
            let unknown = || {
                let names: Vec<&str> = known.iter().map(|component| component.name.as_str()).collect();
                let names = names.join(&word("list-comma"));
                wrong(typed, text!("prepared-edit-bad-component", typed = format!("{line:?}"), names = names))
            };
            found.map(|component| (component.id, component.name.clone())).ok_or_else(unknown)
        })
        .collect()
}
