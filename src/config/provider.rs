//! `[[provider]]`: what carries messages.

use std::{collections::HashMap, num::NonZeroU32, path::Path};

use jiff::civil::Date;
use onevoice_channels::{
    contract::Channel,
    registry::{KINDS, ProviderSettings, SettingsError},
};
use schemars::JsonSchema;
use serde::Deserialize;
use toml::{
    Spanned,
    de::{DeArray, DeTable, DeValue, ValueDeserializer},
};

use super::{error::Failure, staff::Readers, wording};

/// Free-form tables of providers: a `file` in them is not one of ours.
const FREE_FORM: [&str; 4] = ["headers", "query", "form", "json"];

/// One provider.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[schemars(extend("unevaluatedProperties" = false))]
pub struct ProviderEntry {
    /// Its name, unique, lower-case letters, digits and hyphens; for accounts also the outlet's name.
    pub name: String,
    /// Its part of the channel's messages beside those of other providers of the same priority. Default: 1.
    #[serde(default)]
    pub weight: Option<NonZeroU32>,
    /// 1 is asked first, 2 while none of 1 can send, and so on. Default: 1.
    #[serde(default)]
    pub priority: Option<NonZeroU32>,
    /// The last day on which its token or password counts (2027-01-31), where the provider does not tell it. It is warned
    /// of two weeks before.
    #[serde(default)]
    pub credential_ends: Option<Date>,
    /// Who reads it: `customers`, or `staff` for a chat room where colleagues get staff sheets and nothing else.
    #[serde(default)]
    pub audience: Readers,
    /// Which kind, and its settings.
    #[serde(flatten)]
    pub settings: ProviderSettings,
}

/// Takes the providers out of the file, for [`read_all`]. An empty list stays in their place.
///
/// serde reads flattened and tagged tables from a copy that has forgotten its lines; read one by one they have not.
pub(super) fn take<'t>(root: &mut DeTable<'t>) -> Result<DeArray<'t>, SettingsError> {
    let Some(providers) = root.get_mut("provider") else {
        let message = "is missing: nothing would carry a message; add a [[provider]] table with `name` and `kind`";
        return Err(SettingsError::new("provider", message));
    };
    match std::mem::replace(providers.get_mut(), DeValue::Array(DeArray::new())) {
        DeValue::Array(entries) => Ok(entries),
        _ => Err(SettingsError::new("provider", "must be a list of tables; write [[provider]] with double brackets")),
    }
}

/// Reads each provider by its kind.
pub(super) fn read_all(providers: DeArray<'_>, base: &Path) -> Result<Vec<ProviderEntry>, Failure> {
    providers.into_iter().enumerate().map(|(place, entry)| read(&format!("provider[{place}]"), entry, base)).collect()
}

fn read(path: &str, entry: Spanned<DeValue<'_>>, base: &Path) -> Result<ProviderEntry, Failure> {
    let span = entry.span();
    let DeValue::Table(mut table) = entry.into_inner() else {
        return Err(SettingsError::new(path, "must be a table with `name` and `kind`").into());
    };
    let name = take_text(path, "name", &mut table)?;
    let kind = take_text(path, "kind", &mut table)?;
    let weight = take_number(path, "weight", &mut table)?;
    let priority = take_number(path, "priority", &mut table)?;
    let credential_ends = take_day(path, "credential_ends", &mut table)?;
    let audience = take_readers(path, &mut table)?;
    if !KINDS.contains(&kind.as_str()) {
        let known: Vec<String> = KINDS.iter().map(|kind| (*kind).to_owned()).collect();
        let message = wording::unknown(&format!("{kind:?} is not a kind of provider"), &kind, &known);
        return Err(SettingsError::new(&format!("{path}.kind"), message).into());
    }
    resolve_files(&mut table, base);
    let settings = Spanned::new(span, DeValue::Table(table));
    let settings = ProviderSettings::read(&kind, ValueDeserializer::from(settings))
        .map_err(|error| Failure::Reading(error, Some(path.to_owned())))?;
    Ok(ProviderEntry { name, weight, priority, credential_ends, audience, settings })
}

/// Makes the paths of secrets in the tables of a list relative to the file's directory.
pub(super) fn resolve_secrets(root: &mut DeTable<'_>, list: &str, base: &Path) {
    if let Some(DeValue::Array(entries)) = root.get_mut(list).map(Spanned::get_mut) {
        for entry in entries.iter_mut() {
            if let DeValue::Table(table) = entry.get_mut() {
                resolve_files(table, base);
            }
        }
    }
}

fn take_text(path: &str, key: &str, table: &mut DeTable<'_>) -> Result<String, SettingsError> {
    match table.remove(key).map(Spanned::into_inner) {
        Some(DeValue::String(text)) => Ok(text.into_owned()),
        Some(_) => Err(SettingsError::new(&format!("{path}.{key}"), "must be a text in quotes")),
        None => Err(SettingsError::new(&format!("{path}.{key}"), wording::missing(path, key))),
    }
}

fn take_number(path: &str, key: &str, table: &mut DeTable<'_>) -> Result<Option<NonZeroU32>, SettingsError> {
    let Some(value) = table.remove(key) else { return Ok(None) };
    let number = match value.into_inner() {
        DeValue::Integer(number) => u32::from_str_radix(number.as_str(), number.radix()).ok().and_then(NonZeroU32::new),
        _ => None,
    };
    number.map(Some).ok_or_else(|| SettingsError::new(&format!("{path}.{key}"), "must be a whole number above 0"))
}

