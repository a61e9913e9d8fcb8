//! P1, P1b, P1t: mail as fast as the wire.

use std::{
    collections::{HashMap, HashSet},
    process::Stdio,
    sync::Arc,
    time::Instant,
};

use tokio::process::Command;

use crate::{
    bare,
    parts::{certificate::Certificate, folder},
    report::{Bounds, Measure, figure},
    sink::{self, Sink, Taken},
    stage::{self, CONNECTIONS, Ended, Stage},
};

const PAIRS: usize = 5;

/// Ours in clear text and with TLS, Postfix's load generator and a bare pipelined client, in turns, all to sinks that
/// hash and count.
pub async fn mail(divide: usize) -> Vec<Measure> {
    let people = 100_000 / divide;
    let keys = folder::work();
    let certificate = Certificate::make(keys.path()).await;
    let (plain_sink, tls_sink) = (Sink::start(None), Sink::start(Some(server(&certificate))));
    let plain = Stage::of(&stage::relay(plain_sink.port, CONNECTIONS), people).await;
    let tls_relay = stage::relay(tls_sink.port, CONNECTIONS)
        .replace("tls = \"none\"", &format!("tls = \"implicit\"\nca_file = {:?}", certificate.authority));
    let tls = Stage::of(&tls_relay, people).await;
    let (mut over_source, mut over_bare, mut tls_over_plain) = (Vec::new(), Vec::new(), Vec::new());
    let mut last = None;
    for pair in 0..=PAIRS {
        let ended = plain.carry().await;
        let size = check(&plain, &ended, &plain_sink.drain(), people).await;
        let ours = people as f64 / ended.took.as_secs_f64();
        let source = smtp_source(&plain_sink, people, size).await;
        let secured = tls.carry().await;
        check(&tls, &secured, &tls_sink.drain(), people).await;
        let with_tls = people as f64 / secured.took.as_secs_f64();
        let started = Instant::now();
        bare::carry(plain_sink.port, CONNECTIONS, people, size);
        let bare = people as f64 / started.elapsed().as_secs_f64();
        assert_eq!(plain_sink.drain().len(), people);
        println!(
            "mails/s of {size} bytes: ours {}, with TLS {}, smtp-source {}, bare client {} ({})",
            figure(ours),
            figure(with_tls),
            figure(source),
            figure(bare),
            stage::cost(ended.used, people as f64)
        );
        // The first round warms caches and is not counted.
        if pair > 0 {
            over_source.push((ours, source));
            over_bare.push((ours, bare));
            tls_over_plain.push((with_tls, ours));
            last = Some((ended, secured, size));
        }
    }
    let (ended, secured, size) = last.expect("there were pairs");
    let cost = format!("{size} bytes a mail; {}", stage::cost(ended.used, people as f64));
    let more = |floor, aim| Bounds { floor, aim, less: false };
    let unit = "mails/s";
    vec![
        Measure::of_pairs(
            "P1",
            "mail, personal and recorded, over smtp-source",
            unit,
            more(1.0, 1.5),
            &over_source,
            format!("{cost}; smtp-source neither personalises nor records"),
        ),
        Measure::of_pairs(
            "P1b",
            "the same over a bare pipelined client",
            unit,
            more(0.6, 0.8),
            &over_bare,
            format!("{cost}; the bare client has no templates and no database, two logs with fdatasync"),
        ),
        Measure::of_pairs(
            "P1t",
            "the same with TLS over without",
            unit,
            more(0.6, 0.8),
            &tls_over_plain,
            stage::cost(secured.used, people as f64),
        ),
    ]
}

fn server(certificate: &Certificate) -> Arc<rustls::ServerConfig> {
    use rustls::pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _};
    let chain =
        CertificateDer::pem_file_iter(&certificate.certificate).expect("a PEM file").map(|part| part.expect("PEM"));
    let key = PrivateKeyDer::from_pem_file(&certificate.key).expect("a PEM file");
    let config = rustls::ServerConfig::builder().with_no_client_auth().with_single_cert(chain.collect(), key);
    Arc::new(config.expect("the key fits"))
}

/// Everyone got one mail, all differ, and a sample has the text that the console shows; answers the mean size.
pub async fn check(stage: &Stage, ended: &Ended, taken: &[Taken], people: usize) -> usize {
    let by_recipient: HashMap<&str, &Taken> = taken.iter().map(|taken| (&*taken.recipient, taken)).collect();
    assert_eq!((taken.len(), by_recipient.len()), (people, people), "everyone has exactly one");
    let hashes: HashSet<u64> = taken.iter().map(|taken| taken.hash).collect();
    assert_eq!(hashes.len(), people, "every mail is personal");
    let mut sampled = 0;
    for (taken, bytes) in taken.iter().filter_map(|taken| Some((taken, taken.bytes.as_ref()?))) {
        // The snapshot is in the order of addresses, which is that of their numbers.
        let ordinal: i64 = taken.recipient[1..8].parse().expect("the address has its number");
        let shown = stage.author.get(&format!("/deliveries/{}-email-{ordinal}", ended.broadcast)).await;
        assert_eq!(shown["address"].as_str(), Some(&*taken.recipient));
        let parsed = mail_parser::MessageParser::default().parse(bytes).expect("it is a mail");
        let text = parsed.body_text(0).expect("it has a text");
        let expected = shown["message"]["text"].as_str().unwrap_or_default();
        assert_eq!(text.trim().replace("\r\n", "\n"), expected.trim(), "{}", taken.recipient);
        assert_eq!(sink::hash(bytes), taken.hash);
        sampled += 1;
    }
    assert!(sampled * 2000 >= people.min(2000), "a sample was compared");
    taken.iter().map(|taken| taken.size).sum::<usize>() / people
}

/// How many mails a second Postfix's load generator hands to the sink, over as many connections.
async fn smtp_source(sink: &Sink, count: usize, size: usize) -> f64 {
    let before = sink.count();
    let start = Instant::now();
    let status = Command::new("smtp-source")
        .args(["-d", "-s", &CONNECTIONS.to_string(), "-m", &count.to_string(), "-l", &size.to_string()])
        .args(["-f", "a@a.test", "-t", "b@b.test", &format!("127.0.0.1:{}", sink.port)])
        .stdin(Stdio::null())
        .status()
        .await
        .expect("smtp-source starts");
    let took = start.elapsed();
    assert!(status.success());
    assert_eq!(sink.count() - before, count as u64);
    sink.drain();
    count as f64 / took.as_secs_f64()
}
