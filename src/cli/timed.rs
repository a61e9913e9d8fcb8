//! `onevoice timer` and `onevoice plan`: recurring notices and planned work, sent by prepared messages at their time.

use axum::http::Method;
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::{
    client::{Client, Daemon},
    failure::Failure,
    person,
    prepared::pair,
    table::{plain, table},
};

/// What both have.
#[derive(Args, Clone, Debug)]
pub struct Common {
    /// How colleagues know it.
    #[arg(long)]
    name: String,
    /// The prepared message, by number or name. Two people approved it for timers.
    #[arg(long, value_name = "NAME")]
    playbook: String,
    /// A value of the prepared message; give it once for each.
    #[arg(long = "set", value_name = "NAME=VALUE", value_parser = pair)]
    values: Vec<(String, String)>,
    /// The IANA time zone in which times are meant; else the organisation's.
    #[arg(long)]
    zone: Option<String>,
    /// Only practice: nothing of it leaves.
    #[arg(long)]
    exercise: bool,
}

/// How the daemon is found, who asks, and how it is answered.
#[derive(Args, Clone, Debug)]
pub struct Way {
    /// Your mail address, where you sign in; asked for when not given.
    #[arg(long, env = "ONEVOICE_EMAIL")]
    email: Option<String>,
    /// Prints JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    daemon: Daemon,
}

/// Recurring notices.
#[derive(Subcommand, Clone, Debug)]
pub enum Timer {
    /// Lists recurring notices, with their next times.
    List {
        #[command(flatten)]
        way: Way,
    },
    /// Sets one up, and prints its next five times.
    Add {
        #[command(flatten)]
        common: Common,
        /// When: minute, hour, day of the month, month, day of the week, such as "0 9 * * 1".
        #[arg(long)]
        cron: String,
        /// The last moment at which it may be sent, such as 2026-12-31T23:59.
        #[arg(long, value_name = "TIME")]
        until: Option<String>,
        #[command(flatten)]
        way: Way,
    },
    /// Cancels one.
    Cancel {
        /// Its number, as `timer list` shows it.
        id: i64,
        #[command(flatten)]
        way: Way,
    },
}

/// Planned work.
#[derive(Subcommand, Clone, Debug)]
pub enum Plan {
    /// Lists planned work, the next one first.
    List {
        #[command(flatten)]
        way: Way,
    },
    /// Plans work; it is announced at once, and ahead of its beginning.
    Add {
        #[command(flatten)]
        common: Common,
        /// When it begins, such as 2026-12-05T02:00.
        #[arg(long, value_name = "TIME")]
        from: String,
        /// When it ends.
        #[arg(long, value_name = "TIME")]
        until: String,
        /// How long before its beginning it is announced: 7d, 24h, 1h. Give it once for each.
        #[arg(long = "lead", value_name = "TIME")]
        leads: Vec<String>,
        /// A component besides the prepared message's own, by number or name; give it once for each.
        #[arg(long = "component", value_name = "NAME")]
        components: Vec<String>,
        /// Does not announce it now, only ahead of its beginning.
        #[arg(long)]
        later: bool,
        #[command(flatten)]
        way: Way,
    },
    /// Gives it other times; those who were told of the old ones are told.
    Move {
        /// Its number, as `plan list` shows it.
        id: i64,
        /// When it begins.
        #[arg(long, value_name = "TIME", required_unless_present = "until")]
        from: Option<String>,
        /// When it ends; work that goes on can be given a later end.
        #[arg(long, value_name = "TIME")]
        until: Option<String>,
        #[command(flatten)]
        way: Way,
    },
    /// Ends work that goes on, before its time.
    End {
        /// Its number.
        id: i64,
        #[command(flatten)]
        way: Way,
    },
    /// Cancels work that has not begun; those who were told of it are told.
    Cancel {
        /// Its number.
        id: i64,
        #[command(flatten)]
        way: Way,
    },
}

impl Way {
    /// A client in somebody's name: a timer has a person behind it.
    async fn writer(&self) -> Result<Client, Failure> {
        let client = self.daemon.client()?;
        if client.is_somebody() { Ok(client) } else { person::sign_in(client, self.email.as_deref()).await }
    }

    fn say(&self, answer: &Value, said: impl FnOnce() -> String) {
        if self.json {
            println!("{answer}");
        } else {
            println!("{}", said());
        }
    }
}

impl Common {
    fn body(&self, more: Value) -> Value {
        let values: serde_json::Map<String, Value> =
            self.values.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
        let mut body = json!({ "name": self.name, "playbook": self.playbook, "variables": values, "zone": self.zone,
            "exercise": self.exercise });
        if let (Some(body), Value::Object(more)) = (body.as_object_mut(), more) {
            body.extend(more);
        }
        body
    }
}

