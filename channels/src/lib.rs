//! The provider contract of Onevoice and every provider. Knows no database and no web server.

pub mod contract;
