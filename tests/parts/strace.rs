//! Debian's strace: what a process writes, and when it is on disk; and system calls that fail as a broken disk's would.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
};

use super::{process::Process, ready};

/// The system calls that the trace of [`under`] has.
const CALLS: &str = "trace=pwrite64,write,writev,sendto,sendmsg,fdatasync,fsync,ftruncate";

/// One system call of the trace.
#[derive(Debug)]
pub struct Call {
    /// Its name.
    pub name: String,
    /// What its descriptor stands for: a path, or `socket:[…]`, `TCP:[…]`.
    pub target: String,
    /// The bytes of its buffers, one after the other.
    pub bytes: Vec<u8>,
    /// The last number of its arguments: the offset of a pwrite64, the length of an ftruncate.
    pub number: u64,
    /// What it answered; below zero for an error.
    pub answer: i64,
    /// The line of the trace where it began.
    pub began: usize,
    /// The line where it had ended. Whatever another thread does because of its end comes after this line, since strace
    /// holds a thread still at the end of each call until the line is written.
    pub ended: usize,
}

/// What to put before a program so that its writes are traced into `file`, with further expressions (`inject=…`) of strace's.
/// The program stays the caller's child: strace works from beside it.
pub fn under<'a>(file: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let mut words = vec!["strace", "-D", "-f", "-yy", "-xx", "-ttt", "-s", "1000000", "-e", CALLS];
    for expression in more {
        words.extend(["-e", expression]);
    }
    words.extend(["-o", file]);
    words
}

/// Makes system calls of a running process fail, all its threads', until the handle is dropped: `inject` is strace's
/// expression, `fsync,fdatasync:error=EIO`.
pub async fn fail(process: u32, inject: &str, folder: &Path) -> Process {
    let calls = inject.split(':').next().unwrap_or_default();
    let mut command = std::process::Command::new("strace");
    command.args(["-f", "-p", &process.to_string(), "-o", "/dev/null"]);
    command.args(["-e", &format!("trace={calls}"), "-e", &format!("inject={inject}")]);
    let strace = Process::start("strace", &command, folder);
    ready::until("strace to be attached", async || strace.printed().contains("attached").then_some(())).await;
    strace
}

/// Reads the traces of processes that have ended, one after the other.
pub fn read(files: &[PathBuf]) -> Vec<Call> {
    let texts = files.iter().map(|file| std::fs::read_to_string(file).expect("the trace is readable"));
    let text: String = texts.collect();
    let (mut calls, mut open): (Vec<Call>, HashMap<&str, Call>) = (Vec::new(), HashMap::new());
    for (place, line) in text.lines().enumerate() {
        let Some((thread, rest)) = line.split_once(' ') else { continue };
        let Some((_, call)) = rest.trim_start().split_once(' ') else { continue };
        if call.starts_with("<... ") {
            if let Some(mut call) = open.remove(thread) {
                (call.answer, call.ended) = (answer(rest), place);
                calls.push(call);
            }
        } else if let Some(mut begun) = begin(call, place) {
            if call.ends_with("<unfinished ...>") {
                open.insert(thread, begun);
            } else {
                (begun.answer, begun.ended) = (answer(call), place);
                calls.push(begun);
            }
        }
    }
    // What was never seen to end may have been carried out, and was vouched for by nobody.
    calls.extend(open.into_values());
    calls.sort_by_key(|call| call.began);
    calls
}

fn answer(line: &str) -> i64 {
    let number = line.rsplit_once(" = ").map(|(_, number)| number.split(' ').next().unwrap_or_default());
    number.and_then(|number| number.parse().ok()).unwrap_or(-1)
}

/// Bytes as -xx writes them.
fn unescape(text: &str) -> Vec<u8> {
    text.split("\\x").skip(1).filter_map(|byte| u8::from_str_radix(byte, 16).ok()).collect()
}

fn begin(line: &str, place: usize) -> Option<Call> {
    let (name, arguments) = line.split_once('(')?;
    let target = arguments.split_once('<').filter(|(number, _)| number.bytes().all(|digit| digit.is_ascii_digit()));
    let target = target.and_then(|(_, rest)| {
        // What follows the descriptor: another argument, the end of them, or `<unfinished ...>`.
        [">,", ">)", "> "].into_iter().find_map(|end| rest.split_once(end))
    });
    let target = target.map(|(target, _)| match target.strip_prefix("\\x") {
        Some(_) => String::from_utf8_lossy(&unescape(target)).into_owned(),
        None => target.to_owned(),
    });
    // Every other piece between quotation marks is a buffer.
    let bytes = arguments.split('"').skip(1).step_by(2).flat_map(unescape).collect();
    let closed = arguments.rsplit_once(") ").map_or(arguments, |(inside, _)| inside);
    let number = closed.trim_end_matches(" <unfinished ...>").rsplit(", ").next();
    Some(Call {
        name: name.to_owned(),
        target: target.unwrap_or_default(),
        bytes,
        number: number.and_then(|number| number.trim_end_matches(')').parse().ok()).unwrap_or_default(),
        answer: -1,
        began: place,
        ended: usize::MAX,
    })
}
