//! Components and contact routes, by the two-person rule: one person proposes a change, another makes it count.
//!
//! They stand in every message and on the public pages, so a wrong number there is a wrong message to everybody. Only on
//! an instance that has never had a second person does a change count at once: there is nobody to ask, and nobody who
//! could approve a message either. That ends for good with the second person who is added, whatever becomes of them.
//!
//! "Overloaded now" (`load`) is one click by one person: its words were approved with the route.

pub mod change;
pub mod load;
mod tell;
mod valid;

pub use self::{
    change::{Change, ComponentText, Ending, Noun, Proposal, RouteText},
    tell::tick as tell,
};
use crate::{
    app::App,
    people::{Actor, Person, Role},
    problem::Problem,
    send::Event,
};

/// Proposes a change: of a new one, or of the one of that number.
///
/// # Errors
/// 403 for viewers; 404; 409 where it says that already, or another has the name; 422 at the field.
pub async fn propose(
    app: &App,
    actor: &Actor,
    noun: Noun,
    target: Option<i64>,
    change: &Change,
) -> Result<Proposal, Problem> {
    let person = app.may(actor, Role::Author, "write")?;
    let change = valid::read(app, change)?;
    let before = match target {
        Some(id) => Some(current(app, noun, id).await?),
        None => None,
    };
    if before.as_ref() == Some(&change) {
        return Err(Problem::conflict("it says so already; nothing would change"));
    }
    if let Change::Component(text) = &change {
        let named = |other: &crate::store::components::Component| other.name == text.name && Some(other.id) != target;
        if app.store.components().await?.iter().any(named) {
            return Err(Problem::conflict("there is already a component with this name"));
        }
    }
    let by = actor.audit_name();
    let entry = app.entry(&by, "proposal.make", "", serde_json::json!({ "noun": noun, "target": target }));
    let id =
        app.store.add_proposal(noun, target, &change, before.as_ref(), person.map(|person| person.id), &entry).await?;
    let proposal = app.store.proposal(id).await?;
    changed(app, &proposal);
    Ok(proposal)
}

/// What one says now.
async fn current(app: &App, noun: Noun, id: i64) -> Result<Change, Problem> {
    let missing = || Problem::missing(format!("there is no such {}", noun.as_str().replace('_', " ")));
    match noun {
        Noun::Component => {
            let known = app.store.components().await?;
            let found = known.iter().find(|component| component.id == id).ok_or_else(missing)?;
            Ok(Change::Component(found.into()))
        }
        Noun::ContactRoute => {
            let known = app.store.routes().await?;
            let found = known.iter().find(|route| route.id == id).ok_or_else(missing)?;
            Ok(Change::ContactRoute(found.into()))
        }
    }
}

/// Who may make a proposal count: an approver, signed in, who did not propose it.
///
/// # Errors
/// 403, saying why not.
pub fn may_accept<'a>(app: &App, actor: &'a Actor, proposal: &Proposal) -> Result<&'a Person, Problem> {
    let person = approver(app, actor)?;
    if proposal.proposed_by == Some(person.id) {
        return Err(Problem::forbidden("you proposed it; somebody else has to make it count"));
    }
    Ok(person)
}

fn approver<'a>(app: &App, actor: &'a Actor) -> Result<&'a Person, Problem> {
    let Actor::Person(person) = actor else {
        return Err(Problem::forbidden(
            "no key and no operator makes a change count; an approver signs in and does it",
        ));
    };
    app.may(actor, Role::Approver, "")?;
    Ok(person)
}

/// Makes a proposal count.
///
/// # Errors
/// As [`may_accept`]; 404; 409 for one that is decided, or whose component or route was changed meanwhile.
pub async fn accept(app: &App, actor: &Actor, id: i64) -> Result<Proposal, Problem> {
    approver(app, actor)?;
    let proposal = app.store.proposal(id).await?;
    let person = may_accept(app, actor, &proposal)?;
    let (by, subject) = (actor.audit_name(), format!("proposal:{id}"));
    let entry = app.entry(&by, "proposal.accept", &subject, serde_json::json!({}));
    app.store.accept_proposal(id, person.id, &entry).await?;
    let proposal = app.store.proposal(id).await?;
    changed(app, &proposal);
    Ok(proposal)
}

/// Ends a proposal without it: whoever proposed it takes it back, an approver says no.
///
/// # Errors
/// 403; 404; 409 for one that is decided.
pub async fn decline(app: &App, actor: &Actor, id: i64) -> Result<Proposal, Problem> {
    let person = app.may(actor, Role::Author, "write")?;
    let proposal = app.store.proposal(id).await?;
    let own = proposal.proposed_by == person.map(|person| person.id);
    if !own {
        app.may(actor, Role::Approver, "write")?;
    }
    let (by, subject) = (actor.audit_name(), format!("proposal:{id}"));
    let (action, ending) = if own { ("withdraw", Ending::Withdrawn) } else { ("decline", Ending::Declined) };
    let action = format!("proposal.{action}");
    let entry = app.entry(&by, &action, &subject, serde_json::json!({}));
    app.store.end_proposal(id, person.map(|person| person.id), ending, &entry).await?;
    app.engine.tell(Event::Desk);
    Ok(app.store.proposal(id).await?)
}

fn changed(app: &App, proposal: &Proposal) {
    app.engine.tell(Event::Desk);
    if proposal.outcome == Some(Ending::Accepted) {
        app.engine.tell(Event::Public);
    }
}
