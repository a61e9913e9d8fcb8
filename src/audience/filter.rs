//! The filter language of segments.
//!
//! ```text
//! country = "DE" and (tag "vip" or component "Payments") and not plan in ("free", "trial")
//! ```
//!
//! | written | true for a person |
//! |---|---|
//! | `everyone` | always |
//! | `country = "DE"`, also `!=` `<` `<=` `>` `>=` | whose attribute compares so |
//! | `plan in ("free", "trial")` | whose attribute equals one of them |
//! | `city contains "burg"` | whose attribute has that text in it; A to Z and a to z count as the same |
//! | `has phone` | who has the attribute, be it empty |
//! | `tag "vip"`, `component "Payments"` | with exactly that tag; subscribed to exactly that component, or to all |
//! | `not …`, `… and …`, `… or …`, `( … )` | as in English; `not` binds tightest, `or` loosest |
//!
//! * An attribute's name is `[A-Za-z_][A-Za-z0-9_.-]*`. `locale`, `time_zone` and `customer_id` are always known. The
//!   words of the language are written in any case and cannot name an attribute.
//! * Text stands in straight double quotes; `\"` and `\\` stand for a quote and a backslash.
//! * Against text, comparison goes by character code (as SQL's `BINARY` does), case included.
//! * Against a number (`18`, `-2.5`), comparison is numeric. A value that is not itself written `-?digits[.digits]`
//!   counts as missing there.
//! * A missing attribute never compares true, but for `!=`: who has no country is not in Germany. So `x != y` is
//!   always `not x = y`.
//!
//! A filter is at most [`MAX_LENGTH`] bytes and nests at most [`MAX_DEPTH`] deep. The store says the same in SQL;
//! [`Filter::matches`] is the definition that it is tested against.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

mod parse;
mod token;

#[cfg(test)]
mod tests;

pub use parse::{FilterError, parse};

/// The longest filter, in bytes.
pub const MAX_LENGTH: usize = 4096;

/// How deep parentheses and `not` may nest.
pub const MAX_DEPTH: usize = 32;

/// Attributes that every person may have without anyone configuring them.
pub const BUILT_IN: [&str; 3] = ["locale", "time_zone", "customer_id"];

/// Among a person's components: all of them, those that come later too.
pub const EVERY_COMPONENT: &str = "*";

/// A parsed filter.
#[derive(Clone, Debug, PartialEq)]
pub enum Filter {
    /// Everyone.
    Everyone,
    /// The attribute compares so with the value.
    Compare {
        /// The attribute's name.
        attribute: String,
        /// How to compare.
        operator: Operator,
        /// What to compare with.
        value: Value,
    },
    /// The attribute equals one of the values; never empty.
    OneOf {
        /// The attribute's name.
        attribute: String,
        /// The values.
        values: Vec<Value>,
    },
    /// The attribute has this text in it, A to Z without regard to case.
    Contains {
        /// The attribute's name.
        attribute: String,
        /// The text.
        text: String,
    },
    /// The person has the attribute.
    Has(String),
    /// The person has exactly this tag.
    Tag(String),
    /// The person is subscribed to exactly this component, or to all ([`EVERY_COMPONENT`]).
    Component(String),
    /// The person is on the list that was given for this incident. It has no text form: only a draft chooses by it.
    Listed(i64),
    /// Not so.
    Not(Box<Filter>),
    /// All of them; at least two, none of them an `All`.
    All(Vec<Filter>),
    /// Any of them; at least two, none of them an `Any`.
    Any(Vec<Filter>),
}

/// How an attribute compares with a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// `=`
    Equal,
    /// `!=`; true for who lacks the attribute.
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
}

/// What an attribute is compared with.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Text, compared by character code.
    Text(String),
    /// A finite number, compared numerically.
    Number(f64),
}

/// What a filter looks at: of a person in the store, of a sample, of a test.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Person {
    /// Attributes by name, the built-in ones ([`BUILT_IN`]) among them.
    pub attributes: BTreeMap<String, String>,
    /// Tags.
    pub tags: BTreeSet<String>,
    /// The names of the components that they are subscribed to.
    pub components: BTreeSet<String>,
    /// The incidents whose lists they are on.
    pub lists: BTreeSet<i64>,
}

impl Operator {
    /// As it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Operator::Equal => "=",
            Operator::NotEqual => "!=",
            Operator::Less => "<",
            Operator::LessOrEqual => "<=",
            Operator::Greater => ">",
            Operator::GreaterOrEqual => ">=",
        }
    }

    fn holds(self, ordering: Option<std::cmp::Ordering>) -> bool {
        match self {
            Operator::NotEqual => !ordering.is_some_and(|ordering| ordering.is_eq()),
            Operator::Equal => ordering.is_some_and(|ordering| ordering.is_eq()),
            Operator::Less => ordering.is_some_and(|ordering| ordering.is_lt()),
            Operator::LessOrEqual => ordering.is_some_and(|ordering| ordering.is_le()),
            Operator::Greater => ordering.is_some_and(|ordering| ordering.is_gt()),
            Operator::GreaterOrEqual => ordering.is_some_and(|ordering| ordering.is_ge()),
        }
    }
}

