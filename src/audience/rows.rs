//! A filter as the rows of a form: one condition a row, all or any of them. The text stays the truth: whatever cannot be
//! shown so that the same filter comes back is left as text.

use std::fmt;

use super::filter::{Filter, Operator, Value};

/// How a row compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// It is this text, tag or component.
    Is,
    /// It is not, or is not known.
    IsNot,
    /// It is one of these texts.
    OneOf,
    /// It is none of them.
    NoneOf,
    /// It has this text in it.
    Contains,
    /// It has not.
    ContainsNot,
    /// A smaller number, or an earlier text.
    Less,
    /// A number or text up to this.
    AtMost,
    /// A number or text from this on.
    AtLeast,
    /// A larger number, or a later text.
    More,
    /// It is known.
    Known,
    /// It is not.
    Unknown,
}

impl How {
    /// Every way, in the order of forms.
    pub const ALL: [How; 12] = [
        How::Is,
        How::IsNot,
        How::OneOf,
        How::NoneOf,
        How::Contains,
        How::ContainsNot,
        How::Less,
        How::AtMost,
        How::AtLeast,
        How::More,
        How::Known,
        How::Unknown,
    ];

    /// The name in forms.
    pub fn as_str(self) -> &'static str {
        match self {
            How::Is => "is",
            How::IsNot => "is_not",
            How::OneOf => "one_of",
            How::NoneOf => "none_of",
            How::Contains => "contains",
            How::ContainsNot => "contains_not",
            How::Less => "less",
            How::AtMost => "at_most",
            How::AtLeast => "at_least",
            How::More => "more",
            How::Known => "known",
            How::Unknown => "unknown",
        }
    }

    /// Reads a name written by [`How::as_str`].
    pub fn parse(name: &str) -> Option<How> {
        How::ALL.into_iter().find(|how| how.as_str() == name)
    }

    /// Whether it compares with something.
    pub fn takes_value(self) -> bool {
        !matches!(self, How::Known | How::Unknown)
    }
}

/// One condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// An attribute's name, or [`TAG`] or [`COMPONENT`], which name no attribute.
    pub field: String,
    /// How it compares.
    pub how: How,
    /// With what; several with a comma between.
    pub value: String,
}

/// The field for tags.
pub const TAG: &str = "tag";
/// The field for components that people are subscribed to.
pub const COMPONENT: &str = "component";

/// A filter as rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rows {
    /// True where one of them is enough.
    pub any: bool,
    /// The conditions; none of them means everyone.
    pub rows: Vec<Row>,
}

/// What a row lacks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowFault {
    /// The row's place, from 0.
    pub place: usize,
    /// What is wrong, and how to mend it.
    pub detail: String,
}

impl fmt::Display for RowFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "condition {}: {}", self.place + 1, self.detail)
    }
}

impl Rows {
    /// The filter that the rows say. Rows without a field say nothing yet.
    ///
    /// # Errors
    /// The first row that cannot be one.
    pub fn filter(&self) -> Result<Filter, RowFault> {
        let written = self.rows.iter().enumerate().filter(|(_, row)| !row.field.is_empty());
        let parts = written
            .map(|(place, row)| row.filter().map_err(|detail| RowFault { place, detail: detail.to_owned() }))
            .collect::<Result<Vec<_>, _>>()?;
        Ok(match (parts.is_empty(), self.any) {
            (true, _) => Filter::Everyone,
            (false, true) => Filter::any(parts),
            (false, false) => Filter::all(parts),
        })
    }

    /// The rows of a filter; None for what rows cannot say.
    pub fn of(filter: &Filter) -> Option<Rows> {
        let (any, parts) = match filter {
            Filter::Everyone => (false, [].as_slice()),
            Filter::All(parts) => (false, parts.as_slice()),
            Filter::Any(parts) => (true, parts.as_slice()),
            one => (false, std::slice::from_ref(one)),
        };
        let rows = Rows { any, rows: parts.iter().map(Row::of).collect::<Option<_>>()? };
        // Whatever would come back otherwise than it was written stays text.
        (rows.filter().as_ref() == Ok(filter)).then_some(rows)
    }
}

impl Row {
    fn of(filter: &Filter) -> Option<Row> {
        let row = |field: &str, how, value: String| Some(Row { field: field.to_owned(), how, value });
        let not = |row: Row| {
            let how = match row.how {
                How::Is if matches!(row.field.as_str(), TAG | COMPONENT) => How::IsNot,
                How::OneOf => How::NoneOf,
                How::Contains => How::ContainsNot,
                How::Known => How::Unknown,
                _ => return None,
            };
            Some(Row { how, ..row })
        };
        match filter {
            Filter::Compare { attribute, operator, value } => row(attribute, how(*operator), shown(value)),
            Filter::OneOf { attribute, values } => {
                row(attribute, How::OneOf, values.iter().map(shown).collect::<Vec<_>>().join(", "))
            }
            Filter::Contains { attribute, text } => row(attribute, How::Contains, text.clone()),
            Filter::Has(attribute) => row(attribute, How::Known, String::new()),
            Filter::Tag(tag) => row(TAG, How::Is, tag.clone()),
            Filter::Component(component) => row(COMPONENT, How::Is, component.clone()),
            Filter::Not(inner) => Row::of(inner).and_then(not),
            Filter::Everyone | Filter::Listed(_) | Filter::All(_) | Filter::Any(_) => None,
        }
    }

