//! Understanding, end to end: seven templates of the example catalogue and some commands are
//! learnt from their examples, and held against messages that they were not learnt from.

use std::fs;
use std::path::Path;
use std::sync::{Arc, LazyLock};

use steward::catalog::Catalog;
use steward::nlu::encoder::{self, Precision};
use steward::nlu::evaluate::{Case, Kind, Report, on_cases};
use steward::nlu::train::{Options, train};
use steward::nlu::values::Reference;
use steward::nlu::{Decision, Heads, HeadsError, Label, Nlu, NluError, SlotValue};

const JOBS: [&str; 7] = [
    "deploy_app",
    "rollback_app",
    "restart_service",
    "scale_service",
    "reboot_host",
    "purge_cdn",
    "silence_alert",
];
/// Two ways to say no, and what is none of our business.
const COMMANDS: [&str; 4] = ["status", "affirm", "deny", "out_of_scope"];

/// A small catalogue, so that it is learnt in seconds.
fn small_catalogue() -> (tempfile::TempDir, Arc<Catalog>) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (intents, training) = (folder.path().join("intents"), folder.path().join("training-data"));
    fs::create_dir_all(intents.join("jobs")).unwrap();
    for file in ["commands.yaml", "parameters.yaml"] {
        fs::copy(root.join("intents").join(file), intents.join(file)).unwrap();
    }
    for job in JOBS {
        let file = format!("{job}.yaml");
        fs::copy(root.join("intents/jobs").join(&file), intents.join("jobs").join(&file)).unwrap();
    }
    for language in ["en", "zh"] {
        let from = root.join("training-data").join(language);
        let to = training.join(language);
        fs::create_dir_all(to.join("commands")).unwrap();
        for job in JOBS {
            let file = format!("{job}.yaml");
            fs::copy(from.join(&file), to.join(&file)).unwrap();
        }
        for command in COMMANDS {
            let file = format!("commands/{command}.yaml");
            fs::copy(from.join(&file), to.join(&file)).unwrap();
        }
    }
    let catalog = Catalog::load(&intents, &training).expect("a consistent catalogue");
    (folder, Arc::new(catalog))
}

static NLU: LazyLock<Nlu> = LazyLock::new(|| {
    let (_folder, catalog) = small_catalogue();
    let models = Path::new(env!("CARGO_MANIFEST_DIR")).join("models/encoder");
    let encoder = encoder::load(&models, Precision::Int8).expect("the shipped encoder");
    let heads = train(&catalog, encoder.as_ref(), &Options::default(), &mut |_| {}).unwrap();
    Nlu::new(catalog, encoder, heads).unwrap()
});

fn reference() -> Reference {
    let now = "2025-03-12T15:00[UTC]".parse().expect("a moment");
    Reference { now }
}

#[test]
fn unseen_messages_are_understood() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/lantern-test.jsonl");
    let content = fs::read_to_string(file).unwrap();
    let of_ours: String = content
        .lines()
        .filter(|line| {
            JOBS.iter().any(|job| line.contains(&format!("\"template\": \"{job}\"")))
                && line.contains("\"kind\": \"request\"")
        })
        .map(|line| format!("{line}\n"))
        .collect();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("cases.jsonl");
    fs::write(&file, of_ours).unwrap();
    let cases = Case::read(&file, NLU.catalog()).unwrap();
    assert!(cases.len() > 60 && cases.iter().all(|c| c.kind == Kind::Request));
    let outcomes = on_cases(&NLU, &cases, &reference(), &mut |_| {});
    let report = Report::of("unseen messages", &cases, &outcomes);
    for (language, share) in &report.requests {
        assert!(share.ratio() >= 0.95, "{language}: {share}\n{report}");
    }
    assert!(report.all_slots().counts.f1() >= 0.85, "{report}");
}

#[test]
fn a_request_yields_its_values_at_character_offsets() {
    let utterance = NLU.read("把线上的 order-service 扩到 8 个副本");
    assert_eq!(utterance.best().map(Label::id), Some("scale_service"));
    let template = NLU.catalog().job(&"scale_service".into()).unwrap();
    let slots = NLU.slots(&utterance, template, None, &reference());
    let seen: Vec<_> = slots
        .iter()
        .map(|s| {
            let SlotValue::Valid(value) = &s.value else { panic!("{s:?}") };
            (s.parameter.as_str(), s.start, s.end, value.to_string())
        })
        .collect();
    let expected = [
        ("environment", 1, 3, "production".to_owned()),
        ("service", 5, 18, "order-service".to_owned()),
        ("to_replicas", 22, 23, "8".to_owned()),
    ];
    assert_eq!(seen, expected);
}

#[test]
fn a_bare_value_answers_the_question_that_was_asked() {
    let template = NLU.catalog().job(&"scale_service".into()).unwrap();
    for (text, asked, value) in [
        ("staging", "environment", "staging"),
        ("12", "to_replicas", "12"),
        ("预发", "environment", "staging"),
        ("order-service", "service", "order-service"),
    ] {
        let utterance = NLU.read(text);
        let expected = template.parameter(asked);
        let slots = NLU.slots(&utterance, template, expected, &reference());
        let found = slots.iter().find(|s| s.parameter == asked);
        let value = SlotValue::Valid(match value.parse::<i64>() {
            Ok(number) => steward::catalog::Value::Integer(number),
            Err(_) => value.into(),
        });
        assert_eq!(found.map(|s| &s.value), Some(&value), "{text}: {slots:?}");
    }
}

#[test]
fn what_is_said_apart_from_jobs_is_told_apart() {
    for (text, decision) in [
        ("what's the weather like in berlin", Decision::Reject),
        ("中午吃什么", Decision::Reject),
        ("", Decision::Reject),
        ("yes", Decision::Accept),
    ] {
        let utterance = NLU.read(text);
        if decision == Decision::Reject {
            assert_ne!(utterance.decision, Decision::Accept, "{text}: {:?}", utterance.best());
        } else {
            assert_eq!(utterance.best(), Some(&Label::Act("affirm".into())), "{text}");
        }
    }
}

#[test]
fn heads_are_kept_and_refused_where_they_are_stale() {
    let (_folder, catalog) = small_catalogue();
    let models = Path::new(env!("CARGO_MANIFEST_DIR")).join("models/encoder");
    let encoder = encoder::load(&models, Precision::Int8).unwrap();
    let folder = tempfile::tempdir().unwrap();
    assert!(matches!(Heads::load(folder.path(), "x"), Err(HeadsError::Missing { .. })));
    let fast = Options { folds: 2, ..Options::default() };
    let heads = train(&catalog, encoder.as_ref(), &fast, &mut |_| {}).unwrap();
    heads.save(folder.path()).unwrap();
    assert!(matches!(Heads::load(folder.path(), "x"), Err(HeadsError::Stale { .. })));
    let again = Heads::load(folder.path(), &heads.fingerprint).unwrap();
    let stale = Heads { fingerprint: "x".to_owned(), ..again.clone() };
    assert!(matches!(Nlu::new(catalog.clone(), encoder.clone(), stale), Err(NluError::Stale)));
    assert!(Nlu::new(catalog, encoder, again).is_ok());
    fs::write(folder.path().join("heads.bin"), b"nonsense").unwrap();
    let unreadable = Heads::load(folder.path(), &heads.fingerprint);
    assert!(unreadable.is_err());
}
