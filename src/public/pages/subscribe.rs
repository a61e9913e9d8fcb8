//! The pages on which people subscribe, and change or end what they subscribed to. They are one reader's, so nobody keeps
//! them.

use serde::Serialize;

use super::super::words::{SubscribeWords, fill};
use super::frame::{Frame, FrameView};
use onevoice_channels::contract::Channel;

/// What such a page shows.
pub enum SubscribePage<'a> {
    /// The form, with what was typed, and what is wrong with it.
    Form {
        /// The address as it was typed.
        typed: &'a str,
        /// The numbers of the components that are ticked; None ticks all.
        ticked: Option<&'a [i64]>,
        /// What is wrong.
        wrong: Option<&'a str>,
    },
    /// A mail may be under way to this address.
    Mailed(&'a str),
    /// A code may be under way to this number.
    Code {
        /// The number.
        to: &'a str,
        /// True after a wrong code.
        wrong: bool,
    },
    /// Behind the link of a mail: a button.
    Confirm {
        /// Where the button leads.
        action: &'a str,
        /// The address, as much of it as its owner needs.
        to: &'a str,
        /// Names of components; None for all of them.
        services: Option<&'a [String]>,
    },
    /// Somebody has subscribed.
    Done {
        /// The address, as much of it as its owner needs.
        to: &'a str,
        /// Where they find their subscription.
        manage: &'a str,
    },
    /// Somebody's subscription.
    Manage {
        /// Where its buttons lead.
        action: &'a str,
        /// The address, as much of it as its owner needs.
        to: &'a str,
        /// The numbers of the components that are ticked; None ticks all.
        ticked: Option<&'a [i64]>,
        /// True after it was saved.
        saved: bool,
        /// What is wrong.
        wrong: Option<&'a str>,
    },
    /// Somebody has left.
    Left,
    /// A link that counts no more.
    Unknown,
    /// Too many ask, or one too often.
    Later,
    /// A form that came from another website.
    Elsewhere,
}

/// The page as its template sees it.
#[derive(Default, Serialize)]
pub(super) struct View<'a> {
    frame: Option<FrameView<'a>>,
    title: String,
    text: Option<String>,
    note: Option<&'a str>,
    wrong: Option<&'a str>,
    form: Option<Form<'a>>,
    /// The same form again with this button alone.
    leave: Option<&'a str>,
    links: Vec<Link<'a>>,
    back: &'a str,
}

#[derive(Default, Serialize)]
struct Form<'a> {
    action: String,
    to: Option<To<'a>>,
    code: Option<Code<'a>>,
    services: Vec<Service<'a>>,
    services_name: &'a str,
    services_all: &'a str,
    consent: Option<String>,
    button: &'a str,
}

/// The field for an address.
#[derive(Serialize)]
pub(super) struct To<'a> {
    label: &'a str,
    help: Option<&'a str>,
    /// `email`, `tel` or `text`.
    kind: &'static str,
    autocomplete: Option<&'static str>,
    typed: &'a str,
    wrong: bool,
    trap: &'a str,
}

#[derive(Serialize)]
struct Code<'a> {
    to: &'a str,
    label: &'a str,
}

#[derive(Serialize)]
struct Service<'a> {
    id: i64,
    name: &'a str,
    ticked: bool,
}

#[derive(Serialize)]
struct Link<'a> {
    href: String,
    text: &'a str,
}

/// The short form on the first page, and what a copy has in its place.
#[derive(Serialize)]
pub(super) struct Invitation<'a> {
    head: &'a str,
    lead: &'a str,
    /// Where the full form is.
    href: String,
    /// What leads there.
    choose: &'a str,
    /// The short form; None on a copy, which cannot take one.
    short: Option<Short<'a>>,
}

#[derive(Serialize)]
struct Short<'a> {
    action: String,
    to: To<'a>,
    consent: String,
    button: &'a str,
}

/// The invitation of the first page, where anybody may subscribe.
pub(super) fn invitation<'a>(frame: &Frame<'a>) -> Option<Invitation<'a>> {
    let words = &frame.words.subscribe;
    let href = frame.subscribe(None)?;
    let short = frame.is_live().then(|| Short {
        action: href.clone(),
        to: to(frame, "", false),
        consent: consent(frame),
        button: &words.button,
    });
    let choose = if short.is_some() { &words.choose } else { &words.link };
    Some(Invitation { head: &words.head, lead: &words.lead, href, choose, short })
}