fn take_readers(path: &str, table: &mut DeTable<'_>) -> Result<Readers, SettingsError> {
    let Some(value) = table.remove("audience") else { return Ok(Readers::default()) };
    match value.into_inner() {
        DeValue::String(text) if text == "customers" => Ok(Readers::Customers),
        DeValue::String(text) if text == "staff" => Ok(Readers::Staff),
        _ => Err(SettingsError::new(&format!("{path}.audience"), "must be \"customers\" or \"staff\"")),
    }
}

fn take_day(path: &str, key: &str, table: &mut DeTable<'_>) -> Result<Option<Date>, SettingsError> {
    let Some(value) = table.remove(key) else { return Ok(None) };
    let day = match value.into_inner() {
        DeValue::String(text) => text.parse().ok(),
        DeValue::Datetime(day) if day.time.is_none() => day.to_string().parse().ok(),
        _ => None,
    };
    day.map(Some).ok_or_else(|| SettingsError::new(&format!("{path}.{key}"), "must be a day, written like 2027-01-31"))
}

/// Makes the paths of secrets, `{ file = "PATH" }`, and of keys that end in `_file` relative to the file's directory.
/// It is done before the settings are read because secrets are read with them.
pub(super) fn resolve_files(table: &mut DeTable<'_>, base: &Path) {
    let is_secret = table.len() == 1;
    for (key, value) in table.iter_mut() {
        let name: &str = key.get_ref();
        match value.get_mut() {
            DeValue::String(path) if name.ends_with("_file") || (is_secret && name == "file") => {
                *path = base.join(&**path).to_string_lossy().into_owned().into();
            }
            DeValue::Table(inner) if !FREE_FORM.contains(&name) => resolve_files(inner, base),
            DeValue::Array(entries) => {
                for entry in entries.iter_mut() {
                    if let DeValue::Table(inner) = entry.get_mut() {
                        resolve_files(inner, base);
                    }
                }
            }
            _ => {}
        }
    }
}

/// Checks each provider, and that they go together.
pub(super) fn validate_all(providers: &[ProviderEntry]) -> Result<(), SettingsError> {
    let mut names = HashMap::new();
    let mut pages = HashMap::new();
    for (place, entry) in providers.iter().enumerate() {
        let path = format!("provider[{place}]");
        super::within(&path, entry.validate())?;
        if names.insert(&entry.name, place).is_some() {
            let message = format!("{:?} is the name of another provider too; names are unique", entry.name);
            return Err(SettingsError::new(&format!("{path}.name"), message));
        }
        let channel = entry.channel();
        // The daemon serves one banner and one status page.
        if matches!(channel, Channel::Banner | Channel::StatusPage) && pages.insert(channel, place).is_some() {
            let message = format!("there is a provider of {channel} already, and only one can be; take one out");
            return Err(SettingsError::new(&format!("{path}.kind"), message));
        }
    }
    refuse_swallowing(providers)?;
    if providers.is_empty() {
        return Err(SettingsError::new(
            "provider",
            "is empty: nothing would carry a message; add a [[provider]] table with `name` and `kind`",
        ));
    }
    Ok(())
}

/// Refuses an outbox that shares a personal channel with a real provider: its part of the people would be counted as
/// reached, and nothing would have left.
fn refuse_swallowing(providers: &[ProviderEntry]) -> Result<(), SettingsError> {
    for (place, outbox) in providers.iter().enumerate().filter(|(_, entry)| entry.settings.kind() == "outbox") {
        let channel = outbox.channel();
        let is_real = |entry: &&ProviderEntry| entry.settings.kind() != "outbox" && entry.channel() == channel;
        if let Some(real) = providers.iter().find(is_real).filter(|_| channel.is_personal()) {
            let message = format!(
                "an outbox sends nothing, and beside {:?} it would take a part of the {channel} messages; take one out",
                real.name
            );
            return Err(SettingsError::new(&format!("provider[{place}].kind"), message));
        }
    }
    Ok(())
}

impl ProviderEntry {
    fn validate(&self) -> Result<(), SettingsError> {
        let is_word = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        let well_formed = self.name.bytes().all(|byte| is_word(byte) || byte == b'-')
            && self.name.bytes().next().is_some_and(is_word)
            && self.name.len() <= 40;
        if !well_formed {
            let message = "must be 1 to 40 lower-case letters, digits and hyphens, and not begin with a hyphen";
            return Err(SettingsError::new("name", message));
        }
        let ranked = [("weight", self.weight), ("priority", self.priority)].into_iter().find(|(_, set)| set.is_some());
        if let Some((key, _)) = ranked.filter(|_| !self.channel().is_personal()) {
            let message =
                "is for providers that share the people of a channel; this one posts what is its own; take it out";
            return Err(SettingsError::new(key, message));
        }
        if self.settings.channel() == Channel::StaffMail {
            let message =
                "mail to colleagues goes by the providers of email; give the addresses in [staff] mail instead";
            return Err(SettingsError::new("channel", message));
        }
        if self.audience == Readers::Staff {
            self.settings.may_tell_staff()?;
        }
        self.settings.validate()
    }

    /// The channel that it carries.
    pub fn channel(&self) -> Channel {
        match self.audience {
            Readers::Customers => self.settings.channel(),
            Readers::Staff => Channel::StaffChat,
        }
    }

    /// Its weight, 1 where none is set.
    pub fn weight(&self) -> NonZeroU32 {
        self.weight.unwrap_or(NonZeroU32::MIN)
    }

    /// Its priority, 1 where none is set.
    pub fn priority(&self) -> u32 {
        self.priority.map_or(1, NonZeroU32::get)
    }
}
