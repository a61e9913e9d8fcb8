//! The demo's world: a thousand customers, three components, three contact routes, two segments, two colleagues.

use std::collections::BTreeMap;

use onevoice_channels::contract::Channel;

use crate::{
    app::App,
    compose::{route::ContactRoute, status::ComponentStatus},
    people::{Role, credentials},
    problem::Problem,
    store::people::Change,
    store::{
        components::Component,
        recipients::{Address, Recipient, Suppression},
    },
    world::random_hex,
};

/// How many customers the demo has.
pub const AUDIENCE: usize = 1_000;

const GIVEN: [&str; 20] = [
    "Maria", "João", "Aisha", "Lukas", "Zoë", "Chen", "Amélie", "Omar", "Ingrid", "Søren", "Priya", "Mateusz", "Noor",
    "Élodie", "Ben", "Yuki", "Fatima", "Jürgen", "Ana", "Kwame",
];
const FAMILY: [&str; 17] = [
    "Jensen", "García", "Okafor", "Müller", "Dubois", "Wang", "Kowalski", "Silva", "Haddad", "Larsen", "Patel",
    "Rossi", "Nowak", "Sato", "Brown", "Weber", "Mensah",
];

/// A colleague of the demo.
pub struct Colleague {
    /// Their name.
    pub name: &'static str,
    /// What they sign in with.
    pub email: &'static str,
    /// Their role.
    pub role: Role,
    /// Their password, made for this start.
    pub password: String,
}

/// The two colleagues, with fresh passwords: one writes, the other approves.
pub async fn colleagues(app: &App) -> Result<[Colleague; 2], Problem> {
    let fresh = |name, email, role| Colleague { name, email, role, password: password(app) };
    let both = [
        fresh("Ana Ruiz", "ana@acme.example", Role::Author),
        fresh("Ben Okafor", "ben@acme.example", Role::Administrator),
    ];
    for colleague in &both {
        let hash = crate::people::sign_in::hash_password(app, &colleague.password).await?;
        let entry = app.entry("system", "person.set", "demo", serde_json::json!({}));
        match app.store.person_by_email(colleague.email).await? {
            Some((known, _)) => {
                let change = Change { active: Some(true), password_hash: Some(&hash), ..Change::default() };
                app.store.change_person(known.id, &change, &entry).await?;
            }
            None => drop(app.store.add_person(colleague.email, colleague.name, colleague.role, &hash, &entry).await?),
        }
    }
    Ok(both)
}

/// Four groups of four: 64 bits, easy to type.
pub(super) fn password(app: &App) -> String {
    let text = random_hex::<8>(app.world.random.as_ref());
    [&text[..4], &text[4..8], &text[8..12], &text[12..]].join("-")
}

/// A key for the colleague who writes, for programs.
pub async fn key(app: &App, email: &str) -> Result<String, Problem> {
    let (person, _) = app.store.person_by_email(email).await?.ok_or_else(Problem::internal)?;
    let key = credentials::new_key(app.world.random.as_ref());
    let shown = crate::store::people::ApiKey {
        id: 0,
        prefix: key.prefix.clone(),
        name: "demo".to_owned(),
        person_id: person.id,
        scopes: ["read", "write", "submit", "announce"].map(str::to_owned).to_vec(),
        created_at: app.world.clock.now(),
        expires_at: None,
        revoked_at: None,
    };
    app.store.add_key(&shown, &key.hash, &app.entry("system", "key.add", "demo", serde_json::json!({}))).await?;
    Ok(key.shown)
}

/// Fills an empty database; one that has people already stays as it is.
pub async fn fill(app: &App) -> Result<(), Problem> {
    if app.store.recipient_count().await? > 0 {
        return Ok(());
    }
    let now = app.world.clock.now();
    let entry = app.entry("system", "demo.fill", "demo", serde_json::json!({}));
    for (position, (name, description)) in [
        ("Payments", "Card payments and transfers"),
        ("Search", "Search in the shop"),
        ("Accounts", "Sign-in and profile"),
    ]
    .into_iter()
    .enumerate()
    {
        let component = Component {
            id: 0,
            name: name.to_owned(),
            description: description.to_owned(),
            group: String::new(),
            status: ComponentStatus::Operational,
            position: position as i64,
            created_at: now,
            updated_at: now,
        };
        app.store.put_component(&component, &entry).await?;
    }
    for route in routes() {
        app.store.put_route(&route, &entry).await?;
    }
    app.store.put_segment(None, "Payments subscribers", "component \"Payments\"", &entry).await?;
    app.store.put_segment(None, "Business customers", "plan = \"business\"", &entry).await?;
    let import = app.store.begin_import("system", now).await?;
    let people: Vec<Recipient> = (0..AUDIENCE).map(customer).collect();
    app.store.put_recipients(&people, import, now).await?;
    app.store.end_import(import, AUDIENCE as i64, 0, false, &entry).await?;
    for place in [3, 217, 218, 640] {
        suppress(app, &people[place]).await?;
    }
    Ok(())
}