/// Does what is asked of recurring notices.
///
/// # Errors
/// [`Failure`].
pub async fn timer(timer: &Timer) -> Result<(), Failure> {
    match timer {
        Timer::List { way } => {
            let timers = way.daemon.client()?.whole("/timers").await?;
            let header = ["timer", "next", "when", "last", "name"];
            listed(way, timers, &header, |timer| {
                vec![
                    first(timer),
                    format!("{} {}", text(timer, "/cron"), text(timer, "/zone")),
                    outcome(timer, "/last"),
                ]
            })
        }
        Timer::Add { common, cron, until, way } => {
            let body = common.body(json!({ "cron": cron, "until": until }));
            let made = way.writer().await?.post("/timers", &body).await?;
            way.say(&made, || {
                let next = made["next"].as_array().into_iter().flatten().filter_map(Value::as_str);
                let next: String = next.map(|at| format!("\n  {at}")).collect();
                format!("timer {} is set up; it is sent at{next}", made["id"])
            });
            Ok(())
        }
        Timer::Cancel { id, way } => {
            way.writer().await?.call(Method::DELETE, &format!("/timers/{id}"), None).await?;
            println!("timer {id} is cancelled");
            Ok(())
        }
    }
}

/// Does what is asked of planned work.
///
/// # Errors
/// [`Failure`].
pub async fn plan(plan: &Plan) -> Result<(), Failure> {
    let nothing = json!({});
    match plan {
        Plan::List { way } => {
            let plans = way.daemon.client()?.whole("/plans").await?;
            let header = ["plan", "next", "from", "last", "name"];
            listed(way, plans, &header, |plan| vec![first(plan), text(plan, "/from"), outcome(plan, "/done/0")])
        }
        Plan::Add { common, from, until, leads, components, later, way } => {
            let leads = (!leads.is_empty()).then_some(leads);
            let body = common.body(json!({ "from": from, "until": until, "leads": leads, "components": components,
                "announce_at_once": !later }));
            let made = way.writer().await?.post("/plans", &body).await?;
            said(way, &made, "is planned");
            Ok(())
        }
        Plan::Move { id, from, until, way } => {
            let times = json!({ "from": from, "until": until });
            let moved = way.writer().await?.post(&format!("/plans/{id}/move"), &times).await?;
            said(way, &moved, "has its new times");
            Ok(())
        }
        Plan::End { id, way } => {
            let ended = way.writer().await?.post(&format!("/plans/{id}/end"), &nothing).await?;
            said(way, &ended, "is over");
            Ok(())
        }
        Plan::Cancel { id, way } => {
            let cancelled = way.writer().await?.post(&format!("/plans/{id}/cancel"), &nothing).await?;
            said(way, &cancelled, "is cancelled");
            Ok(())
        }
    }
}

/// What was done, and what lies ahead.
fn said(way: &Way, plan: &Value, what: &str) {
    way.say(plan, || {
        let ahead = plan["next"].as_array().into_iter().flatten();
        let ahead: String =
            ahead.map(|next| format!("\n  {}  {}", text(next, "/shown"), text(next, "/step"))).collect();
        format!("plan {} {what}{ahead}", plan["id"])
    });
}

fn listed(way: &Way, all: Vec<Value>, header: &[&str], row: impl Fn(&Value) -> Vec<String>) -> Result<(), Failure> {
    if way.json {
        println!("{}", Value::Array(all));
        return Ok(());
    }
    let whole = |one: &Value| {
        let ends = [one["id"].to_string(), text(one, "/name")];
        [vec![ends[0].clone()], row(one), vec![ends[1].clone()]].concat()
    };
    print!("{}", table(header, &all.iter().map(whole).collect::<Vec<_>>()));
    Ok(())
}

fn text(of: &Value, at: &str) -> String {
    plain(of.pointer(at).and_then(Value::as_str).unwrap_or_default())
}

/// The next thing that happens: a timer's times are texts, a plan's steps have one.
fn first(of: &Value) -> String {
    let next = text(of, "/next/0");
    if next.is_empty() { text(of, "/next/0/shown") } else { next }
}

fn outcome(of: &Value, at: &str) -> String {
    let late = of.pointer(&format!("{at}/late_seconds")).and_then(Value::as_i64).filter(|late| *late >= 60);
    let late = late.map(|late| format!(", {} min late", late / 60)).unwrap_or_default();
    text(of, &format!("{at}/outcome")) + &late
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_became_of_the_last_time_says_how_late_it_was() {
        let timer =
            json!({ "next": ["2026-03-09T09:00:00+01:00"], "last": { "outcome": "sent", "late_seconds": 125 } });
        assert_eq!(
            (first(&timer).as_str(), outcome(&timer, "/last").as_str()),
            ("2026-03-09T09:00:00+01:00", "sent, 2 min late")
        );
        let plan = json!({ "next": [{ "shown": "2026-03-10T02:00:00+01:00" }], "done": [{ "outcome": "waits", "late_seconds": 0 }] });
        assert_eq!((first(&plan).as_str(), outcome(&plan, "/done/0").as_str()), ("2026-03-10T02:00:00+01:00", "waits"));
        assert_eq!(outcome(&json!({ "last": null }), "/last"), "");
    }
}
