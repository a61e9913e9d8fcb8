//! The words about subscribing: of the pages, and of the few messages that are sent about it.

use serde::{Deserialize, Serialize};

/// One language's words about subscribing. Those in braces are filled in by [`super::fill`].
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SubscribeWords {
    /// The link to the form.
    pub link: String,
    /// The same for one component: `{service}`.
    pub link_to: String,
    /// Heading of the form.
    pub head: String,
    /// What it is for.
    pub lead: String,
    /// The field's label where mail alone is offered.
    pub to_email: String,
    /// The same for texts alone.
    pub to_sms: String,
    /// The same for both.
    pub to_either: String,
    /// How a number is written.
    pub number_help: String,
    /// The label of a field that people do not see.
    pub trap: String,
    /// Heading of the components.
    pub services: String,
    /// What all of them mean.
    pub services_all: String,
    /// From the short form to the one with components.
    pub choose: String,
    /// What somebody agrees to: `{organisation}`. Kept with their subscription.
    pub consent: String,
    /// The form's button.
    pub button: String,
    /// What was typed is no address.
    pub wrong_address: String,
    /// It is an address of a kind that is not offered.
    pub wrong_kind: String,
    /// No component was chosen.
    pub wrong_services: String,
    /// After a mail address was given.
    pub mail_head: String,
    /// `{to}`, `{organisation}`.
    pub mail_sent: String,
    /// After a number was given.
    pub code_head: String,
    /// `{to}`, `{organisation}`.
    pub code_sent: String,
    /// The code's label.
    pub code: String,
    /// Its button.
    pub code_button: String,
    /// It is another code.
    pub code_wrong: String,
    /// Heading behind the link of a mail.
    pub confirm_head: String,
    /// `{to}` and `{services}`.
    pub confirm: String,
    /// Its button.
    pub confirm_button: String,
    /// All components, in the middle of a sentence.
    pub every: String,
    /// Heading after the confirmation.
    pub done_head: String,
    /// `{to}`.
    pub done: String,
    /// To one's own subscription.
    pub manage: String,
    /// Heading of one's own subscription.
    pub manage_head: String,
    /// `{to}`.
    pub manage_lead: String,
    /// Its button.
    pub save: String,
    /// After it.
    pub saved: String,
    /// The button that ends it.
    pub leave: String,
    /// Heading after that.
    pub left_head: String,
    /// What follows from it.
    pub left: String,
    /// Heading behind a link that counts no more.
    pub unknown_head: String,
    /// What to do then.
    pub unknown: String,
    /// Heading when too many ask.
    pub later_head: String,
    /// What to do then.
    pub later: String,
    /// A form came from elsewhere.
    pub elsewhere: String,
    /// The subject of the mail with the link: `{organisation}`.
    pub mail_subject: String,
    /// `{organisation}`, `{services}`, `{link}`.
    pub mail_text: String,
    /// The subject of the mail to who is subscribed already: `{organisation}`.
    pub known_subject: String,
    /// `{organisation}`, `{link}`.
    pub known_text: String,
    /// The text message with the code: `{organisation}`, `{code}`.
    pub sms_code: String,
    /// The text message to who is subscribed already: `{organisation}`, `{link}`.
    pub sms_known: String,
}
