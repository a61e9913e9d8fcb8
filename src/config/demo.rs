//! The configuration of the demo: every form that a message takes, and nothing leaves the machine.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
};

use url::Url;

use super::Config;

const TEXT: &str = include_str!("../../config/demo.toml");

impl Config {
    /// The demo's configuration with its data in `data`, listening on `listen`. Its status page is its own.
    pub fn demo(data: PathBuf, listen: SocketAddr) -> Config {
        let mut config = Config::parse(TEXT, Path::new("config/demo.toml")).expect("a test reads config/demo.toml");
        config.data = data;
        config.http.listen = listen;
        config.organisation.status_url = Url::parse(&format!("http://{listen}/")).expect("an address makes a URL");
        config
    }
}

#[cfg(test)]
mod tests {
    use onevoice_channels::contract::Channel;

    use super::*;

    #[test]
    fn the_demo_has_a_channel_of_every_form_and_sends_nothing() {
        let config = Config::demo("/tmp/demo".into(), ([127, 0, 0, 1], 9000).into());
        let channels = [
            Channel::Email,
            Channel::Sms,
            Channel::Mastodon,
            Channel::Bluesky,
            Channel::Banner,
            Channel::StatusPage,
            Channel::StaffChat,
            Channel::StaffMail,
        ];
        assert_eq!(config.channels(), channels);
        assert_eq!(config.organisation.status_url.as_str(), "http://127.0.0.1:9000/");
        assert_eq!((config.data.to_str(), config.http.listen.port()), (Some("/tmp/demo"), 9000));
        let stays = |kind: &str| ["outbox", "banner", "status-page"].contains(&kind);
        assert!(config.provider.iter().all(|entry| stays(entry.settings.kind())));
    }
}