    fn filter(&self) -> Result<Filter, &'static str> {
        let (attribute, text) = (self.field.clone(), self.value.trim());
        if self.how.takes_value() && text.is_empty() {
            return Err("give a value, or choose “is known”");
        }
        let label = |wrap: fn(String) -> Filter| match self.how {
            How::Is => Ok(wrap(text.to_owned())),
            How::IsNot => Ok(Filter::Not(Box::new(wrap(text.to_owned())))),
            _ => Err("a tag or a component can only be or not be there; choose “is” or “is not”"),
        };
        match self.field.as_str() {
            TAG => return label(Filter::Tag),
            COMPONENT => return label(Filter::Component),
            _ => {}
        }
        let compare = |operator, value| Filter::Compare { attribute: attribute.clone(), operator, value };
        let one_of = || {
            let values = text.split(',').map(str::trim).filter(|value| !value.is_empty());
            Filter::OneOf {
                attribute: attribute.clone(),
                values: values.map(|value| Value::Text(value.to_owned())).collect(),
            }
        };
        let contains = || Filter::Contains { attribute: attribute.clone(), text: text.to_owned() };
        let not = |filter| Filter::Not(Box::new(filter));
        if matches!(self.how, How::OneOf | How::NoneOf) && text.chars().all(|c| c == ',' || c.is_whitespace()) {
            return Err("give values with commas between them");
        }
        Ok(match self.how {
            How::Is => compare(Operator::Equal, Value::Text(text.to_owned())),
            How::IsNot => compare(Operator::NotEqual, Value::Text(text.to_owned())),
            How::Less => compare(Operator::Less, ordered(text)),
            How::AtMost => compare(Operator::LessOrEqual, ordered(text)),
            How::AtLeast => compare(Operator::GreaterOrEqual, ordered(text)),
            How::More => compare(Operator::Greater, ordered(text)),
            How::OneOf => one_of(),
            How::NoneOf => not(one_of()),
            How::Contains => contains(),
            How::ContainsNot => not(contains()),
            How::Known => Filter::Has(attribute),
            How::Unknown => not(Filter::Has(attribute)),
        })
    }
}

fn how(operator: Operator) -> How {
    match operator {
        Operator::Equal => How::Is,
        Operator::NotEqual => How::IsNot,
        Operator::Less => How::Less,
        Operator::LessOrEqual => How::AtMost,
        Operator::Greater => How::More,
        Operator::GreaterOrEqual => How::AtLeast,
    }
}

/// What more and less compare with: a number where it is written as one, else text, as dates are.
fn ordered(text: &str) -> Value {
    Value::number(text).unwrap_or_else(|| Value::Text(text.to_owned()))
}

fn shown(value: &Value) -> String {
    match value {
        Value::Text(text) => text.clone(),
        Value::Number(number) => number.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{super::filter::parse, *};

    fn rows(text: &str) -> Option<Rows> {
        Rows::of(&parse(text).unwrap())
    }

    #[test]
    fn what_rows_can_say_comes_back_as_it_was_and_the_rest_stays_text() {
        for text in [
            "everyone",
            "country = \"DE\"",
            "tag \"vip\" and component \"Payments\" and seats >= 10",
            "plan in (\"free\", \"trial\") or not plan in (\"old\") or not tag \"vip\"",
            "not city contains \"burg\" and has phone and not has fax and since < \"2026-05-01\" and country != \"DE\"",
        ] {
            assert_eq!(rows(text).unwrap_or_else(|| panic!("{text}")).filter().unwrap().to_string(), text);
        }
        for text in [
            "(country = \"DE\" or tag \"vip\") and plan = \"free\"",
            "not (country = \"DE\" or tag \"vip\")",
            "not country = \"DE\"",
            "seats = 5",
            "since < \"5\"",
            "name = \" padded\"",
            "name in (\"Müller, Ana\")",
            "city = \"\"",
            "everyone and tag \"vip\"",
        ] {
            assert_eq!(rows(text), None, "{text}");
        }
    }

    #[test]
    fn a_row_that_is_not_finished_says_what_it_lacks() {
        let row = |field: &str, how, value: &str| Row { field: field.to_owned(), how, value: value.to_owned() };
        let fault = |rows: Vec<Row>| Rows { any: false, rows }.filter().unwrap_err().to_string();
        assert!(
            fault(vec![row("a", How::Known, ""), row("city", How::Is, " ")]).starts_with("condition 2: give a value")
        );
        assert!(fault(vec![row("tag", How::Less, "vip")]).contains("“is” or “is not”"));
        assert!(fault(vec![row("plan", How::OneOf, ", ,")]).contains("commas"));
        let begun = Rows { any: true, rows: vec![row("", How::Is, "")] };
        assert_eq!(begun.filter(), Ok(Filter::Everyone), "a row without a field says nothing yet");
    }

    proptest! {
        #[test]
        fn rows_and_text_stay_in_step(any: bool, given in proptest::collection::vec(("[a-z]{1,6}_", 0..12_usize, "[ -~]{0,8}"), 0..5)) {
            let rows = Rows { any, rows: given.into_iter().map(|(field, how, value)| Row { field, how: How::ALL[how], value }).collect() };
            if let Ok(filter) = rows.filter() {
                let text = filter.to_string();
                prop_assert_eq!(parse(&text).unwrap(), filter.clone(), "{}", text);
                if let Some(shown) = Rows::of(&filter) {
                    prop_assert_eq!(shown.filter().unwrap(), filter);
                }
            }
        }
    }
}
