//! From the sections of a file to the configuration.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;

use jiff::SignedDuration;
use jiff::tz::TimeZone;
use url::Url;

use super::section::Section;
use super::{
    Channels, Config, Conversation, Directories, Observe, Place, Postgres, Retention, Schedules,
    Telegram, Understanding, Web, Webhook,
};
use crate::catalog::{Language, Localized};
use crate::channels::Address;
use crate::jobs::schedule::Missed;
use crate::nlu::encoder::Precision;

/// The configuration that a file says; what is wrong with it is noted.
pub(super) fn config(mut root: Section<'_>, base: &Path) -> Config {
    let mut config = Config::in_folder(base);
    if let Some(section) = root.section("directories") {
        read_directories(section, base, &mut config.directories);
    }
    if let Some(section) = root.section("store") {
        config.store = read_store(section);
    }
    if let Some(section) = root.section("understanding") {
        config.understanding = read_understanding(section);
    }
    if let Some(section) = root.section("conversation") {
        read_conversation(section, &mut config.conversation);
    }
    if let Some(section) = root.section("schedules") {
        read_schedules(section, &mut config.schedules);
    }
    if let Some(section) = root.section("retention") {
        read_retention(section, &mut config.retention);
    }
    config.observe = root.section("observe").and_then(|mut section| {
        let mut given = false;
        let listen = section.scalar("listen", |text| {
            given = true;
            address(text, 9464)
        });
        if !given {
            section.missing("listen");
        }
        section.finish();
        listen.map(|listen| Observe { listen })
    });
    config.support = root.section("support").map(read_support);
    if let Some(section) = root.section("channels") {
        config.channels = read_channels(section, base);
    }
    if let Some(section) = root.section("notify") {
        config.notify = read_notify(section);
    }
    if let Some(mut section) = root.section("jobs") {
        config.jobs.environment = section.texts("environment", variable);
        section.finish();
    }
    root.finish();
    config
}

fn read_directories(mut section: Section<'_>, base: &Path, directories: &mut Directories) {
    let fields = [
        ("intents", &mut directories.intents),
        ("training-data", &mut directories.training_data),
        ("models", &mut directories.models),
        ("access", &mut directories.access),
        ("state", &mut directories.state),
    ];
    for (name, directory) in fields {
        if let Some(path) = section.text(name) {
            *directory = base.join(path);
        }
    }
    let runs = section.text("runs").map(|path| base.join(path));
    directories.runs = runs.unwrap_or_else(|| directories.state.join("runs"));
    section.finish();
}

fn read_store(mut section: Section<'_>) -> Place {
    let postgres = section.section("postgres").map(|mut postgres| {
        let url_env = postgres.scalar("url_env", |text| match text.contains("://") {
            true => Err("should be the name of an environment variable, not the address".into()),
            false => Ok(text.to_owned()),
        });
        let lease = postgres.scalar("lease", duration).unwrap_or(SignedDuration::from_secs(15));
        postgres.finish();
        let url_env = url_env.unwrap_or_else(|| "STEWARD_DATABASE_URL".to_owned());
        Postgres { url_env, lease }
    });
    section.finish();
    postgres.map_or(Place::State, Place::Postgres)
}

fn read_understanding(mut section: Section<'_>) -> Understanding {
    let precision = section.scalar("precision", |text| {
        let known = [Precision::Int8, Precision::Float];
        let precision = known.into_iter().find(|precision| precision.name() == text);
        precision.ok_or_else(|| format!("`{text}` should be `int8` or `float`"))
    });
    let risk = section.scalar("risk", |text| {
        let percent = text.strip_suffix('%').and_then(|number| number.trim().parse::<f64>().ok());
        let known = percent.filter(|percent| (0.1..=20.0).contains(percent));
        known.map(|percent| percent / 100.0).ok_or_else(|| {
            format!("`{text}` should be a share of wrong jobs, from `0.1%` to `20%`")
        })
    });
    section.finish();
    let default = Understanding::default();
    Understanding {
        precision: precision.unwrap_or(default.precision),
        risk: risk.unwrap_or(default.risk),
    }
}

fn read_conversation(mut section: Section<'_>, conversation: &mut Conversation) {
    if let Some(language) = section.scalar("language", language) {
        conversation.language = language;
    }
    if let Some(zone) = section.scalar("time_zone", time_zone) {
        conversation.time_zone = zone;
    }
    if let Some(timeout) = section.scalar("session_timeout", duration) {
        conversation.session_timeout = timeout;
    }
    if let Some(timeout) = section.scalar("plan_timeout", duration) {
        conversation.plan_timeout = timeout;
    }
    section.finish();
}

fn read_schedules(mut section: Section<'_>, schedules: &mut Schedules) {
    let missed = section.scalar("missed", |text| match text {
        "run_once" => Ok(Missed::RunOnce),
        "skip" => Ok(Missed::Skip),
        _ => Err(format!("`{text}` should be `run_once` or `skip`")),
    });
    let notice = section.scalar("notice", |text| match text {
        "none" => Ok(SignedDuration::ZERO),
        text => duration(text),
    });
    section.finish();
    schedules.missed = missed.unwrap_or(schedules.missed);
    schedules.notice = notice.unwrap_or(schedules.notice);
}