/// Builds the page.
pub(super) fn page<'a>(frame: &Frame<'a>, shown: &SubscribePage<'a>) -> View<'a> {
    let words = &frame.words.subscribe;
    let mut view = view(frame, words, shown);
    view.frame = Some(frame.titled(&view.title));
    view.back = &frame.words.back;
    view
}

fn view<'a>(frame: &Frame<'a>, words: &'a SubscribeWords, shown: &SubscribePage<'a>) -> View<'a> {
    let said = |head: &str, text: String| View { title: head.to_owned(), text: Some(text), ..View::default() };
    let organisation = frame.view.organisation.as_str();
    let to_of = |pattern: &str, to: &str| fill(pattern, &[("to", to), ("organisation", organisation)]);
    let again = || vec![Link { href: frame.subscribe(None).unwrap_or_default(), text: &words.link }];
    match *shown {
        SubscribePage::Form { typed, ticked, wrong } => View {
            wrong,
            form: Some(Form {
                action: frame.subscribe(None).unwrap_or_default(),
                to: Some(to(frame, typed, wrong.is_some())),
                consent: Some(consent(frame)),
                button: &words.button,
                ..services(frame, ticked)
            }),
            ..said(&words.head, words.lead.clone())
        },
        SubscribePage::Mailed(to) => said(&words.mail_head, to_of(&words.mail_sent, to)),
        SubscribePage::Code { to, wrong } => View {
            wrong: wrong.then_some(words.code_wrong.as_str()),
            form: Some(Form {
                action: format!("/subscribe/code?lang={}", frame.locale),
                code: Some(Code { to, label: &words.code }),
                button: &words.code_button,
                ..Form::default()
            }),
            ..said(&words.code_head, to_of(&words.code_sent, to))
        },
        SubscribePage::Confirm { action, to, services } => {
            let services = services.map_or_else(|| words.every.clone(), |names| names.join(", "));
            let text = fill(&words.confirm, &[("to", to), ("services", &services)]);
            let form = Form { action: action.to_owned(), button: &words.confirm_button, ..Form::default() };
            View { form: Some(form), note: None, ..said(&words.confirm_head, text) }
        }
        SubscribePage::Done { to, manage } => View {
            links: vec![Link { href: manage.to_owned(), text: &words.manage }],
            ..said(&words.done_head, to_of(&words.done, to))
        },
        SubscribePage::Manage { action, to, ticked, saved, wrong } => View {
            wrong,
            note: saved.then_some(words.saved.as_str()),
            form: Some(Form { action: action.to_owned(), button: &words.save, ..services(frame, ticked) }),
            leave: Some(&words.leave),
            ..said(&words.manage_head, to_of(&words.manage_lead, to))
        },
        SubscribePage::Left => View { links: again(), ..said(&words.left_head, words.left.clone()) },
        SubscribePage::Unknown => View { links: again(), ..said(&words.unknown_head, words.unknown.clone()) },
        SubscribePage::Later => said(&words.later_head, words.later.clone()),
        SubscribePage::Elsewhere => View { links: again(), ..said(&words.head, words.elsewhere.clone()) },
    }
}

/// The part of a form that names the components.
fn services<'a>(frame: &Frame<'a>, ticked: Option<&[i64]>) -> Form<'a> {
    let words = &frame.words.subscribe;
    let mut components: Vec<_> = frame.view.components.iter().collect();
    components.sort_by_key(|component| (component.position, component.id));
    let service = |component: &&'a super::super::view::PublicComponent| Service {
        id: component.id,
        name: &component.name,
        ticked: ticked.is_none_or(|ticked| ticked.contains(&component.id)),
    };
    Form {
        services: components.iter().map(service).collect(),
        services_name: &words.services,
        services_all: &words.services_all,
        ..Form::default()
    }
}

fn to<'a>(frame: &Frame<'a>, typed: &'a str, wrong: bool) -> To<'a> {
    let words = &frame.words.subscribe;
    let offered = frame.view.subscribe.as_ref().map_or(&[][..], |subscribe| &subscribe.channels);
    let (label, kind, autocomplete) = match offered {
        [Channel::Email] => (&words.to_email, "email", Some("email")),
        [Channel::Sms] => (&words.to_sms, "tel", Some("tel")),
        // Either may be typed, so a browser is told nothing that keeps the other out.
        _ => (&words.to_either, "text", None),
    };
    let help = offered.contains(&Channel::Sms).then_some(words.number_help.as_str());
    To { label, help, kind, autocomplete, typed, wrong, trap: &words.trap }
}

fn consent(frame: &Frame<'_>) -> String {
    super::super::words::consent(frame.locale, &frame.view.organisation)
}
