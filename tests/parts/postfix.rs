//! Postfix as a real mail server: TLS, mailboxes, and genuine delivery reports. Nothing leaves it: what is not routed here bounces.
//!
//! | recipient | what happens |
//! |---|---|
//! | one of [`MAILBOXES`], with or without `+token` | delivered to its maildir |
//! | anyone else at `example.test` | accepted, then reported as 5.1.1 |
//! | anyone at `full.test` | accepted, then reported as 5.2.2 |
//! | anyone at `policy.test` | accepted, then reported as 5.7.1 |
//! | anyone at `slow.test` | accepted, then reported as delayed (4.2.1) |
//! | anyone at `bounces.test` | passed on by LMTP to [`Postfix::returns_port`], where a test may listen |
//! | anyone at `hop.test` | passed on to [`Postfix::hop_port`], where a test may listen |
//! | anyone at `refused.test` | refused at once: 550 5.1.1 |
//! | anyone at `later.test` | refused for now: 450 4.2.1 |
//! | anyone elsewhere | accepted, then reported as 5.1.2 |
//!
//! Reports go to the envelope's sender: send from `bounces+TOKEN@sender.test` and read them with [`Postfix::mail_for`].

use std::fs;
use std::os::unix::fs::chown;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use super::certificate::Certificate;
use super::process::{Process, run};
use super::{folder, port, ready};

/// Who has a mailbox.
pub const MAILBOXES: &[&str] =
    &["user@example.test", "anna@example.test", "ben@example.test", "chris@example.test", "bounces@sender.test"];

/// The unprivileged user that mailboxes belong to.
const NOBODY: u32 = 65534;

/// A running Postfix. It takes root to start one.
pub struct Postfix {
    // Fields are dropped in this order: the folder goes last.
    _process: Process,
    /// Port without TLS at first; STARTTLS is offered.
    pub port: u16,
    /// Port with TLS from the first byte.
    pub tls_port: u16,
    /// Port where nothing is accepted before STARTTLS.
    pub must_tls_port: u16,
    /// Where mail to `hop.test` goes. Nothing listens there until a test does.
    pub hop_port: u16,
    /// Where mail to `bounces.test` goes by LMTP. Nothing listens there until a test does.
    pub returns_port: u16,
    /// What its clients have to trust.
    pub authority: PathBuf,
    folder: TempDir,
}

impl Postfix {
    /// Starts one and waits until it accepts connections.
    pub async fn start() -> Self {
        let folder = folder::work();
        let base = folder.path();
        for name in ["etc", "spool", "data", "log", "mail"] {
            fs::create_dir(base.join(name)).expect("the part's folder is writable");
        }
        let mut id = Command::new("id");
        id.args(["-u", "postfix"]);
        let postfix: u32 = run(id).await.trim().parse().expect("postfix has a user of its own");
        chown(base.join("data"), Some(postfix), None).expect("Postfix is tested as root");
        chown(base.join("mail"), Some(NOBODY), Some(NOBODY)).expect("Postfix is tested as root");
        let certificate = Certificate::make(base).await;
        let [port, tls_port, must_tls_port, hop_port, returns_port] = [(); 5].map(|()| port::free());
        write(base, "main.cf", &main_cf(base, &certificate));
        write(base, "master.cf", &master_cf(port, tls_port, must_tls_port));
        write(base, "vmailbox", &mailboxes());
        write(base, "transport", &transports(hop_port, returns_port));
        write(base, "access", "refused.test 550 5.1.1 no such user\nlater.test 450 4.2.1 come back\n");

        let mut command = Command::new("postfix");
        command.arg("-c").arg(base.join("etc")).arg("start");
        // The server leads a process group of its own, whose number is in its lock file.
        let pid = base.join("spool/pid/master.pid");
        let cleanup = format!("kill -s KILL -- -$(tr -d ' ' <{})", pid.display());
        let process = Process::start_with_cleanup("postfix", &command, base, &cleanup);
        for port in [port, tls_port, must_tls_port] {
            ready::listening(port, "Postfix").await;
        }
        let authority = certificate.authority;
        Self { _process: process, port, tls_port, must_tls_port, hop_port, returns_port, authority, folder }
    }

    /// Waits until an address of [`MAILBOXES`] has `count` mails, and gives all it has, in no particular order.
    pub async fn mail_for(&self, address: &str, count: usize) -> Vec<Vec<u8>> {
        let what = format!("{count} mails for {address}");
        ready::until(&what, async || Some(self.mail_now(address)).filter(|mails| mails.len() >= count)).await
    }

    /// The mails that an address of [`MAILBOXES`] has now.
    pub fn mail_now(&self, address: &str) -> Vec<Vec<u8>> {
        assert!(MAILBOXES.contains(&address), "{address} has no mailbox");
        let Ok(entries) = fs::read_dir(self.folder.path().join("mail").join(maildir(address)).join("new")) else {
            return Vec::new();
        };
        entries.map(|entry| fs::read(entry.expect("readable").path()).expect("readable")).collect()
    }

