//! One session with a mail server, LMTP (RFC 2033) or SMTP (RFC 5321) as its first word says. After a mail LMTP is
//! answered for each recipient; SMTP once, and then only with "yes" when all of them are kept.

use std::{io, sync::Arc, time::Duration};

use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncWrite, AsyncWriteExt as _, BufReader};

use super::{Mailbox, Rules, Taken};
use crate::app::App;

/// The longest command, in bytes.
const COMMAND: usize = 2048;
/// The largest mail, in bytes.
const MAIL: usize = 4 << 20;
/// Recipients of one mail.
const RECIPIENTS: usize = 100;
/// Commands that are not understood before the other side is sent away.
const NONSENSE: u32 = 20;
/// How long the other side may take for a command, and for each piece of a mail.
const PATIENCE: Duration = Duration::from_secs(300);

/// What takes the mails: the application, or a test.
pub(super) trait Post: Sync {
    /// What an address is for.
    fn mailbox(&self, address: &str) -> Option<Mailbox>;
    /// Keeps a mail for one recipient.
    fn take(&self, from: &str, to: &Mailbox, raw: &[u8]) -> impl Future<Output = Taken> + Send;
    /// Waits.
    fn sleep(&self, time: Duration) -> impl Future<Output = ()> + Send;
}

/// The application with its rules.
#[derive(Clone)]
pub(super) struct Office {
    pub(super) app: App,
    pub(super) rules: Arc<Rules>,
}

impl Post for Office {
    fn mailbox(&self, address: &str) -> Option<Mailbox> {
        super::mailbox(&self.app, address)
    }

    async fn take(&self, from: &str, to: &Mailbox, raw: &[u8]) -> Taken {
        super::take(&self.app, &self.rules, from, to, raw).await
    }

    async fn sleep(&self, time: Duration) {
        self.app.world.clock.sleep(time).await;
    }
}

struct Session<'a, S, P> {
    stream: BufReader<S>,
    post: &'a P,
    is_lmtp: bool,
    from: Option<String>,
    to: Vec<Mailbox>,
    nonsense: u32,
}

/// A line as it came.
enum Line {
    /// With its line end.
    Whole(Vec<u8>),
    /// More than it may be, and gone. Whether it ended in CRLF.
    TooLong(bool),
    /// The other side went away.
    End,
}

/// Speaks until the other side leaves or is sent away.
///
/// # Errors
/// The connection's.
pub(super) async fn speak<S, P>(stream: S, post: &P) -> io::Result<()>
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
    P: Post,
{
    let stream = BufReader::new(stream);
    let mut session = Session { stream, post, is_lmtp: false, from: None, to: Vec::new(), nonsense: 0 };
    session.say("220 onevoice takes bounces and answers").await?;
    while session.command().await? {}
    Ok(())
}

