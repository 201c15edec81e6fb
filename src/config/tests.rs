use super::*;

#[test]
fn the_shipped_configuration_is_right() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(DEFAULT_FILE);
    let config = Config::load(&file).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(config.directories, Directories::below(file.parent().expect("a folder")));
}

#[test]
fn nothing_said_means_the_defaults() {
    for text in ["", "\n# only a comment\n", "{}", "directories:\n"] {
        assert_eq!(Config::parse(text, Path::new("/s")), Ok(Config::in_folder(Path::new("/s"))));
    }
}

#[test]
fn everything_can_be_set() {
    let text = "
directories: {intents: jobs, state: /var/lib/steward}
store: {postgres: {url_env: DATABASE, lease: 5s}}
understanding: {precision: float, risk: 0.5%}
conversation: {language: zh, time_zone: Asia/Shanghai, session_timeout: 1h, plan_timeout: 10m}
schedules: {missed: skip, notice: none}
retention: {runs: 7d, size: 2GB}
observe: {listen: '127.0.0.1:9464'}
support: {en: 'call 42'}
channels:
  web: {listen: '127.0.0.1:8080', url: 'https://steward.example'}
  telegram:
    token_file: secrets/telegram
    webhook: {url: 'https://ops.example/telegram', listen: '127.0.0.1:8443'}
notify:
  ops: {channel: telegram, chat: -100}
  team:
    - {channel: terminal, chat: local, thread: t}
jobs: {environment: [HTTPS_PROXY, KUBECONFIG]}
";
    let config = Config::parse(text, Path::new("/s")).expect("right");
    assert_eq!(config.directories.intents, Path::new("/s/jobs"));
    assert_eq!(config.directories.state, Path::new("/var/lib/steward"));
    assert_eq!(config.directories.runs, Path::new("/var/lib/steward/runs"));
    let (url_env, lease) = ("DATABASE".to_owned(), SignedDuration::from_secs(5));
    assert_eq!(config.store, Place::Postgres(Postgres { url_env, lease }));
    let understanding = Understanding { precision: Precision::Float, risk: 0.005 };
    assert_eq!(config.understanding, understanding);
    assert_eq!(config.conversation.language, Language::Zh);
    assert_eq!(config.conversation.session_timeout, SignedDuration::from_hours(1));
    let schedules = Schedules { missed: Missed::Skip, notice: SignedDuration::ZERO };
    assert_eq!(config.schedules, schedules);
    let retention = Retention { runs: SignedDuration::from_hours(7 * 24), size: 2 << 30 };
    assert_eq!(config.retention, retention);
    assert_eq!(config.observe.expect("set").listen.port(), 9464);
    assert_eq!(config.support.expect("set").zh, "call 42");
    let web = config.channels.web.expect("set");
    assert_eq!(web.listen.port(), 8080);
    assert_eq!(web.url.expect("set").as_str(), "https://steward.example/");
    let telegram = config.channels.telegram.expect("set");
    assert_eq!(telegram.token_file.as_deref(), Some(Path::new("/s/secrets/telegram")));
    let webhook = telegram.webhook.expect("set");
    assert_eq!((webhook.url.path(), webhook.listen.port()), ("/telegram", 8443));
    assert_eq!(config.notify["ops"][0].chat, "-100");
    assert_eq!(config.notify["team"][0].thread.as_deref(), Some("t"));
    assert_eq!(config.jobs.environment, ["HTTPS_PROXY", "KUBECONFIG"]);
}

#[test]
fn every_mistake_is_reported_with_its_line() {
    let text = "directorys: {}
understanding:
  precision: double
  risk: none
conversation: {time_zone: Mars/Olympus, session_timeout: soon}
support:
channels: [web]
notify:
  ops: {channel: telegram}
jobs:
  environment:
    - A=B
";
    let notes = Config::parse(text, Path::new("")).expect_err("wrong");
    let found: Vec<_> = notes.iter().map(|n| (n.line, n.field.as_str())).collect();
    assert_eq!(
        found,
        [
            (1, "directorys"),
            (3, "understanding.precision"),
            (4, "understanding.risk"),
            (5, "conversation.time_zone"),
            (5, "conversation.session_timeout"),
            (6, "support.en"),
            (7, "channels"),
            (9, "notify.ops.chat"),
            (12, "jobs.environment"),
        ]
    );
    assert!(notes[0].text.contains("did you mean `directories`?"), "{}", notes[0].text);
}

#[test]
fn half_a_webhook_is_none() {
    let text = "channels: {telegram: {webhook: {url: 'http://ops.example/'}}}";
    let notes = Config::parse(text, Path::new("")).expect_err("wrong");
    let found: Vec<_> = notes.iter().map(|n| n.field.as_str()).collect();
    assert_eq!(found, ["channels.telegram.webhook.url", "channels.telegram.webhook.listen"]);
}

#[test]
fn broken_yaml_is_reported_with_its_line() {
    let notes = Config::parse("conversation:\n  - a\n b: [", Path::new("")).expect_err("wrong");
    assert!(notes[0].line > 0, "{notes:?}");
}