    /// What it has logged so far.
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log/maillog")).unwrap_or_default()
    }

    /// What waits in its queue: one JSON object a mail, as `postqueue -j` prints them.
    pub async fn queue(&self) -> Vec<serde_json::Value> {
        let mut command = Command::new("postqueue");
        command.arg("-c").arg(self.folder.path().join("etc")).arg("-j");
        run(command).await.lines().map(|line| serde_json::from_str(line).expect("one object a line")).collect()
    }
}

fn write(base: &Path, name: &str, content: &str) {
    fs::write(base.join("etc").join(name), content).expect("the part's folder is writable");
}

/// `domain/user/`: the slash at the end makes it a maildir.
fn maildir(address: &str) -> String {
    let (user, domain) = address.split_once('@').expect("an address");
    format!("{domain}/{user}/")
}

fn mailboxes() -> String {
    MAILBOXES.iter().map(|address| format!("{address} {}\n", maildir(address))).collect()
}

fn transports(hop_port: u16, returns_port: u16) -> String {
    format!(
        "full.test error:5.2.2 mailbox is full\n\
         policy.test error:5.7.1 blocked by policy\n\
         slow.test retry:4.2.1 mailbox temporarily disabled\n\
         bounces.test lmtp:inet:[127.0.0.1]:{returns_port}\n\
         hop.test smtp:[127.0.0.1]:{hop_port}\n"
    )
}

fn main_cf(base: &Path, certificate: &Certificate) -> String {
    let base = base.display();
    let (file, key) = (certificate.certificate.display(), certificate.key.display());
    format!(
        "compatibility_level = 3.6\n\
         queue_directory = {base}/spool\n\
         data_directory = {base}/data\n\
         maillog_file = {base}/log/maillog\n\
         maillog_file_prefixes = {base}\n\
         command_directory = /usr/sbin\n\
         daemon_directory = /usr/lib/postfix/sbin\n\
         meta_directory = /etc/postfix\n\
         shlib_directory = /usr/lib/postfix\n\
         mail_owner = postfix\n\
         setgid_group = postdrop\n\
         inet_interfaces = 127.0.0.1\n\
         inet_protocols = ipv4\n\
         myhostname = mx.test\n\
         mydestination =\n\
         local_recipient_maps =\n\
         alias_maps =\n\
         mynetworks = 127.0.0.0/8\n\
         smtpd_relay_restrictions = permit_mynetworks, reject\n\
         smtpd_recipient_restrictions = check_recipient_access texthash:{base}/etc/access\n\
         # It hangs up on a client with twenty errors, as everywhere; but it does not slow one with ten down.\n\
         smtpd_error_sleep_time = 0\n\
         # Accept first and report later, as servers at the edge of a large house do.\n\
         smtpd_reject_unlisted_recipient = no\n\
         smtpd_peername_lookup = no\n\
         virtual_mailbox_domains = example.test, sender.test\n\
         virtual_mailbox_base = {base}/mail\n\
         virtual_mailbox_maps = texthash:{base}/etc/vmailbox\n\
         virtual_minimum_uid = 100\n\
         virtual_uid_maps = static:{NOBODY}\n\
         virtual_gid_maps = static:{NOBODY}\n\
         transport_maps = texthash:{base}/etc/transport\n\
         default_transport = error:5.1.2 no route in test network\n\
         disable_dns_lookups = yes\n\
         smtp_host_lookup = native\n\
         smtpd_tls_security_level = may\n\
         smtpd_tls_cert_file = {file}\n\
         smtpd_tls_key_file = {key}\n\
         recipient_delimiter = +\n\
         queue_run_delay = 2s\n\
         minimal_backoff_time = 2s\n\
         maximal_backoff_time = 4s\n\
         delay_warning_time = 1s\n"
    )
}

fn master_cf(port: u16, tls_port: u16, must_tls_port: u16) -> String {
    format!(
        "127.0.0.1:{port} inet n - n - - smtpd\n\
         127.0.0.1:{tls_port} inet n - n - - smtpd\n  -o smtpd_tls_wrappermode=yes\n\
         127.0.0.1:{must_tls_port} inet n - n - - smtpd\n  -o smtpd_tls_security_level=encrypt\n\
         pickup unix n - n 60 1 pickup\n\
         cleanup unix n - n - 0 cleanup\n\
         qmgr unix n - n 300 1 qmgr\n\
         tlsmgr unix - - n 1000? 1 tlsmgr\n\
         rewrite unix - - n - - trivial-rewrite\n\
         bounce unix - - n - 0 bounce\n\
         defer unix - - n - 0 bounce\n\
         trace unix - - n - 0 bounce\n\
         verify unix - - n - 1 verify\n\
         flush unix n - n 1000? 0 flush\n\
         proxymap unix - - n - - proxymap\n\
         proxywrite unix - - n - 1 proxymap\n\
         smtp unix - - n - - smtp\n\
         relay unix - - n - - smtp\n\
         showq unix n - n - - showq\n\
         error unix - - n - - error\n\
         retry unix - - n - - error\n\
         discard unix - - n - - discard\n\
         local unix - n n - - local\n\
         virtual unix - n n - - virtual\n\
         lmtp unix - - n - - lmtp\n\
         anvil unix - - n - 1 anvil\n\
         scache unix - - n - 1 scache\n\
         postlog unix-dgram n - n - 1 postlogd\n"
    )
}
