//! The channels: one line each, from which everything else that depends on a channel's kind follows.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    chat::{matrix, slack, teams, telegram, webhook},
    contract::TextLimit,
    social::{bluesky, facebook, linkedin, mastodon, x},
};

/// The form that a message takes on a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A mail to each person.
    Mail,
    /// A text message to each person.
    Text,
    /// One post, or a thread, for everyone at an account or in a room; the longest post is a default that the place's own
    /// word and the configuration go before.
    Post(TextLimit),
    /// A page that the daemon serves itself.
    Page,
}

macro_rules! channels {
    ($($(#[$doc:meta])* $variant:ident = $name:literal, $in_words:literal, $form:expr;)*) => {
        /// Where a message is read.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
        pub enum Channel {
            $($(#[$doc])* #[serde(rename = $name)] $variant,)*
        }

        impl Channel {
            /// Every channel, in the order in which tables show them.
            pub const ALL: [Channel; [$($name),*].len()] = [$(Channel::$variant),*];

            /// The name in configuration, the API, the store and metrics.
            pub fn as_str(self) -> &'static str {
                match self { $(Channel::$variant => $name,)* }
            }

            /// The name within a sentence.
            pub fn in_words(self) -> &'static str {
                match self { $(Channel::$variant => $in_words,)* }
            }

            /// The form that messages take on it.
            pub fn form(self) -> Form {
                match self { $(Channel::$variant => $form,)* }
            }
        }
    };
}

// The store and the tokens name a channel by its place in this list: a new one goes to the end, and none ever leaves.
channels! {
    /// One mail to each address.
    Email = "email", "email", Form::Mail;
    /// One text message to each number.
    Sms = "sms", "SMS", Form::Text;
    /// One post, or a thread, to each account.
    Mastodon = "mastodon", "Mastodon", Form::Post(mastodon::TEXT_LIMIT);
    /// One post, or a thread, to each account.
    Bluesky = "bluesky", "Bluesky", Form::Post(bluesky::TEXT_LIMIT);
    /// The banner on the customers' websites.
    Banner = "banner", "the banner", Form::Page;
    /// The public status page.
    StatusPage = "status_page", "the status page", Form::Page;
    /// One post, or a thread, to each account.
    X = "x", "X", Form::Post(x::TEXT_LIMIT);
    /// One post to each page.
    Facebook = "facebook", "Facebook", Form::Post(facebook::TEXT_LIMIT);
    /// One post, or several, to each organisation.
    Linkedin = "linkedin", "LinkedIn", Form::Post(linkedin::TEXT_LIMIT);
    /// One message, or several, to each room.
    Matrix = "matrix", "Matrix", Form::Post(matrix::TEXT_LIMIT);
    /// One message, or several, to each channel.
    Slack = "slack", "Slack", Form::Post(slack::TEXT_LIMIT);
    /// One message, or several, to each channel or chat.
    Teams = "teams", "Teams", Form::Post(teams::TEXT_LIMIT);
    /// One message, or several, to each channel or group.
    Telegram = "telegram", "Telegram", Form::Post(telegram::TEXT_LIMIT);
    /// One signed call to each program.
    Webhook = "webhook", "webhook", Form::Post(webhook::TEXT_LIMIT);
    /// Colleagues' chat: one staff sheet to each room. No customer reads it.
    StaffChat = "staff_chat", "the colleagues' chat", Form::Post(telegram::TEXT_LIMIT);
    /// Colleagues' mail: one staff sheet to each address of the configuration. No customer reads it.
    StaffMail = "staff_mail", "the colleagues' mail", Form::Mail;
}

impl Channel {
    /// Reads a name written by [`Channel::as_str`].
    pub fn parse(name: &str) -> Option<Channel> {
        Channel::ALL.into_iter().find(|channel| channel.as_str() == name)
    }

    /// True where each customer gets their own message; false where one post serves everyone.
    pub fn is_personal(self) -> bool {
        self.is_shared() && !self.is_staff()
    }

    /// True where any provider of the channel carries any message; false where each account posts what is its own.
    pub fn is_shared(self) -> bool {
        matches!(self.form(), Form::Mail | Form::Text)
    }

    /// True where colleagues read the staff sheet, and no customer anything.
    pub fn is_staff(self) -> bool {
        matches!(self, Channel::StaffChat | Channel::StaffMail)
    }

    /// The channel whose providers carry this one's messages: mail to colleagues goes by those of all mail.
    pub fn carrier(self) -> Channel {
        match self {
            Channel::StaffMail => Channel::Email,
            own => own,
        }
    }

    /// True where a message is a mail.
    pub fn is_mail(self) -> bool {
        self.form() == Form::Mail
    }

    /// True where a message is a post, which can be replied to and, at most places, deleted.
    pub fn is_post(self) -> bool {
        self.post_limit().is_some()
    }

    /// The longest post, where a message is one.
    pub fn post_limit(self) -> Option<TextLimit> {
        match self.form() {
            Form::Post(limit) => Some(limit),
            Form::Mail | Form::Text | Form::Page => None,
        }
    }
}

impl fmt::Display for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back_and_are_those_of_the_api() {
        for channel in Channel::ALL {
            assert_eq!(Channel::parse(channel.as_str()), Some(channel));
            assert_eq!(serde_json::to_value(channel).unwrap(), channel.as_str());
        }
    }

    /// What is stored names a channel by its place.
    #[test]
    fn the_first_six_stay_where_they_are() {
        let names = Channel::ALL.map(Channel::as_str);
        assert_eq!(names[..6], ["email", "sms", "mastodon", "bluesky", "banner", "status_page"]);
    }

    #[test]
    fn a_channel_is_for_persons_or_for_everyone() {
        let personal: Vec<_> = Channel::ALL.into_iter().filter(|channel| channel.is_personal()).collect();
        assert_eq!(personal, [Channel::Email, Channel::Sms]);
        assert!(Channel::StaffMail.is_shared() && Channel::StaffMail.is_mail() && Channel::StaffChat.is_post());
        assert!(!Channel::Banner.is_post() && !Channel::StatusPage.is_post() && Channel::Mastodon.is_post());
    }
}
