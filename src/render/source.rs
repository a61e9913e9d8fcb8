//! Where a template's text comes from: the operator's folder, file by file, then the program's own.
//!
//! | file | is |
//! |---|---|
//! | `<message>/<part>[.<locale>].hbs` | a text; the parts are listed in [`Part::stems`] |
//! | `<message>/lead[.<locale>].hbs` | a partial `<message>/lead`, for texts and HTML |
//! | `partials/<name>.{html,text}[.<locale>].hbs` | a partial `<name>` |
//! | `words.<locale>.json` | the words of a language |
//!
//! For `de-AT` the file of `de-AT` is taken, else that of `de`, else the one without a locale, else that of the
//! default locale. Any of these in the operator's folder goes before all of the program's own.

use std::{collections::BTreeMap, fs, io, path::Path};

use onevoice_channels::contract::Channel;

use super::{builtin, input::MessageKind};

/// A text that is made from a template of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Part {
    /// The headline: a mail's subject, the page's and the banner's headline.
    Subject,
    /// A mail's HTML part.
    Html,
    /// A mail's text part.
    Text,
    /// A text message.
    Sms,
    /// A post on a channel.
    Post(Channel),
    /// The banner's text beside its headline.
    Banner,
    /// The body of the status page's entry in feeds.
    StatusPage,
    /// The subject of the mail to colleagues.
    StaffSubject,
    /// The HTML part of the mail to colleagues.
    StaffHtml,
    /// The text part of the mail to colleagues.
    StaffText,
}

impl Part {
    /// The parts of a message. "No news yet" has no sheet: colleagues read what customers do.
    pub(super) fn of(message: MessageKind) -> impl Iterator<Item = Part> {
        Part::all().filter(move |part| message != MessageKind::Holding || !part.is_staff())
    }

    /// True where it is HTML.
    pub(super) fn is_html(self) -> bool {
        matches!(self, Part::Html | Part::StaffHtml)
    }

    fn is_staff(self) -> bool {
        matches!(self, Part::StaffSubject | Part::StaffHtml | Part::StaffText | Part::Post(Channel::StaffChat))
    }

    fn all() -> impl Iterator<Item = Part> {
        let staff = [Part::StaffSubject, Part::StaffHtml, Part::StaffText];
        let posts = Channel::ALL.into_iter().filter(|channel| channel.is_post()).map(Part::Post);
        [Part::Subject, Part::Html, Part::Text, Part::Sms, Part::Banner, Part::StatusPage]
            .into_iter()
            .chain(posts)
            .chain(staff)
    }

    /// The names of its files without locale, the more particular one first.
    pub(super) fn stems(self) -> Vec<String> {
        let one = match self {
            Part::Subject => "email.subject",
            Part::Html => "email.html",
            Part::Text => "email.text",
            Part::Sms => "sms.text",
            // What customers read never stands for it.
            Part::Post(Channel::StaffChat) => "staff_chat.text",
            Part::StaffSubject => "staff_mail.subject",
            Part::StaffHtml => "staff_mail.html",
            Part::StaffText => "staff_mail.text",
            Part::Post(channel) => return vec![format!("{channel}.text"), "post.text".to_owned()],
            Part::Banner => "banner.text",
            Part::StatusPage => "status_page.text",
        };
        vec![one.to_owned()]
    }
}

/// Template files by their path, each with its text.
pub(super) struct Sources {
    own: BTreeMap<String, String>,
    default: String,
}

impl Sources {
    /// Reads the operator's folder.
    pub(super) fn read(folder: Option<&Path>, default: &str) -> io::Result<Sources> {
        let mut own = BTreeMap::new();
        if let Some(folder) = folder {
            walk(folder, &mut |name, path| {
                if name.ends_with(".hbs") || name.ends_with(".json") {
                    own.insert(name.to_owned(), fs::read_to_string(path)?);
                }
                Ok::<(), io::Error>(())
            })?;
        }
        Ok(Sources { own, default: default.to_owned() })
    }

    /// The operator's files that no text will ever be made from: their names are misspelt.
    pub(super) fn unknown(&self) -> Option<&str> {
        self.own.keys().map(String::as_str).find(|name| !is_known(name))
    }

    /// The file and text for the first of `stems` in `folder` (empty, or ending in `/`).
    pub(super) fn find(
        &self,
        folder: &str,
        stems: &[impl AsRef<str>],
        extension: &str,
        locale: &str,
    ) -> Option<(String, &str)> {
        let language = locale.split('-').next().unwrap_or(locale);
        let endings = [format!(".{locale}"), format!(".{language}"), String::new(), format!(".{}", self.default)];
        let names = |stem: &str| endings.each_ref().map(|ending| format!("{folder}{stem}{ending}.{extension}"));
        let names: Vec<String> = stems.iter().flat_map(|stem| names(stem.as_ref())).collect();
        let own = names.iter().find_map(|name| self.own.get_key_value(name).map(|(key, text)| (key.clone(), &**text)));
        own.or_else(|| names.into_iter().find_map(|name| builtin::find(&name).map(|text| (name, text))))
    }

    /// The names of the partials for `medium` (`html` or `text`).
    pub(super) fn partials(&self, medium: &str) -> Vec<String> {
        let files = self.own.keys().map(String::as_str).chain(builtin::FILES.iter().map(|(name, _)| *name));
        let name = |file: &str| {
            let mut words = file.strip_prefix("partials/")?.split('.');
            let name = words.next()?;
            (words.next()? == medium).then(|| name.to_owned())
        };
        let mut names: Vec<String> = files.filter_map(name).collect();
        names.sort_unstable();
        names.dedup();
        names
    }
}

fn is_known(file: &str) -> bool {
    let Some((folder, name)) = file.rsplit_once('/') else {
        return file.starts_with("words.") && file.ends_with(".json") || file == "sample.json";
    };
    let Some(stem) = name.strip_suffix(".hbs") else { return false };
    if folder == "partials" {
        return matches!(stem.split('.').nth(1), Some("html" | "text"));
    }
    let is = |known: &str| stem == known || stem.strip_prefix(known).is_some_and(|rest| rest.starts_with('.'));
    let Some(message) = MessageKind::parse(folder) else { return false };
    is("lead") || Part::of(message).flat_map(Part::stems).any(|known| is(&known))
}

/// Calls `found` with the path below `root`, written with `/`, of every file there and one folder down.
pub(super) fn walk<E: From<io::Error>>(
    root: &Path,
    found: &mut dyn FnMut(&str, &Path) -> Result<(), E>,
) -> Result<(), E> {
    for entry in fs::read_dir(root)? {
        let path = entry?.path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else { continue };
        if !path.is_dir() {
            found(name, &path)?;
            continue;
        }
        for inner in fs::read_dir(&path)? {
            let inner = inner?.path();
            if let Some(file) = inner.file_name().and_then(|file| file.to_str()) {
                found(&format!("{name}/{file}"), &inner)?;
            }
        }
    }
    Ok(())
}
