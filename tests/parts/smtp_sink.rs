//! Postfix's smtp-sink: takes mail as fast as it comes, or fails in the ways its flags say, and dumps what came.
//!
//! It knows no STARTTLS and no true AUTH; for those there is [`super::smtp_server`].

use std::fs;
use std::os::unix::fs::{MetadataExt as _, chown};
use std::process::Command;

use tempfile::TempDir;

use super::process::Process;
use super::{folder, port, ready};

/// The unprivileged user that it works as.
const NOBODY: u32 = 65534;

/// A running smtp-sink.
pub struct SmtpSink {
    _process: Process,
    /// Where it listens, on 127.0.0.1.
    pub port: u16,
    folder: TempDir,
}

/// A mail that came, as it was dumped.
#[derive(Debug)]
pub struct Dumped {
    /// The envelope's sender.
    pub from: String,
    /// The envelope's recipients, in their order.
    pub recipients: Vec<String>,
    /// The message: header lines, an empty line, the body; line ends are LF.
    pub message: String,
    /// When it had come as a whole, in milliseconds since 1970.
    pub at: i64,
}

impl Dumped {
    /// The value of the first header line of this name, unfolded.
    pub fn header(&self, name: &str) -> Option<String> {
        let head = self.message.split("\n\n").next()?.replace("\n ", " ").replace("\n\t", " ");
        head.lines().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
        })
    }
}

impl SmtpSink {
    /// One that takes everything.
    pub async fn start() -> Self {
        Self::start_with(port::free(), &[]).await
    }

    /// One that listens on a given port and fails as its flags say:
    ///
    /// | flags | failure |
    /// |---|---|
    /// | `-f RCPT`, `-B "550 5.7.1 no"` | refuses these commands for good, with this text |
    /// | `-r RCPT`, `-b "451 4.3.0 later"` | refuses these commands for now, with this text |
    /// | `-q RCPT` | hangs up without a reply; `-q .` does so after the message, where it is not known who has it |
    /// | `-Q RCPT` | answers 421 and hangs up |
    /// | `-A 3` | aborts after this many messages |
    /// | `-W RCPT:2` | answers these commands after this many seconds |
    pub async fn start_with(port: u16, flags: &[&str]) -> Self {
        let folder = folder::work();
        let dump = folder.path().join("mail");
        fs::create_dir(&dump).expect("the part's folder is writable");
        let owned = chown(&dump, Some(NOBODY), None).is_ok();
        let mut command = Command::new("smtp-sink");
        if owned {
            command.args(["-u", "nobody"]);
        }
        command.arg("-d").arg(dump.join("mail.")).args(flags).args([&format!("127.0.0.1:{port}"), "1024"]);
        let process = Process::start("smtp-sink", &command, folder.path());
        ready::listening(port, "smtp-sink").await;
        Self { _process: process, port, folder }
    }

    /// What came and was answered with 250, in no particular order: it is on disk before that answer.
    pub fn mails(&self) -> Vec<Dumped> {
        let entries = fs::read_dir(self.folder.path().join("mail")).expect("the part's folder is readable");
        let files = entries.map(|entry| entry.expect("readable").path());
        files
            .filter_map(|file| {
                let metadata = fs::metadata(&file).expect("readable");
                let at = metadata.mtime() * 1000 + metadata.mtime_nsec() / 1_000_000;
                parse(&String::from_utf8_lossy(&fs::read(&file).expect("readable")), at)
            })
            .collect()
    }
}

/// A dump begins with lines of its own (`X-Client-Addr:` to `X-Rcpt-Args:`, then a `Received:` of three lines); what was sent
/// follows, and one empty line more. Without a recipient no message was begun.
fn parse(text: &str, at: i64) -> Option<Dumped> {
    let mut mail = Dumped { from: String::new(), recipients: Vec::new(), message: String::new(), at };
    let mut lines = text.lines().skip_while(|line| {
        if let Some(argument) = line.strip_prefix("X-Mail-Args: ") {
            mail.from = address(argument);
        } else if let Some(argument) = line.strip_prefix("X-Rcpt-Args: ") {
            mail.recipients.push(address(argument));
        }
        !line.starts_with("Received: ")
    });
    lines.nth(2)?;
    mail.message = lines.map(|line| format!("{line}\n")).collect();
    mail.message.pop();
    (!mail.recipients.is_empty()).then_some(mail)
}

/// The address in `<…>`, before what follows it.
fn address(argument: &str) -> String {
    let inside = argument.split_once('<').map_or(argument, |(_, after)| after);
    inside.split('>').next().unwrap_or(inside).to_owned()
}
