//! What was measured, as a file for machines and a table for people.

use std::{fs, path::Path};

use serde::{Deserialize, Serialize};

/// One measure: ours against a reference in the same run, or a figure by itself.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Measure {
    /// Its name: `P1`.
    pub id: String,
    /// What it measures.
    pub what: String,
    /// The median; what `floor` and `aim` speak of.
    pub ratio: f64,
    /// The lowest sample.
    pub low: f64,
    /// The highest sample.
    pub high: f64,
    /// Ours, in the measure's unit: the median.
    pub ours: f64,
    /// The reference's: the median; None where the figure stands by itself.
    pub reference: Option<f64>,
    /// The unit of `ours` and `reference`.
    pub unit: String,
    /// What has to be reached.
    pub floor: f64,
    /// What we aim for.
    pub aim: f64,
    /// True where less is better.
    pub less: bool,
    /// Every sample of the ratio.
    pub samples: Vec<f64>,
    /// CPU, memory and bytes written, and what the reference does not do.
    pub cost: String,
}

/// The bounds of a measure.
#[derive(Clone, Copy)]
pub struct Bounds {
    /// What has to be reached.
    pub floor: f64,
    /// What we aim for.
    pub aim: f64,
    /// True where less is better.
    pub less: bool,
}

impl Measure {
    /// From pairs of ours and the reference's, one ratio each.
    pub fn of_pairs(
        id: &'static str,
        what: &'static str,
        unit: &'static str,
        bounds: Bounds,
        pairs: &[(f64, f64)],
        cost: String,
    ) -> Measure {
        let samples: Vec<f64> = pairs.iter().map(|(ours, reference)| ours / reference).collect();
        let ours = median(pairs.iter().map(|pair| pair.0));
        let reference = Some(median(pairs.iter().map(|pair| pair.1)));
        Measure { reference, ..Measure::of_samples(id, what, unit, bounds, samples, ours, cost) }
    }

    /// From figures that stand by themselves.
    pub fn of_figures(
        id: &'static str,
        what: &'static str,
        unit: &'static str,
        bounds: Bounds,
        figures: Vec<f64>,
        cost: String,
    ) -> Measure {
        let ours = median(figures.iter().copied());
        Measure::of_samples(id, what, unit, bounds, figures, ours, cost)
    }

    fn of_samples(
        id: &'static str,
        what: &'static str,
        unit: &'static str,
        bounds: Bounds,
        samples: Vec<f64>,
        ours: f64,
        cost: String,
    ) -> Measure {
        let Bounds { floor, aim, less } = bounds;
        let (low, high) =
            samples.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), &at| (low.min(at), high.max(at)));
        Measure {
            id: id.to_owned(),
            what: what.to_owned(),
            ratio: median(samples.iter().copied()),
            low,
            high,
            ours,
            reference: None,
            unit: unit.to_owned(),
            floor,
            aim,
            less,
            samples,
            cost,
        }
    }

    /// The worst sample stands for the measure, where it promises a worst case.
    pub fn by_its_worst(mut self) -> Measure {
        self.ratio = if self.less { self.high } else { self.low };
        self.ours = if self.reference.is_none() { self.ratio } else { self.ours };
        self
    }

    fn verdict(&self) -> &'static str {
        let reaches = |bound: f64| if self.less { self.ratio <= bound } else { self.ratio >= bound };
        match (reaches(self.aim), reaches(self.floor)) {
            (true, _) => "aim",
            (_, true) => "floor",
            _ => "short",
        }
    }
}

/// The middle one.
pub fn median(figures: impl Iterator<Item = f64>) -> f64 {
    let mut sorted: Vec<f64> = figures.collect();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
}

#[derive(Serialize, Deserialize)]
struct Document {
    machine: String,
    date: String,
    measures: Vec<Measure>,
}

/// Writes `report.json` and `report.md` into a folder and prints the table. What was measured on the same day on the same
/// machine, and not again, stays.
pub fn write(folder: &Path, machine: &str, date: &str, measures: Vec<Measure>) {
    fs::create_dir_all(folder).expect("the target folder is writable");
    let path = folder.join("report.json");
    let known = fs::read(&path).ok().and_then(|bytes| serde_json::from_slice::<Document>(&bytes).ok());
    let mut document = known
        .filter(|known| (known.machine.as_str(), known.date.as_str()) == (machine, date))
        .unwrap_or(Document { machine: machine.to_owned(), date: date.to_owned(), measures: Vec::new() });
    document.measures.retain(|old| measures.iter().all(|new| new.id != old.id));
    document.measures.extend(measures);
    document.measures.sort_by_key(|measure| crate::measures::place(&measure.id));
    fs::write(&path, serde_json::to_string_pretty(&document).expect("figures are JSON"))
        .expect("the folder is writable");
    let table = table(machine, date, &document.measures);
    fs::write(folder.join("report.md"), &table).expect("the folder is writable");
    println!("\n{table}\nwritten to {}", folder.display());
}

fn table(machine: &str, date: &str, measures: &[Measure]) -> String {
    let mut text = format!("{date}, {machine}\n\n");
    text.push_str(
        "| | measure | median (spread) | at least / aim | | ours / reference | cost |\n|---|---|---|---|---|---|---|\n",
    );
    for measure in measures {
        let Measure { id, what, ratio, low, high, ours, reference, unit, floor, aim, less, cost, .. } = measure;
        let sign = if *less { "≤" } else { "≥" };
        let against = reference.map_or(String::new(), |reference| format!(" / {}", figure(reference)));
        text.push_str(&format!(
            "| {id} | {what} | **{}** ({} to {}) | {sign} {} / {} | {} | {}{against} {unit} | {cost} |\n",
            figure(*ratio),
            figure(*low),
            figure(*high),
            figure(*floor),
            figure(*aim),
            measure.verdict(),
            figure(*ours),
        ));
    }
    text
}

/// Three digits that matter.
pub fn figure(value: f64) -> String {
    match value.abs() {
        at if at >= 1000.0 => {
            let whole = format!("{value:.0}");
            let mut spaced = String::new();
            for (place, digit) in whole.chars().enumerate() {
                if place > 0 && (whole.len() - place) % 3 == 0 {
                    spaced.push(',');
                }
                spaced.push(digit);
            }
            spaced
        }
        at if at >= 100.0 => format!("{value:.0}"),
        at if at >= 10.0 => format!("{value:.1}"),
        at if at >= 1.0 => format!("{value:.2}"),
        _ => format!("{value:.3}"),
    }
}
