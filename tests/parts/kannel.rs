//! Kannel, a real SMS gateway, with its own simulated network behind it (fakesmsc), or a short message centre that it speaks
//! SMPP with.
//!
//! What it was seen to report to a `dlr-url` with `dlr-mask=31`: for every text, however many parts it has, type 8 (taken by the
//! network) and type 1 (delivered), in either order. Types 2, 4 and 16 do not come from this network; with the network away
//! (see [`Kannel::without_network`]) a text is answered `3: Queued for later delivery`.

use std::fs;
use std::process::Command;

use tempfile::TempDir;

use super::process::Process;
use super::smsc::{self, Smsc};
use super::{folder, port, ready};

/// The `username` and `password` that `/cgi-bin/sendsms` wants.
pub const LOGIN: (&str, &str) = ("u", "p");

/// A running gateway: bearerbox, smsbox, and the network.
pub struct Kannel {
    network: Option<Process>,
    _smsbox: Process,
    _bearerbox: Process,
    /// Where `/cgi-bin/sendsms` is, on 127.0.0.1.
    pub port: u16,
    admin_port: u16,
    network_port: u16,
    /// How many times the network was started: each start has a log of its own.
    networks: usize,
    folder: TempDir,
}

/// One part of a text as it reached the network.
#[derive(Debug, PartialEq, Eq)]
pub struct Part {
    /// The sender's number or name.
    pub from: String,
    /// The recipient's number as it was handed over.
    pub to: String,
    /// Whether it was sent in UCS-2, of which only 70 characters fit.
    pub ucs2: bool,
    /// The concatenation header: the reference, how many parts, which one. None when there is only one.
    pub concatenation: Option<(u8, u8, u8)>,
    /// The text of this part.
    pub text: String,
}

impl Kannel {
    /// Starts one that hands on what customers write by GET `{callback}/mo?kw=stop&from=…&to=…&text=…&id=…&charset=…&coding=…`:
    /// `kw` is `stop` for STOP and its like in any case, else `default`. `callback` is a URL without a slash at its end.
    pub async fn start(callback: &str) -> Self {
        Self::start_with(&format!("{callback}/mo?kw=stop"), &format!("{callback}/mo?kw=default")).await
    }

    /// Starts one that hands on what customers write by GET to these addresses, with `&from=…` and so on added: the first for
    /// STOP and its like, the second for the rest.
    pub async fn start_with(stop: &str, other: &str) -> Self {
        let network_port = port::free();
        let network = format!(
            "smsc = fake\nsmsc-id = FAKE\nport = {network_port}\nconnect-allow-ip = 127.0.0.1\nthroughput = 50"
        );
        let mut kannel = Self::before(&network, network_port, [stop, other]).await;
        kannel.connect_network(&["-m", "0", "0 0 text x"]).await;
        kannel
    }

    /// Starts one whose network is this short message centre. What customers write comes as with [`Kannel::start`].
    pub async fn over_smpp(smsc: &Smsc, callback: &str) -> Self {
        let (port, (system_id, password)) = (smsc.port, smsc::LOGIN);
        let network = format!(
            "smsc = smpp\nsmsc-id = SMPP\nhost = 127.0.0.1\nport = {port}\ntransceiver-mode = true\n\
             smsc-username = {system_id}\nsmsc-password = {password}\nsystem-type = \"\""
        );
        let kannel =
            Self::before(&network, port, [&format!("{callback}/mo?kw=stop"), &format!("{callback}/mo?kw=default")])
                .await;
        kannel.online().await;
        kannel
    }

    async fn before(network: &str, network_port: u16, replies: [&str; 2]) -> Self {
        let folder = folder::work();
        let [port, admin_port, smsbox_port] = [(); 3].map(|()| port::free());
        let settings = folder.path().join("kannel.conf");
        let content = settings_file(replies, network, [port, admin_port, smsbox_port]);
        fs::write(&settings, content).expect("the part's folder is writable");
        let start = |name: &str| Process::start(name, Command::new(name).arg(&settings), folder.path());

        let bearerbox = start("bearerbox");
        let status = format!("http://127.0.0.1:{admin_port}/status.txt?password=st");
        ready::answering(&status, |_| true).await;
        let smsbox = start("smsbox");
        ready::answering(&status, |text| text.contains("smsbox:")).await;
        ready::listening(port, "smsbox").await;
        Self {
            network: None,
            _smsbox: smsbox,
            _bearerbox: bearerbox,
            port,
            admin_port,
            network_port,
            networks: 0,
            folder,
        }
    }

    /// What reached the network so far, in its order, since the gateway started.
    pub fn parts(&self) -> Vec<Part> {
        let logs = (1..=self.networks).map(|number| self.folder.path().join(format!("network-{number}.log")));
        logs.flat_map(|log| parse(&String::from_utf8_lossy(&fs::read(log).unwrap_or_default()))).collect()
    }

