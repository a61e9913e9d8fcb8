//! P17 and P18: what somebody at the console waits for.

use std::{process::Stdio, time::Instant};

use serde_json::{Value, json};

use crate::{
    parts::{browser, http, port, ready},
    report::{Bounds, Measure, figure},
    site::content,
    stage::{self, Stage, To},
};

/// Words typed into the headline.
const TYPED: usize = 40;
/// Times that everybody is searched by each way of looking.
const ROUNDS: usize = 50;

/// P17: from the last key to the previews of all channels, in Chromium on the demo's data.
pub async fn previews(_: usize) -> Vec<Measure> {
    let folder = tempfile::tempdir().expect("a folder");
    let address = format!("127.0.0.1:{}", port::free());
    let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_onevoice"));
    command.args(["demo", "--listen", &address, "--data"]).arg(folder.path());
    let log = folder.path().join("said");
    let file = std::fs::File::create(&log).expect("the folder is writable");
    let demo = command.stdout(file).stderr(Stdio::null()).kill_on_drop(true).spawn().expect("the demo starts");
    let said = ready::until("the demo to say its passwords", async || {
        std::fs::read_to_string(&log).ok().filter(|said| said.contains("Ctrl-C"))
    })
    .await;
    let password = said.split("password ").nth(1).and_then(|rest| rest.split_whitespace().next()).expect("a password");
    let key = said.split_whitespace().find(|word| word.starts_with("ov_")).expect("a key");
    let base = format!("http://{address}");
    let post = async |path: &str, body: Value| {
        let request = http::client().post(format!("{base}/api/v1{path}")).bearer_auth(key).json(&body);
        let answer = request.send().await.expect("the demo answers").error_for_status().expect("it takes it");
        answer.json::<Value>().await.expect("JSON")["id"].as_i64().expect("a number")
    };
    let incident = post("/incidents", json!({ "kind": "incident", "title": "Card payments fail" })).await;
    let mut both = content("investigating", "Card payments are failing in Europe");
    both["variants"][0]["facts"]["de"] = both["variants"][0]["facts"]["en"].clone();
    let update = post(&format!("/incidents/{incident}/updates"), json!({ "content": both })).await;
    let argument =
        json!({ "base": base, "email": "ana@acme.example", "password": password, "update": update, "times": TYPED });
    let seen = browser::run_script("bench/typing.mjs", argument).await;
    drop(demo);
    let mut times: Vec<f64> = seen["times"].as_array().into_iter().flatten().filter_map(Value::as_f64).collect();
    assert_eq!(times.len(), TYPED, "{seen}");
    let cost = format!(
        "{} places in 2 languages, the mail as a frame; median {} ms",
        seen["places"],
        figure(crate::report::median(times.iter().copied()))
    );
    let what = "from the last key to the previews of all channels in Chromium, 95 of 100";
    vec![of_most("P17", what, Bounds { floor: 300.0, aim: 120.0, less: true }, &mut times, cost)]
}

/// P18: finding somebody among a million by name, address, number and customer id, at the server.
pub async fn search(divide: usize) -> Vec<Measure> {
    let people = 1_000_000 / divide;
    let stage = Stage::with(&stage::relay(25, 1), people, To::Mail).await;
    let mut times = Vec::new();
    for round in 0..ROUNDS {
        let place = round * 7919 % people;
        let one = format!("Jensen-{place}");
        for asked in
            ["Maria", "Maria Jen", &one, &stage::address(place), &format!("m{place:07}"), "p0", "nobody at all"]
        {
            let start = Instant::now();
            let found =
                stage.author.http.get(format!("{}/api/v1/recipients", stage.daemon.base)).query(&[("q", asked)]);
            let found = stage.author.text(found).await;
            times.push(start.elapsed().as_secs_f64() * 1e3);
            assert!(found.contains("customer_id") != (asked == "nobody at all"), "{asked}: {found}");
        }
    }
    let cost = format!("{} searches, median {} ms", times.len(), figure(crate::report::median(times.iter().copied())));
    let what = "finding somebody among 1,000,000, 95 of 100";
    vec![of_most("P18", what, Bounds { floor: 100.0, aim: 20.0, less: true }, &mut times, cost)]
}

/// The time that 95 of 100 stay below.
fn of_most(id: &'static str, what: &'static str, bounds: Bounds, times: &mut [f64], cost: String) -> Measure {
    times.sort_by(f64::total_cmp);
    let at = times[times.len() * 95 / 100];
    let all = Measure::of_figures(id, what, "ms", bounds, times.to_vec(), cost);
    Measure { ratio: at, ours: at, ..all }
}
