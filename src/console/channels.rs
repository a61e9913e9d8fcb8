//! Channels: who carries what, how they do, what limits them. And the ways in which customers reach us.

use serde_json::json;

use super::{
    enter::{Answer, Desk},
    form::Form,
    page::{self, Frame},
    time::{Times, number},
    words::say,
};
use crate::{
    compose::route::{ContactRoute, in_locale},
    pace::{BreakerState, Health},
    people::Role,
    problem::Problem,
    send::Event,
};

/// The providers.
pub(super) async fn show(desk: Desk) -> Answer {
    let times = Times::of(&desk.app);
    let backlog = desk.app.store.backlog().await?;
    let health = desk.app.engine.health();
    let rows = desk.app.engine.routes().map(|route| {
        let manifest = route.provider.manifest();
        let health = health.iter().find(|(_, name, _)| *name == manifest.name).map(|(_, _, health)| health);
        let waits = backlog.iter().find(|(channel, _, _)| *channel == manifest.channel).map(|(_, n, _)| number(*n));
        let limits = route.pacer.limits();
        let rate = limits.per_second.map(|rate| format!("{rate} a second, {} at once", limits.burst));
        json!({
            "label": say("channel", manifest.channel.as_str()),
            "name": manifest.name,
            "kind": manifest.kind,
            "stands": health.map(stands),
            "share": health.filter(|health| health.share < 1.0).map(|health| (health.share * 100.0).round()),
            "idle": health.is_some_and(|health| health.share <= 0.0),
            "up": health.is_none_or(|health| health.up),
            "trouble": health.and_then(|health| health.last_trouble.clone()),
            "until": health.and_then(|health| health.waits_until).map(|at| times.full(at)),
            "rate": rate,
            "domain": limits.per_domain_per_second,
            "connections": manifest.limits.connections.get(),
            "receipts": manifest.receipts,
            "leaves": manifest.leaves,
            "limit": manifest.text_limit.map(|limit| limit.max),
            "waits": waits,
        })
    });
    let body = json!({ "rows": rows.collect::<Vec<_>>(), "writable": desk.app.engine.is_writable() });
    page::show(
        &desk,
        &Frame { template: "channels", nav: "channels", title: "Channels".to_owned(), exercise: false },
        body,
    )
    .await
}

/// What a provider's own word and its failures make of it; empty where nothing does.
fn stands(health: &Health) -> String {
    let breaker = match health.breaker {
        BreakerState::Closed => None,
        BreakerState::Open => Some("nothing is tried for now".to_owned()),
        BreakerState::HalfOpen => Some("one message is on its way, to see".to_owned()),
    };
    let slowed = health.slowed_to.map(|rate| format!("slowed down to {rate:.1} a second"));
    breaker.into_iter().chain(slowed).collect::<Vec<_>>().join(" · ")
}

/// The contact routes.
pub(super) async fn routes(desk: Desk) -> Answer {
    let default = desk.app.default_locale();
    let routes = desk.app.store.routes().await?;
    let rows = routes.iter().map(|route| {
        json!({ "id": route.id, "need": in_locale(&route.need, default, default), "how": route.how, "hours": in_locale(&route.hours, default, default),
            "overloaded": route.overloaded, "wording": in_locale(&route.overloaded_wording, default, default) })
    });
    let frame = Frame { template: "routes", nav: "channels", title: "Contact routes".to_owned(), exercise: false };
    page::show(&desk, &frame, json!({ "rows": rows.collect::<Vec<_>>() })).await
}

/// Says that more people come one way than can be served, or that it is over; or adds a route.
pub(super) async fn overload(desk: Desk, form: Form) -> Answer {
    desk.app.may(&desk.actor, Role::Author, "write")?;
    let by = desk.actor.audit_name();
    let routes = desk.app.store.routes().await?;
    let route = match form.get("id") {
        "" => added(&desk, &form, routes.len())?,
        id => {
            let id: i64 = id.parse().map_err(|_| Problem::missing("there is no such contact route"))?;
            let known = routes
                .into_iter()
                .find(|route| route.id == id)
                .ok_or_else(|| Problem::missing("there is no such contact route"))?;
            ContactRoute { overloaded: form.get("overloaded") == "1", ..known }
        }
    };
    let entry = desk.app.entry(&by, "route.save", "", json!({ "id": route.id, "overloaded": route.overloaded }));
    desk.app.store.put_route(&route, &entry).await?;
    desk.app.engine.tell(Event::Public);
    page::to("/console/routes")
}

fn added(desk: &Desk, form: &Form, position: usize) -> Result<ContactRoute, Problem> {
    let text = |name: &str| {
        let said = form.get(name);
        if said.is_empty() {
            Default::default()
        } else {
            std::collections::BTreeMap::from([(desk.app.default_locale().to_owned(), said.to_owned())])
        }
    };
    let (need, how) = (text("need"), form.get("how").to_owned());
    if need.is_empty() || how.is_empty() {
        return Err(Problem::invalid(
            "/need",
            "a contact route needs what it is for, and a phone number, mail address or https address",
        ));
    }
    Ok(ContactRoute {
        need,
        how,
        hours: text("hours"),
        overloaded_wording: text("wording"),
        position: position as i64,
        ..ContactRoute::default()
    })
}