impl<S: AsyncRead + AsyncWrite + Unpin + Send, P: Post> Session<'_, S, P> {
    async fn say(&mut self, reply: &str) -> io::Result<()> {
        self.stream.write_all(format!("{reply}\r\n").as_bytes()).await?;
        self.stream.flush().await
    }

    /// Reads to the next LF.
    async fn line(&mut self, longest: usize) -> io::Result<Line> {
        let mut line = Vec::new();
        let (mut is_too_long, mut last) = (false, None);
        loop {
            let came = tokio::select! {
                came = self.stream.fill_buf() => came?,
                () = self.post.sleep(PATIENCE) => return Err(io::ErrorKind::TimedOut.into()),
            };
            if came.is_empty() {
                return Ok(Line::End);
            }
            let end = memchr::memchr(b'\n', came);
            let piece = &came[..end.map_or(came.len(), |end| end + 1)];
            is_too_long |= line.len() + piece.len() > longest;
            if !is_too_long {
                line.extend_from_slice(piece);
            }
            let crlf = piece.ends_with(b"\r\n") || (piece == b"\n" && last == Some(b'\r'));
            last = piece.last().copied();
            let taken = piece.len();
            self.stream.consume(taken);
            if end.is_some() {
                return Ok(if is_too_long { Line::TooLong(crlf) } else { Line::Whole(line) });
            }
        }
    }

    /// One command; false when the session ends.
    async fn command(&mut self) -> io::Result<bool> {
        let line = match self.line(COMMAND).await? {
            Line::End => return Ok(false),
            Line::TooLong(_) => return self.nonsense("500 5.5.2 the line is too long").await,
            Line::Whole(line) => line,
        };
        let Ok(line) = String::from_utf8(line) else { return self.nonsense("500 5.5.2 that is not UTF-8").await };
        let line = line.trim_end();
        let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
        match verb.to_ascii_uppercase().as_str() {
            "LHLO" | "EHLO" => {
                self.is_lmtp = verb.eq_ignore_ascii_case("LHLO");
                self.reset();
                let size = format!(
                    "250-onevoice\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250-ENHANCEDSTATUSCODES\r\n250 SIZE {MAIL}"
                );
                self.say(&size).await?;
            }
            "HELO" => {
                self.reset();
                self.say("250 onevoice").await?;
            }
            "MAIL" => return self.mail(rest).await,
            "RCPT" => return self.recipient(rest).await,
            "DATA" => return self.data().await,
            "RSET" => {
                self.reset();
                self.say("250 2.0.0 forgotten").await?;
            }
            "NOOP" => self.say("250 2.0.0 yes").await?,
            "VRFY" => self.say("252 2.5.0 send it, and see").await?,
            "QUIT" => {
                self.say("221 2.0.0 goodbye").await?;
                return Ok(false);
            }
            _ => return self.nonsense("500 5.5.1 that is no command here").await,
        }
        Ok(true)
    }

    fn reset(&mut self) {
        self.from = None;
        self.to.clear();
    }

    async fn nonsense(&mut self, reply: &str) -> io::Result<bool> {
        self.nonsense += 1;
        if self.nonsense > NONSENSE {
            self.say("421 4.7.0 too much that is not understood").await?;
            return Ok(false);
        }
        self.say(reply).await?;
        Ok(true)
    }

    async fn mail(&mut self, rest: &str) -> io::Result<bool> {
        let Some((from, parameters)) = path(rest, "FROM:") else {
            return self.nonsense("501 5.5.4 write MAIL FROM:<address>").await;
        };
        let size = parameters.split(' ').find_map(|one| one.to_ascii_uppercase().strip_prefix("SIZE=")?.parse().ok());
        if size.is_some_and(|size: usize| size > MAIL) {
            self.say("552 5.3.4 the mail is too large").await?;
            return Ok(true);
        }
        self.reset();
        self.from = Some(from.to_owned());
        self.say("250 2.1.0 yes").await?;
        Ok(true)
    }

    async fn recipient(&mut self, rest: &str) -> io::Result<bool> {
        if self.from.is_none() {
            return self.nonsense("503 5.5.1 MAIL comes first").await;
        }
        let Some((to, _)) = path(rest, "TO:") else {
            return self.nonsense("501 5.5.4 write RCPT TO:<address>").await;
        };
        let reply = match self.post.mailbox(to) {
            _ if self.to.len() >= RECIPIENTS => "452 4.5.3 too many recipients; send it again for the others",
            // It tells nobody more than that: a token is not to be guessed.
            None => "550 5.1.1 there is no such address here",
            Some(mailbox) => {
                self.to.push(mailbox);
                "250 2.1.5 yes"
            }
        };
        self.say(reply).await?;
        Ok(true)
    }

    async fn data(&mut self) -> io::Result<bool> {
        if self.to.is_empty() {
            return self.nonsense("503 5.5.1 there is no recipient").await;
        }
        self.say("354 end it with a dot").await?;
        let Some(mail) = self.body().await? else { return Ok(false) };
        let (from, recipients) = (self.from.take().unwrap_or_default(), std::mem::take(&mut self.to));
        let mut replies = Vec::new();
        for to in &recipients {
            let taken = match &mail {
                Ok(raw) => self.post.take(&from, to, raw).await,
                Err(TooLarge) => {
                    replies.push("552 5.3.4 the mail is too large");
                    continue;
                }
            };
            replies.push(match taken {
                Taken::Kept => "250 2.0.0 it is kept",
                Taken::Later => "451 4.3.0 it cannot be kept now; try again",
                Taken::NoReplies => "550 5.7.1 nobody reads answers to this address; the message says how to reach us",
                Taken::Loop => "554 5.4.6 this was passed on before",
            });
        }
        // SMTP has one answer for all: the worst, and a repeat changes nothing where it was kept.
        if !self.is_lmtp {
            let worst = ["451", "552", "554", "550", "250"];
            replies.sort_by_key(|reply| worst.iter().position(|code| reply.starts_with(code)));
            replies.truncate(1);
        }
        for reply in replies {
            self.say(reply).await?;
        }
        Ok(true)
    }

    /// A mail to its lone dot, without what was stuffed. None when the other side went away. Only a dot between two CRLF
    /// ends it, so that nothing in a mail is taken for a command.
    async fn body(&mut self) -> io::Result<Option<Result<Vec<u8>, TooLarge>>> {
        let mut mail = Vec::new();
        let (mut is_too_large, mut after_crlf) = (false, true);
        loop {
            match self.line(MAIL).await? {
                Line::End => return Ok(None),
                Line::TooLong(crlf) => (is_too_large, after_crlf) = (true, crlf),
                Line::Whole(line) if after_crlf && line == b".\r\n" => break,
                Line::Whole(line) => {
                    let stuffed = after_crlf && line.first() == Some(&b'.');
                    after_crlf = line.ends_with(b"\r\n");
                    is_too_large |= mail.len() + line.len() > MAIL;
                    if !is_too_large {
                        mail.extend_from_slice(&line[usize::from(stuffed)..]);
                    }
                }
            }
        }
        Ok(Some(if is_too_large { Err(TooLarge) } else { Ok(mail) }))
    }
}

/// The mail is larger than any that we take.
struct TooLarge;

/// The address of `FROM:<a@b> SIZE=1`, and what follows.
fn path<'a>(rest: &'a str, word: &str) -> Option<(&'a str, &'a str)> {
    let head = rest.get(..word.len())?;
    let rest = rest[word.len()..].trim_start();
    if !head.eq_ignore_ascii_case(word) {
        return None;
    }
    rest.strip_prefix('<')?.split_once('>')
}

#[cfg(test)]
mod tests;
