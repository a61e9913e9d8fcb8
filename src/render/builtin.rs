//! The templates that are part of the program. A test holds this list against the folder.

macro_rules! files {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!("../../templates/", $name)))),*]
    };
}

/// Every file of `templates/` by its path there.
pub(super) const FILES: &[(&str, &str)] = files![
    "sample.json",
    "words.de.json",
    "words.en.json",
    "correction/banner.text.hbs",
    "correction/email.html.hbs",
    "correction/email.subject.de.hbs",
    "correction/email.subject.en.hbs",
    "correction/email.text.hbs",
    "correction/lead.de.hbs",
    "correction/lead.en.hbs",
    "correction/post.text.hbs",
    "correction/sms.text.hbs",
    "correction/staff_chat.text.hbs",
    "correction/staff_mail.html.hbs",
    "correction/staff_mail.subject.hbs",
    "correction/staff_mail.text.hbs",
    "correction/status_page.text.hbs",
    "holding/banner.text.hbs",
    "holding/email.html.hbs",
    "holding/email.subject.hbs",
    "holding/email.text.hbs",
    "holding/lead.de.hbs",
    "holding/lead.en.hbs",
    "holding/post.text.hbs",
    "holding/sms.text.hbs",
    "holding/status_page.text.hbs",
    "partials/mail.html.hbs",
    "partials/mail.text.hbs",
    "partials/sections.html.hbs",
    "partials/sections.text.hbs",
    "partials/staff.html.hbs",
    "update/banner.text.hbs",
    "update/email.html.hbs",
    "update/email.subject.hbs",
    "update/email.text.hbs",
    "update/post.text.hbs",
    "update/sms.text.hbs",
    "update/staff_chat.text.hbs",
    "update/staff_mail.html.hbs",
    "update/staff_mail.subject.hbs",
    "update/staff_mail.text.hbs",
    "update/status_page.text.hbs",
];

/// The text of a built-in file.
pub(super) fn find(name: &str) -> Option<&'static str> {
    FILES.iter().find(|(file, _)| *file == name).map(|(_, text)| *text)
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, path::Path};

    #[test]
    fn the_list_is_the_folder() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates");
        let mut found = BTreeSet::new();
        super::super::source::walk(&root, &mut |name, _| {
            found.insert(name.to_owned());
            Ok::<(), std::io::Error>(())
        })
        .unwrap();
        let listed: BTreeSet<String> = super::FILES.iter().map(|(name, _)| (*name).to_owned()).collect();
        assert_eq!(found, listed);
    }
}