fn read_retention(mut section: Section<'_>, retention: &mut Retention) {
    let runs = section.scalar("runs", |text| {
        let days = text.strip_suffix('d').and_then(|days| days.parse::<u32>().ok());
        let days = days.filter(|days| *days > 0);
        let days = days.ok_or_else(|| format!("`{text}` should be a number of days such as `30d`"));
        days.map(|days| SignedDuration::from_hours(i64::from(days) * 24))
    });
    let size = section.scalar("size", |text| {
        let units = [("GB", 1 << 30), ("MB", 1 << 20)];
        let found = units.into_iter().find_map(|(unit, bytes)| {
            let count: u64 = text.strip_suffix(unit)?.trim().parse().ok()?;
            count.checked_mul(bytes)
        });
        found.ok_or_else(|| format!("`{text}` should be a size such as `500MB` or `2GB`"))
    });
    section.finish();
    retention.runs = runs.unwrap_or(retention.runs);
    retention.size = size.unwrap_or(retention.size);
}

/// An address to listen on; `port` is for the example that is shown where it is none.
fn address(text: &str, port: u16) -> Result<SocketAddr, String> {
    text.parse()
        .map_err(|_| format!("`{text}` should be an address and a port, such as 127.0.0.1:{port}"))
}

fn read_support(mut section: Section<'_>) -> Localized {
    let en = section.text("en");
    let zh = section.text("zh");
    let either = en.clone().or(zh.clone()).unwrap_or_else(|| {
        section.missing("en");
        String::new()
    });
    section.finish();
    Localized { en: en.unwrap_or_else(|| either.clone()), zh: zh.unwrap_or(either) }
}

fn read_channels(mut section: Section<'_>, base: &Path) -> Channels {
    let web = section.section("web").and_then(|mut web| {
        let mut given = false;
        let listen = web.scalar("listen", |text| {
            given = true;
            address(text, 8080)
        });
        let url = web.scalar("url", public_url);
        if !given {
            web.missing("listen");
        }
        web.finish();
        listen.map(|listen| Web { listen, url })
    });
    let telegram = section.section("telegram").map(|mut telegram| {
        let token_file = telegram.text("token_file").map(|path| base.join(path));
        let webhook = telegram.section("webhook").and_then(read_webhook);
        telegram.finish();
        Telegram { token_file, webhook }
    });
    section.finish();
    Channels { web, telegram }
}

fn public_url(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).ok().filter(|url| {
        matches!(url.scheme(), "http" | "https") && url.has_host() && url.path() == "/"
    });
    url.ok_or_else(|| format!("`{text}` should be such as https://steward.example, without a path"))
}

fn read_webhook(mut section: Section<'_>) -> Option<Webhook> {
    let (mut has_url, mut has_listen) = (false, false);
    let url = section.scalar("url", |text| {
        has_url = true;
        webhook_url(text)
    });
    let listen = section.scalar("listen", |text| {
        has_listen = true;
        address(text, 8443)
    });
    for (name, _) in [("url", has_url), ("listen", has_listen)].iter().filter(|(_, has)| !has) {
        section.missing(name);
    }
    section.finish();
    Some(Webhook { url: url?, listen: listen? })
}

fn webhook_url(text: &str) -> Result<Url, String> {
    match Url::parse(text) {
        Ok(url) if url.scheme() == "https" && url.host_str().is_some() => Ok(url),
        _ => Err(format!("`{text}` should be a whole https:// address: Telegram calls no other")),
    }
}

fn read_notify(mut section: Section<'_>) -> BTreeMap<String, Vec<Address>> {
    let lists = section.named_lists();
    section.finish();
    lists
        .into_iter()
        .map(|(name, chats)| (name, chats.into_iter().filter_map(read_address).collect()))
        .collect()
}

fn read_address(mut section: Section<'_>) -> Option<Address> {
    let channel = section.text("channel");
    let chat = section.text("chat");
    let thread = section.text("thread");
    for (name, value) in [("channel", &channel), ("chat", &chat)] {
        if value.is_none() {
            section.missing(name);
        }
    }
    section.finish();
    Some(Address { channel: channel?, chat: chat?, thread })
}

fn variable(text: &str) -> Result<String, String> {
    let is_name = !text.is_empty()
        && !text.starts_with(|c: char| c.is_ascii_digit())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if is_name { Ok(text.to_owned()) } else { Err(format!("`{text}` is no name of a variable")) }
}

fn language(text: &str) -> Result<Language, String> {
    Language::ALL
        .into_iter()
        .find(|language| language.code() == text)
        .ok_or_else(|| format!("`{text}` should be `en` or `zh`"))
}

fn time_zone(text: &str) -> Result<TimeZone, String> {
    TimeZone::get(text)
        .map_err(|_| format!("`{text}` is no time zone; use an IANA name such as `Asia/Shanghai`"))
}

fn duration(text: &str) -> Result<SignedDuration, String> {
    match text.parse::<SignedDuration>() {
        Ok(duration) if duration.is_positive() => Ok(duration),
        _ => Err(format!("`{text}` should be a duration such as `30m` or `2h`")),
    }
}
