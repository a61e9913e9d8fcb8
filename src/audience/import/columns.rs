//! The header: what each column means, and a recipient from the cells of a line.

use std::collections::{BTreeMap, HashSet};

use onevoice_channels::contract::Channel;

use super::record::Cells;
use crate::{
    audience::recipient::{Fault, is_attribute, normalise},
    store::recipients::{Address, Recipient},
};

/// What a column holds.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Column {
    CustomerId,
    Name,
    Locale,
    TimeZone,
    Email,
    Phone,
    Tags,
    Components,
    Attribute(String),
    /// Spreadsheets write empty columns after the last one.
    Nameless,
}

/// The columns of a file, in its order.
pub(super) struct Columns {
    columns: Vec<Column>,
    customer_id: usize,
}

/// A line that cannot be used, and whom it speaks of as far as that can be told.
pub(super) struct Unusable {
    pub reason: String,
    pub customer_id: Option<String>,
}

const NOT_UTF8: &str = "not UTF-8; save the file as CSV UTF-8";

impl Columns {
    /// Reads the header.
    ///
    /// # Errors
    /// In words: what is wrong with the header, and how to mend it.
    pub fn read(header: Cells<'_>) -> Result<Columns, String> {
        if header.bytes().contains(&0) {
            return Err("the file is not text in UTF-8; save it as CSV UTF-8".to_owned());
        }
        let mut names = HashSet::new();
        let mut columns = Vec::with_capacity(header.len());
        for (place, cell) in header.iter().enumerate() {
            let name = std::str::from_utf8(cell).map_err(|_| format!("the header is {NOT_UTF8}"))?.trim();
            let column = Column::named(name, place)?;
            if column != Column::Nameless && !names.insert(column.clone()) {
                return Err(format!("the header names the column {name:?} twice; take one out"));
            }
            columns.push(column);
        }
        let customer_id = columns.iter().position(|column| *column == Column::CustomerId).ok_or(
            "the first line of the file must name its columns, and one of them must be customer_id: \
             customer_id,name,email,phone",
        )?;
        Ok(Columns { columns, customer_id })
    }

    /// The recipient of a line, in the form that is stored; None for a line of empty cells. `home` is the country of numbers
    /// that name none.
    pub fn recipient(&self, cells: Cells<'_>, home: Option<&str>) -> Result<Option<Recipient>, Unusable> {
        if cells.bytes().iter().all(u8::is_ascii_whitespace) {
            return Ok(None);
        }
        let customer_id = cells.get(self.customer_id).and_then(|cell| std::str::from_utf8(cell).ok()).map(str::trim);
        let recipient = self.assemble(cells).and_then(|recipient| {
            let channels: Vec<Channel> = recipient.addresses.iter().map(|address| address.channel).collect();
            normalise(recipient, home).map_err(|fault| reason(&fault, &channels))
        });
        recipient.map(Some).map_err(|reason| Unusable {
            reason,
            customer_id: customer_id.filter(|id| !id.is_empty()).map(str::to_owned),
        })
    }

    fn assemble(&self, cells: Cells<'_>) -> Result<Recipient, String> {
        if cells.len() != self.columns.len() {
            let (has, wants) = (cells.len(), self.columns.len());
            return Err(format!(
                "has {has} cells, and the header names {wants} columns; is a comma or a quote missing?"
            ));
        }
        let mut recipient = Recipient::default();
        for (place, (column, cell)) in self.columns.iter().zip(cells.iter()).enumerate() {
            let text = std::str::from_utf8(cell).map_err(|_| NOT_UTF8)?.trim();
            match column {
                Column::CustomerId => recipient.customer_id = text.to_owned(),
                Column::Name => recipient.name = text.to_owned(),
                Column::Locale => recipient.locale = text.to_owned(),
                Column::TimeZone => recipient.time_zone = text.to_owned(),
                Column::Email => recipient.addresses.extend(address(Channel::Email, text)),
                Column::Phone => recipient.addresses.extend(address(Channel::Sms, text)),
                Column::Tags => recipient.tags = listed(text),
                Column::Components => recipient.components = listed(text),
                Column::Attribute(name) => put(&mut recipient.attributes, name, text),
                Column::Nameless if text.is_empty() => {}
                Column::Nameless => return Err(format!("has something in column {}, which has no name", place + 1)),
            }
        }
        Ok(recipient)
    }
}

impl Column {
    fn named(name: &str, place: usize) -> Result<Column, String> {
        Ok(match name.to_ascii_lowercase().replace([' ', '-'], "_").as_str() {
            "" => Column::Nameless,
            "customer_id" => Column::CustomerId,
            "name" => Column::Name,
            "locale" => Column::Locale,
            "time_zone" => Column::TimeZone,
            "email" => Column::Email,
            "phone" => Column::Phone,
            "tags" => Column::Tags,
            "components" => Column::Components,
            _ if is_attribute(name) => Column::Attribute(name.to_owned()),
            _ => {
                return Err(format!(
                    "column {} of the header cannot be the name of an attribute; use letters A to Z, digits, \
                     `_`, `.` and `-`, beginning with a letter, and none of the filter's own words",
                    place + 1
                ));
            }
        })
    }
}

/// The fault in the words of the file: its column, and what is wrong there.
fn reason(fault: &Fault, channels: &[Channel]) -> String {
    let mut parts = fault.pointer.split('/').skip(1);
    let (field, item) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let column = match field {
        "attributes" if !item.is_empty() => item,
        "addresses" => match item.parse().ok().and_then(|place: usize| channels.get(place)) {
            Some(Channel::Email) => "email",
            _ => "phone",
        },
        field => field,
    };
    format!("{column} {}", fault.detail)
}

fn address(channel: Channel, text: &str) -> Option<Address> {
    (!text.is_empty()).then(|| Address { channel, value: text.to_owned() })
}

fn listed(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for item in text.split(';').map(str::trim).filter(|item| !item.is_empty()) {
        if !found.iter().any(|known| known == item) {
            found.push(item.to_owned());
        }
    }
    found
}

/// An empty cell is a missing attribute: a filter's `has` is then false.
fn put(attributes: &mut BTreeMap<String, String>, name: &str, text: &str) {
    if !text.is_empty() {
        attributes.insert(name.to_owned(), text.to_owned());
    }
}