async fn suppress(app: &App, person: &Recipient) -> Result<(), Problem> {
    let Some(address) = person.addresses.first() else { return Ok(()) };
    let suppression = Suppression {
        channel: address.channel,
        value: address.value.clone(),
        reason: "opted_out".to_owned(),
        note: "sample".to_owned(),
        created_at: app.world.clock.now(),
        expires_at: None,
        created_by: "demo".to_owned(),
    };
    let entry = app.entry("system", "suppression.add", "demo", serde_json::json!({}));
    Ok(app.store.suppress(&suppression, &entry).await?)
}

fn customer(place: usize) -> Recipient {
    let (given, family) = (GIVEN[place % GIVEN.len()], FAMILY[place % FAMILY.len()]);
    let plain = |name: &str| name.chars().filter(char::is_ascii).collect::<String>().to_lowercase();
    let mut addresses = Vec::new();
    // Nine in ten have mail, three in ten a mobile number; a few have neither.
    if !place.is_multiple_of(10) {
        addresses.push(Address {
            channel: Channel::Email,
            value: format!("{}.{}{place}@customer.example", plain(given), plain(family)),
        });
    }
    if place % 10 < 3 && !place.is_multiple_of(100) {
        addresses.push(Address { channel: Channel::Sms, value: format!("+4477009{place:05}") });
    }
    let german = matches!(given, "Lukas" | "Jürgen" | "Ingrid");
    let locale = if german {
        "de"
    } else if given == "Amélie" {
        "fr"
    } else {
        "en"
    };
    let plan = ["free", "personal", "business"][place % 3];
    Recipient {
        customer_id: format!("C{:05}", place + 1),
        name: if place % 97 == 5 { String::new() } else { format!("{given} {family}") },
        locale: locale.to_owned(),
        time_zone: if german { "Europe/Berlin" } else { "Europe/London" }.to_owned(),
        addresses,
        attributes: BTreeMap::from([
            ("plan".to_owned(), plan.to_owned()),
            ("country".to_owned(), if german { "DE" } else { "GB" }.to_owned()),
        ]),
        tags: if place.is_multiple_of(50) { vec!["vip".to_owned()] } else { Vec::new() },
        components: if place % 4 == 3 {
            vec!["Search".to_owned()]
        } else {
            vec!["Payments".to_owned(), "Accounts".to_owned()]
        },
    }
}

fn routes() -> [ContactRoute; 3] {
    let both =
        |en: &str, de: &str| BTreeMap::from([("en".to_owned(), en.to_owned()), ("de".to_owned(), de.to_owned())]);
    let route = |position, need, how: &str, label, hours, overloaded_wording| ContactRoute {
        id: 0,
        need,
        how: how.to_owned(),
        label,
        hours,
        overloaded: false,
        overloaded_wording,
        position,
    };
    let busy = || {
        both("Many people call at the moment: the chat is faster.", "Gerade rufen viele an: Der Chat ist schneller.")
    };
    [
        route(
            0,
            both("Urgent payments", "Dringende Zahlungen"),
            "+44 20 7946 0000",
            BTreeMap::new(),
            both("day and night", "Tag und Nacht"),
            busy(),
        ),
        route(
            1,
            both("Questions", "Fragen"),
            "https://help.acme.example/chat",
            both("Chat", "Chat"),
            both("8 to 20 h", "8 bis 20 Uhr"),
            BTreeMap::new(),
        ),
        route(
            2,
            both("Refunds", "Erstattungen"),
            "https://help.acme.example/refunds",
            both("Portal", "Portal"),
            both("always, the fastest way", "immer, am schnellsten"),
            BTreeMap::new(),
        ),
    ]
}
