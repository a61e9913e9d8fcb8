//! The preset for Kannel's sendsms (Kannel user guide, "Using the HTTP interface").
//!
//! `dlr-mask=31` asks for every report; Kannel puts the report's type in place of `%d` in `dlr-url` and reads other
//! percent signs as escapes too, which is why ours are doubled. Without a receiver sendsms answers 400 once it has let
//! the user in, and 403 if it does not: that is the credential check.

use super::{
    answer::{Matcher, Refusal},
    receipt::StateWord,
    settings::{CheckSettings, Method, SmsHttpSettings},
};
use crate::contract::Reason;

/// Fills in what is not set.
pub(super) fn fill(settings: &SmsHttpSettings) -> SmsHttpSettings {
    let mut filled = settings.clone();
    filled.method = Method::Get;
    let mut add = |name: &str, template: &str| {
        filled.query.entry(name.to_owned()).or_insert_with(|| template.to_owned());
    };
    add("username", "{username}");
    add("password", "{password}");
    add("from", "{from}");
    add("to", "{to}");
    add("text", "{text}");
    add("charset", "UTF-8");
    add("coding", "{coding}");
    if settings.receipts.is_some() {
        add("dlr-mask", "31");
        add("dlr-url", "{receipt_url}");
    }
    // 0: accepted for delivery. 3: queued for later delivery. Both are Kannel's word that it has the message.
    filled.success.get_or_insert_with(|| Matcher {
        status: vec![202],
        body_prefix: vec!["0:".to_owned(), "3:".to_owned()],
        json: None,
    });
    filled
        .refusals
        .push(Refusal { when: Matcher { status: vec![503], ..Matcher::default() }, reason: Reason::Temporary });
    if let Some(receipts) = &mut filled.receipts {
        if receipts.state.is_empty() {
            receipts.state = "type".to_owned();
            receipts.append = "&type=%d".to_owned();
            receipts.double_percent = true;
        }
        if receipts.states.is_empty() {
            let states = [
                ("1", StateWord::Delivered),
                ("2", StateWord::Failed),
                ("4", StateWord::Accepted),
                ("8", StateWord::Accepted),
                ("16", StateWord::Failed),
            ];
            receipts.states = states.map(|(state, word)| (state.to_owned(), word)).into();
        }
    }
    filled.check.get_or_insert_with(|| CheckSettings {
        url: settings.url.clone(),
        query: [("username", "{username}"), ("password", "{password}")]
            .map(|(name, template)| (name.to_owned(), template.to_owned()))
            .into(),
        status: vec![400],
    });
    filled
}
