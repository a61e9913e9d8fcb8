//! `onevoice gen`: writes the files of the repository that are made from the code.

use clap::Args;

use super::failure::Failure;
use crate::config::generated::generated_files;

/// How generated files are handled.
#[derive(Args, Clone, Debug)]
pub struct Gen {
    /// Writes nothing; fails when a file is out of date.
    #[arg(long)]
    pub check: bool,
}

/// Writes or checks each file, from the root of the repository.
///
/// # Errors
/// [`Failure`] that names the files.
pub fn run(generate: &Gen) -> Result<(), Failure> {
    let mut stale = Vec::new();
    for (path, text) in generated_files() {
        if std::fs::read_to_string(&path).is_ok_and(|found| found == text) {
            continue;
        }
        if !generate.check {
            std::fs::write(&path, text).map_err(|error| Failure::refused(format!("{}: {error}", path.display())))?;
            println!("{}", path.display());
        }
        stale.push(path.display().to_string());
    }
    match generate.check && !stale.is_empty() {
        true => Err(Failure::refused(format!("out of date: {}; run `onevoice gen`", stale.join(", ")))),
        false => Ok(()),
    }
}
