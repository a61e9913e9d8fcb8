//! The measures, one subject a file.

mod speed;

use std::{future::Future, pin::Pin};

use crate::report::Measure;

type Measuring = fn(usize) -> Pin<Box<dyn Future<Output = Vec<Measure>>>>;

/// Every measure by its first name, in the order they are taken.
pub const ALL: &[(&str, Measuring)] = &[("P1", |divide| Box::pin(speed::mail(divide)))];
