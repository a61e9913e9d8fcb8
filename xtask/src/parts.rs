//! `cargo xtask parts`: what is missing is listed, agreed to, and installed. What is there costs a look at a few files.

use std::io::{self, Write};

use crate::place::Place;
use crate::{Result, debian, node, python};

/// One thing that is not as the tests need it.
pub struct Change {
    /// What will be done, for the person who is asked.
    pub what: String,
    /// Does it.
    pub make: Box<dyn FnOnce(&Place) -> Result>,
}

/// Brings the machine and the parts folder to what the tests need; or the benchmark, which needs some more.
///
/// # Errors
/// When a change was declined, has to be made by hand, or failed.
pub fn install(place: &Place, yes: bool, bench: bool) -> Result {
    // Debian's packages come first, by themselves: whether the others are up to date is asked of the node and python
    // that they bring.
    let debian = debian::change(bench)?.into_iter().collect();
    make(place, debian, yes)?;
    let mut rest = node::changes(place)?;
    rest.extend(python::changes(place)?);
    make(place, rest, yes)
}

fn make(place: &Place, changes: Vec<Change>, yes: bool) -> Result {
    if changes.is_empty() {
        return Ok(());
    }
    println!("The tests need these changes:");
    for change in &changes {
        println!("  * {}", change.what);
    }
    if !yes && !agreed()? {
        return Err("nothing was changed; `--yes` agrees in advance".into());
    }
    changes.into_iter().try_for_each(|change| (change.make)(place))
}

/// Asks. An empty or closed standard input is a no.
fn agreed() -> Result<bool> {
    print!("Make them? [y/N] ");
    io::stdout().flush()?;
    let mut answer = String::new();
    io::stdin().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}
