//! Real third-party servers and clients, one a file. Each `start` gives a handle whose drop ends the part and everything it started.
//!
//! All of them listen on loopback only, on ports chosen at run time, and work in a folder of their own under `/tmp`, so that
//! tests run side by side.

pub mod alertmanager;
pub mod browser;
pub mod certificate;
pub mod dkim;
pub mod feeds;
pub mod folder;
pub mod http;
pub mod kannel;
pub mod moto;
pub mod node;
pub mod pds;
pub mod port;
pub mod postfix;
pub mod process;
pub mod ready;
pub mod smsc;
pub mod smtp_client;
pub mod smtp_server;
pub mod smtp_sink;
pub mod statuspage;
pub mod strace;
pub mod synapse;
pub mod vendors;
pub mod vnu;