impl Value {
    /// The number that a text is written as, `-?digits[.digits]`; None for any other text.
    pub fn number(text: &str) -> Option<Value> {
        token::number(text).map(Value::Number)
    }

    /// How a person's attribute compares with this; None where it is missing or not comparable.
    fn compare(&self, attribute: Option<&str>) -> Option<std::cmp::Ordering> {
        match self {
            Value::Text(text) => Some(attribute?.cmp(text.as_str())),
            Value::Number(number) => token::number(attribute?)?.partial_cmp(number),
        }
    }
}

impl Filter {
    /// All of `parts`, flattened so that there is one way to write it.
    pub fn all(parts: Vec<Filter>) -> Filter {
        flatten(parts, Filter::All, |part| match part {
            Filter::All(inner) => Ok(inner),
            other => Err(other),
        })
    }

    /// Any of `parts`, flattened so that there is one way to write it.
    pub fn any(parts: Vec<Filter>) -> Filter {
        flatten(parts, Filter::Any, |part| match part {
            Filter::Any(inner) => Ok(inner),
            other => Err(other),
        })
    }

    /// Whether `person` is in the segment.
    pub fn matches(&self, person: &Person) -> bool {
        let attribute = |name: &String| person.attributes.get(name).map(String::as_str);
        match self {
            Filter::Everyone => true,
            Filter::Compare { attribute: name, operator, value } => operator.holds(value.compare(attribute(name))),
            Filter::OneOf { attribute: name, values } => {
                values.iter().any(|value| Operator::Equal.holds(value.compare(attribute(name))))
            }
            Filter::Contains { attribute: name, text } => attribute(name)
                .is_some_and(|value| value.to_ascii_lowercase().contains(text.to_ascii_lowercase().as_str())),
            Filter::Has(name) => attribute(name).is_some(),
            Filter::Tag(tag) => person.tags.contains(tag),
            Filter::Component(component) => {
                person.components.contains(component) || person.components.contains(EVERY_COMPONENT)
            }
            Filter::Listed(incident) => person.lists.contains(incident),
            Filter::Not(inner) => !inner.matches(person),
            Filter::All(parts) => parts.iter().all(|part| part.matches(person)),
            Filter::Any(parts) => parts.iter().any(|part| part.matches(person)),
        }
    }
}

fn flatten(
    parts: Vec<Filter>,
    join: fn(Vec<Filter>) -> Filter,
    open: fn(Filter) -> Result<Vec<Filter>, Filter>,
) -> Filter {
    let mut flat: Vec<Filter> =
        parts.into_iter().flat_map(|part| open(part).unwrap_or_else(|single| vec![single])).collect();
    match flat.len() {
        1 => flat.remove(0),
        _ => join(flat),
    }
}

impl fmt::Display for Filter {
    /// Canonical text: it parses to the same filter, and two equal filters print the same.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Filter::Everyone => f.write_str("everyone"),
            Filter::Compare { attribute, operator, value } => write!(f, "{attribute} {} {value}", operator.as_str()),
            Filter::OneOf { attribute, values } => {
                write!(f, "{attribute} in (")?;
                for (index, value) in values.iter().enumerate() {
                    write!(f, "{}{value}", if index == 0 { "" } else { ", " })?;
                }
                f.write_str(")")
            }
            Filter::Contains { attribute, text } => write!(f, "{attribute} contains {}", Quoted(text)),
            Filter::Has(attribute) => write!(f, "has {attribute}"),
            Filter::Tag(tag) => write!(f, "tag {}", Quoted(tag)),
            Filter::Component(component) => write!(f, "component {}", Quoted(component)),
            Filter::Listed(incident) => write!(f, "on the list of incident {incident}"),
            Filter::Not(inner) if matches!(**inner, Filter::All(_) | Filter::Any(_)) => write!(f, "not ({inner})"),
            Filter::Not(inner) => write!(f, "not {inner}"),
            Filter::All(parts) => join(f, parts, " and "),
            Filter::Any(parts) => join(f, parts, " or "),
        }
    }
}

fn join(f: &mut fmt::Formatter<'_>, parts: &[Filter], word: &str) -> fmt::Result {
    for (index, part) in parts.iter().enumerate() {
        f.write_str(if index == 0 { "" } else { word })?;
        match part {
            // `and` binds tighter, so that only an `or` within an `and` needs its parentheses.
            Filter::Any(_) => write!(f, "({part})")?,
            _ => write!(f, "{part}")?,
        }
    }
    Ok(())
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Text(text) => Quoted(text).fmt(f),
            Value::Number(number) => write!(f, "{number}"),
        }
    }
}

struct Quoted<'a>(&'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.0.replace('\\', r"\\").replace('"', r#"\""#))
    }
}
