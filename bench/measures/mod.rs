//! The measures, one subject a file.

mod context;
mod desk;
mod fair;
mod forecast;
mod gateway;
mod import;
mod large;
pub mod readers;
mod sign;
mod speed;
mod start;
mod steer;
mod window;
mod wire;

use std::{future::Future, pin::Pin};

use crate::report::Measure;

type Measuring = fn(usize) -> Pin<Box<dyn Future<Output = Vec<Measure>>>>;

/// Every measure with the others that are taken with it, in the order they are taken.
pub const ALL: &[(&[&str], Measuring)] = &[
    (&["P1", "P1b", "P1t"], |divide| Box::pin(speed::mail(divide))),
    (&["P4"], |divide| Box::pin(sign::rsa(divide))),
    (&["P5"], |divide| Box::pin(wire::round_trips(divide))),
    (&["P6"], |divide| Box::pin(wire::limited(divide))),
    (&["P6b"], |divide| Box::pin(gateway::texts(divide))),
    (&["P7"], |divide| Box::pin(window::texts(divide))),
    (&["P8", "P8t"], |divide| Box::pin(readers::polls(divide))),
    (&["P9"], |divide| Box::pin(readers::streams(divide))),
    (&["P10", "P10r"], |divide| Box::pin(start::first_byte(divide))),
    (&["P11"], |divide| Box::pin(import::people(divide))),
    (&["P12", "P12r", "P13", "P16", "P20"], |divide| Box::pin(large::million(divide))),
    (&["P16o"], |divide| Box::pin(large::old_outcomes(divide))),
    (&["P14"], |divide| Box::pin(fair::lateness(divide))),
    (&["forecast"], |divide| Box::pin(forecast::against_the_clock(divide))),
    (&["nodemailer", "Postfix"], |divide| Box::pin(context::others(divide))),
    (&["P15"], |divide| Box::pin(steer::stop(divide))),
    (&["P17"], |divide| Box::pin(desk::previews(divide))),
    (&["P18"], |divide| Box::pin(desk::search(divide))),
    (&["P19"], |divide| Box::pin(start::alarm(divide))),
];

/// Where a measure stands in the table.
pub fn place(id: &str) -> usize {
    let ids = ALL.iter().flat_map(|(ids, _)| ids.iter());
    ids.into_iter().position(|known| *known == id).unwrap_or(usize::MAX)
}
