//! Ports for the parts to listen on.

use std::net::{Ipv4Addr, TcpListener};
use std::process;
use std::sync::atomic::{AtomicU16, Ordering};

/// The ports lie below those that the kernel gives to outgoing connections (32768 and up, and never one of the well-known
/// ones), so that no connection of another test can take one between the choice and the part's start.
const FIRST: u16 = 20_000;
const COUNT: u16 = 12_000;

/// How many were handed out in this process: no two tests of it get the same one.
static HANDED_OUT: AtomicU16 = AtomicU16::new(0);

/// A port of 127.0.0.1 that nobody listens on.
pub fn free() -> u16 {
    // Two test processes side by side begin at different places.
    let start = (process::id() % u32::from(COUNT)) as u16;
    for _ in 0..COUNT {
        let offset = HANDED_OUT.fetch_add(1, Ordering::Relaxed);
        let port = FIRST + ((u32::from(start) * 7 + u32::from(offset)) % u32::from(COUNT)) as u16;
        if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return port;
        }
    }
    panic!("no port between {FIRST} and {} is free", FIRST + COUNT);
}
