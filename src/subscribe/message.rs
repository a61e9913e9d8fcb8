//! What an address is sent about subscribing: the link or the code that confirms it, or the link to what it has already.

use onevoice_channels::contract::Channel;

use super::{address, spoken, token};
use crate::{
    app::App,
    public::{fill, subscribe_words},
    store::subscriptions::{Asked, NewAsk, Said},
};

/// Words the message.
pub(super) fn write(app: &App, ask: &NewAsk<'_>, asked: Asked) -> Said {
    let words = subscribe_words(ask.locale);
    let key = &app.store.secrets().token_key;
    let organisation = app.config.organisation.name.as_str();
    let own = address(&app.config, &format!("subscription/{}", token::own(key, ask.customer_id)));
    match (asked, ask.channel) {
        (Asked::Confirm(request), Channel::Email) => {
            let path = format!("subscribe/confirm/{}", token::confirmation(key, request, ask.address));
            let link = format!("{}?lang={}", address(&app.config, &path), ask.locale);
            let services = spoken(ask.components).map_or_else(|| words.every.clone(), |names| names.join(", "));
            let values = [("organisation", organisation), ("services", services.as_str()), ("link", link.as_str())];
            let subject = fill(&words.mail_subject, &values);
            Said { subject, text: fill(&words.mail_text, &values), leave: String::new() }
        }
        (Asked::Confirm(request), _) => {
            let code = token::code(key, request, ask.address);
            let text = fill(&words.sms_code, &[("organisation", organisation), ("code", &code)]);
            Said { text, ..Said::default() }
        }
        (Asked::Known, Channel::Email) => {
            let link = format!("{own}?lang={}", ask.locale);
            let values = [("organisation", organisation), ("link", link.as_str())];
            Said { subject: fill(&words.known_subject, &values), text: fill(&words.known_text, &values), leave: own }
        }
        (Asked::Known, _) => {
            let text = fill(&words.sms_known, &[("organisation", organisation), ("link", &own)]);
            Said { text, ..Said::default() }
        }
    }
}