    /// Waits until `count` parts reached the network, and gives all that did.
    pub async fn wait_for_parts(&self, count: usize) -> Vec<Part> {
        let what = format!("{count} parts at the network");
        ready::until(&what, async || Some(self.parts()).filter(|parts| parts.len() >= count)).await
    }

    /// A customer writes: the network hands a text to the gateway. `text` is plain; numbers have no space.
    pub async fn customer_writes(&mut self, from: &str, to: &str, text: &str) {
        self.without_network().await;
        self.connect_network(&["-m", "1", &format!("{from} {to} text {text}")]).await;
    }

    /// Takes the network away, and waits until the gateway knows.
    pub async fn without_network(&mut self) {
        self.network = None;
        ready::answering(&self.status(), |text| text.contains("(connecting") || text.contains("(re-connecting")).await;
    }

    /// Brings the network back, and waits until the gateway knows.
    pub async fn with_network(&mut self) {
        self.connect_network(&["-m", "0", "0 0 text x"]).await;
    }

    async fn connect_network(&mut self, arguments: &[&str]) {
        let mut command = Command::new("/usr/lib/kannel/test/fakesmsc");
        command.args(["-H", "127.0.0.1", "-r", &self.network_port.to_string()]).args(arguments);
        self.networks += 1;
        self.network = Some(Process::start(&format!("network-{}", self.networks), &command, self.folder.path()));
        self.online().await;
    }

    async fn online(&self) {
        ready::answering(&self.status(), |text| text.contains("(online")).await;
    }

    fn status(&self) -> String {
        format!("http://127.0.0.1:{}/status.txt?password=st", self.admin_port)
    }
}

/// Reads lines like `Got message 3: <FROM TO udh %05%00%03%02%02%01 data TEXT>`; a plain text may have line breaks in it.
fn parse(log: &str) -> Vec<Part> {
    log.split(": Got message ").skip(1).filter_map(part).collect()
}

fn part(logged: &str) -> Option<Part> {
    let (_, message) = logged.split_once(": <")?;
    let message = &message[..message.find(">\n")?];
    let mut words = message.splitn(3, ' ');
    let (from, to, mut rest) = (words.next()?.to_owned(), words.next()?.to_owned(), words.next()?);
    let mut concatenation = None;
    if let Some(after) = rest.strip_prefix("udh ") {
        let (header, text) = after.split_once(' ')?;
        if let [5, 0, 3, reference, count, number] = unescape(header)[..] {
            concatenation = Some((reference, count, number));
        }
        rest = text;
    }
    let (kind, content) = rest.split_once(' ').unwrap_or((rest, ""));
    let data = if kind == "text" { content.as_bytes().to_vec() } else { unescape(content) };
    // With a header before it any text is `data`. In UCS-2, unlike in plain text, there are always bytes below a space.
    let ucs2 = match kind {
        "text" => false,
        "ucs-2" => true,
        "data" => data.iter().any(|byte| *byte < b' ' && !b"\r\n".contains(byte)),
        other => panic!("fakesmsc prints a kind of text that is new to us: {other}"),
    };
    let text = if ucs2 {
        let units: Vec<_> = data.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect();
        String::from_utf16_lossy(&units)
    } else {
        String::from_utf8_lossy(&data).into_owned()
    };
    Some(Part { from, to, ucs2, concatenation, text })
}

/// Undoes `%XX` and `+`, which stand for any byte and for a space.
fn unescape(text: &str) -> Vec<u8> {
    let mut bytes = text.bytes();
    let mut plain = Vec::new();
    while let Some(byte) = bytes.next() {
        plain.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digits = [bytes.next().unwrap_or(b'0'), bytes.next().unwrap_or(b'0')];
                u8::from_str_radix(&String::from_utf8_lossy(&digits), 16).expect("two hexadecimal digits follow a %")
            }
            other => other,
        });
    }
    plain
}

fn settings_file([stop, other]: [&str; 2], network: &str, [port, admin_port, smsbox_port]: [u16; 3]) -> String {
    let query = "from=%p&to=%P&text=%a&smsc=%i&id=%I&ts=%T&charset=%C&coding=%c";
    let (username, password) = LOGIN;
    format!(
        r#"group = core
admin-port = {admin_port}
admin-interface = 127.0.0.1
smsbox-port = {smsbox_port}
smsbox-interface = 127.0.0.1
admin-password = adm
status-password = st
box-deny-ip = "*.*.*.*"
box-allow-ip = "127.0.0.1"
dlr-storage = internal

group = smsc
{network}

group = smsbox
bearerbox-host = 127.0.0.1
sendsms-port = {port}
sendsms-interface = 127.0.0.1

group = sendsms-user
username = {username}
password = {password}
concatenation = true
max-messages = 10
omit-empty = true

group = sms-service
keyword = stop
aliases = "stopall;unsubscribe;cancel;end;quit"
get-url = "{stop}&{query}"
catch-all = true
omit-empty = true
max-messages = 0

group = sms-service
keyword = default
get-url = "{other}&{query}"
catch-all = true
omit-empty = true
max-messages = 1
"#
    )
}
