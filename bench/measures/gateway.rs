//! P6b: text messages through an HTTP gateway that answers at once, against a load generator.

use std::{fs, process::Command, time::Instant};

use crate::{
    parts::{
        folder, port,
        process::{Process, run},
        ready,
    },
    report::{Bounds, Measure, figure},
    stage::{self, Stage},
};

const CONNECTIONS: usize = 64;

/// nginx answers 202; wrk posts the same body over as many connections.
pub async fn texts(divide: usize) -> Vec<Measure> {
    let people = 50_000 / divide;
    let folder = folder::work();
    let listen = port::free();
    let settings = format!(
        "worker_processes 1; daemon off; pid nginx.pid; error_log stderr error;\n\
         events {{ worker_connections 512; }}\n\
         http {{ access_log off; keepalive_requests 1000000; client_body_temp_path body; proxy_temp_path p; fastcgi_temp_path f;\n\
         uwsgi_temp_path u; scgi_temp_path s;\n\
         server {{ listen 127.0.0.1:{listen} backlog=1024; location / {{ return 202; }} }} }}\n"
    );
    fs::write(folder.path().join("nginx.conf"), settings).expect("the folder is writable");
    let mut command = Command::new("nginx");
    command.args(["-p"]).arg(folder.path()).args(["-c", "nginx.conf"]);
    let _nginx = Process::start("nginx", &command, folder.path());
    ready::listening(listen, "nginx").await;
    let provider = format!(
        "[[provider]]\nname = \"texts\"\nkind = \"sms-http\"\nurl = \"http://127.0.0.1:{listen}/send\"\n\
         from = \"+441632960000\"\njson = {{ sender = \"{{from}}\", recipient = \"{{to}}\", body = \"{{text}}\" }}\n\
         limits = {{ per_second = 1000000, burst = 1000000, connections = {CONNECTIONS} }}\n"
    );
    let stage = Stage::with(&provider, people, stage::To::Phone).await;
    let body = format!(
        "{{\"sender\":\"+441632960000\",\"recipient\":\"+447700900000\",\"body\":\"{}\"}}",
        "Acme: Card payments are failing in Europe. ".repeat(4)
    );
    let script =
        format!("wrk.method = \"POST\"\nwrk.headers[\"Content-Type\"] = \"application/json\"\nwrk.body = [[{body}]]\n");
    fs::write(folder.path().join("post.lua"), script).expect("the folder is writable");
    let mut pairs = Vec::new();
    let mut cost = String::new();
    for pair in 0..=5 {
        let start = Instant::now();
        let ended = stage.carry().await;
        let ours = people as f64 / ended.took.as_secs_f64();
        let seconds = start.elapsed().as_secs().clamp(2, 10);
        let mut wrk = Command::new("wrk");
        wrk.args(["-t", "1", "-c", &CONNECTIONS.to_string(), "-d", &format!("{seconds}s"), "-s"]);
        wrk.arg(folder.path().join("post.lua")).arg(format!("http://127.0.0.1:{listen}/send"));
        let said = run(wrk).await;
        let rate = said.lines().find_map(|line| line.trim().strip_prefix("Requests/sec:")?.trim().parse::<f64>().ok());
        let reference = rate.unwrap_or_else(|| panic!("wrk says no rate: {said}"));
        println!("ours {} texts/s, wrk {} requests/s", figure(ours), figure(reference));
        cost = format!("{}; wrk neither personalises nor records", stage::cost(ended.used, people as f64));
        if pair > 0 {
            pairs.push((ours, reference));
        }
    }
    let bounds = Bounds { floor: 0.25, aim: 0.4, less: false };
    vec![Measure::of_pairs("P6b", "texts by an HTTP gateway, recorded, over wrk", "texts/s", bounds, &pairs, cost)]
}
