//! What text messages cost: numbers by country, and the price of a part there.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::config::Sms;

/// The text messages of an update.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Texts {
    /// Numbers that get it.
    pub numbers: i64,
    /// The fewest parts that a text has.
    pub least_parts: u32,
    /// The most parts that a text has.
    pub most_parts: u32,
    /// Numbers whose country has no price; what they cost is not in any sum.
    pub without_price: i64,
    /// By what has a price, the most numbers first: a country, `AT`, or a prefix, `+431`; then the countries without one.
    pub places: Vec<PlaceCost>,
}

/// The numbers of one place.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PlaceCost {
    /// A country, `AT`, or a prefix, `+431`; empty where the country is not known, or does not matter.
    pub place: String,
    /// Numbers there.
    pub numbers: i64,
    /// What a part costs there; null where nobody said.
    pub price_per_part: Option<f64>,
    /// What they cost with the most parts, and once submitted exactly.
    pub cost: f64,
}

/// Numbers and parts, added up by what has a price.
#[derive(Debug, Default)]
pub struct Bill(BTreeMap<String, Line>);

#[derive(Debug, Default)]
struct Line {
    price: Option<f64>,
    numbers: i64,
    parts: i64,
}

impl Bill {
    /// Adds so many numbers, of which this is one, with so many parts each.
    pub fn add(&mut self, sms: &Sms, number: &str, numbers: i64, parts: i64) {
        let (place, price) = sms.price(number);
        let line = match self.0.get_mut(&*place) {
            Some(line) => line,
            None => self.0.entry(place.into_owned()).or_default(),
        };
        line.price = price;
        line.numbers += numbers;
        line.parts += numbers * parts;
    }

    /// The cost of what has a price.
    pub fn cost(&self) -> f64 {
        self.0.values().map(Line::cost).sum()
    }

    /// Numbers that have none.
    pub fn without_price(&self) -> i64 {
        self.0.values().filter(|line| line.price.is_none()).map(|line| line.numbers).sum()
    }

    /// All parts.
    pub fn parts(&self) -> i64 {
        self.0.values().map(|line| line.parts).sum()
    }

    /// What it says, where a text has so many parts.
    pub fn texts(&self, least_parts: u32, most_parts: u32) -> Texts {
        let place = |(place, line): (&String, &Line)| PlaceCost {
            place: place.clone(),
            numbers: line.numbers,
            price_per_part: line.price,
            cost: line.cost(),
        };
        let mut places: Vec<PlaceCost> = self.0.iter().map(place).collect();
        places.sort_by_key(|place| (place.price_per_part.is_none(), -place.numbers));
        let numbers = places.iter().map(|place| place.numbers).sum();
        Texts { numbers, least_parts, most_parts, without_price: self.without_price(), places }
    }
}

impl Line {
    fn cost(&self) -> f64 {
        self.price.unwrap_or_default() * self.parts as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_added_up_by_what_has_a_price() {
        let prices = [("AT".to_owned(), 0.08), ("+1".to_owned(), 0.01)].into();
        let sms = Sms { prices, ..Sms::default() };
        let mut bill = Bill::default();
        for (number, numbers) in
            [("+436641234567", 3), ("+436761234567", 2), ("+14155550100", 1), ("+4915123456789", 4)]
        {
            bill.add(&sms, number, numbers, 2);
        }
        assert_eq!((bill.parts(), bill.without_price()), (20, 4));
        assert!((bill.cost() - 0.82).abs() < 1e-9, "{}", bill.cost());
        let texts = bill.texts(1, 2);
        let places: Vec<_> = texts.places.iter().map(|place| (place.place.as_str(), place.numbers)).collect();
        assert_eq!((texts.numbers, places), (10, vec![("AT", 5), ("+1", 1), ("DE", 4)]));
        let flat = Sms { price_per_part: Some(0.1), ..Sms::default() };
        let mut bill = Bill::default();
        bill.add(&flat, "+436641234567", 10, 1);
        bill.add(&flat, "+1", 10, 1);
        assert_eq!((bill.cost(), bill.texts(1, 1).places.len()), (2.0, 1), "one price for all is one line");
    }
}
