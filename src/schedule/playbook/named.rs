//! Which playbook a machine means: by number, by a name that it has or had, or by that name as scripts write it.

use crate::{app::App, problem::Problem, store::playbooks::Stored};

/// A name as scripts write it: small letters and digits, with `-` for whatever lies between them.
pub fn plain(name: &str) -> String {
    let lower = name.to_lowercase();
    lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect::<Vec<_>>().join("-")
}

/// Finds a playbook. The one that has a name now goes before one that had it, and one in use before one put away.
///
/// # Errors
/// 422 at `/playbook` for a name that none has, and for one that two have.
pub async fn find(app: &App, name: &str) -> Result<Stored, Problem> {
    let known = app.store.playbook_names().await?;
    let number = name.trim().parse::<i64>().ok().filter(|id| known.iter().any(|(known, ..)| known == id));
    if let Some(id) = number {
        return Ok(app.store.playbook(id).await?);
    }
    let wanted = plain(name);
    let mut found: Vec<(bool, bool, i64)> = known
        .iter()
        .filter(|(_, known, ..)| plain(known) == wanted)
        .map(|(id, _, now, retired)| (*retired, !*now, *id))
        .collect();
    found.sort_unstable();
    let best = found.first().copied();
    found.retain(|one| best.is_some_and(|best| (one.0, one.1) == (best.0, best.1)));
    match found.as_slice() {
        [(.., id)] => Ok(app.store.playbook(*id).await?),
        [] => {
            let mut names: Vec<String> =
                known.iter().filter(|(.., now, retired)| *now && !retired).map(|known| plain(&known.1)).collect();
            names.sort_unstable();
            let detail = format!("there is no prepared message {name:?}; there are: {}", names.join(", "));
            Err(Problem::invalid("/playbook", detail))
        }
        several => {
            let numbers: Vec<String> = several.iter().map(|(.., id)| id.to_string()).collect();
            let detail =
                format!("several prepared messages are called {name:?}; give its number: {}", numbers.join(", "));
            Err(Problem::invalid("/playbook", detail))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_written_plainly() {
        assert_eq!(plain("Payments fail"), "payments-fail");
        assert_eq!(plain(" Zahlungen: schlagen  fehl! "), "zahlungen-schlagen-fehl");
        assert_eq!(plain("payments-fail"), "payments-fail");
    }
}
