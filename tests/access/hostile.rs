//! The hostile corpus, `hostile.yaml`, played against access.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use proptest::prelude::*;
use serde::Deserialize;
use steward::access::audit::verify;
use steward::access::{Asked, Code, Context, Permission, Refusal, Rules, Trigger};
use steward::catalog::{ParameterType, TemplateId, Value};
use steward::plan::{Given, Plan, PlanHash, Source};

use crate::world::*;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Corpus {
    values: BTreeMap<String, Vec<HostileValue>>,
    shown: BTreeMap<String, Vec<String>>,
    said: BTreeMap<String, Vec<String>>,
    denied: Vec<String>,
    yaml: Vec<HostileFile>,
    codes: Vec<String>,
    tokens: Vec<String>,
    words: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct HostileValue {
    job: String,
    parameter: String,
    value: String,
    #[serde(default = "once")]
    repeat: usize,
    becomes: Becomes,
}

#[derive(Deserialize, Clone, Copy, PartialEq, Eq, Debug)]
#[serde(rename_all = "lowercase")]
enum Becomes {
    Refused,
    Literal,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct HostileFile {
    name: String,
    content: String,
    #[serde(default)]
    repeat: String,
    #[serde(default)]
    times: usize,
}

fn once() -> usize {
    1
}

static CORPUS: LazyLock<Corpus> = LazyLock::new(|| {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/access/hostile.yaml");
    serde_saphyr::from_str(&std::fs::read_to_string(file).expect("a corpus")).expect("a corpus")
});

/// The kinds of hostile text. What is no text (bombs of YAML, forged tokens and codes) has parts of
/// its own.
const KINDS: [&str; 14] = [
    "shell",
    "quotes",
    "newlines",
    "options",
    "paths",
    "unanchored",
    "invisible",
    "bidirectional",
    "full_width",
    "homoglyphs",
    "huge",
    "prompts",
    "markup",
    "secrets",
];

#[test]
fn the_corpus_leaves_no_kind_out() {
    let kinds = |part: BTreeSet<&str>, name: &str| {
        assert_eq!(part, BTreeSet::from(KINDS), "{name}");
    };
    kinds(CORPUS.values.keys().map(String::as_str).collect(), "values");
    kinds(CORPUS.shown.keys().map(String::as_str).collect(), "shown");
    kinds(CORPUS.said.keys().map(String::as_str).collect(), "said");
    assert!(CORPUS.values.values().all(|cases| !cases.is_empty()));
    // What looks like a secret can't stand in a file: it is put together where it is used.
    let texts = CORPUS.shown.iter().chain(&CORPUS.said);
    assert!(texts.filter(|(_, texts)| texts.is_empty()).all(|(kind, _)| kind == "secrets"));
}

/// A plan of a job with harmless values, but for one.
fn plan_with(job: &str, parameter: &str, value: Value) -> Plan {
    let template = catalog().job(&TemplateId::from(job)).expect("a job");
    let mut plan = plan("oli", job, &[]);
    for required in template.parameters.iter().filter(|p| p.required) {
        let harmless = match required.kind {
            ParameterType::Choice => required.choices[0].value.clone().into(),
            ParameterType::Boolean => Value::Boolean(true),
            ParameterType::Integer => Value::Integer(3),
            ParameterType::Version => Value::from("v1.2.3"),
            ParameterType::Host => Value::from("web-01"),
            ParameterType::Url => Value::from("https://cdn.example.com/a"),
            ParameterType::Datetime => Value::from("2026-01-07T09:00"),
            ParameterType::Path => Value::from("/var/log/app"),
            _ => Value::from("checkout"),
        };
        plan.values
            .insert(required.name.clone(), Given { value: harmless, source: Source::Chosen });
    }
    plan.values.insert(parameter.to_owned(), Given { value, source: Source::Chosen });
    // Where no approval is asked for, so that the value alone decides.
    plan.values.entry("environment".to_owned()).and_modify(|given| {
        if parameter != "environment" {
            given.value = Value::from("dev");
        }
    });
    plan
}

#[tokio::test]
async fn values_are_refused_or_stay_what_they_are() {
    for case in CORPUS.values.values().flatten() {
        // A world for each: neither locks nor limits decide here.
        let world = World::new();
        let text = case.value.repeat(case.repeat);
        let plan = plan_with(&case.job, &case.parameter, Value::from(text.as_str()));
        let shown: String = text.chars().take(40).collect();
        match (world.run(&plan, noon()).await, case.becomes) {
            (Ok(outcome), Becomes::Literal) => {
                let run = authorized(Ok(outcome));
                assert_eq!(run.values()[&case.parameter], Value::Text(text), "{shown:?}");
            }
            (Err(refusal), Becomes::Refused) => {
                let name = name_of(&refusal);
                assert!(name == "bad_value" || name == "secret_typed", "{shown:?}: {refusal}");
            }
            (outcome, becomes) => panic!("{} {shown:?} {becomes:?}: {outcome:?}", case.parameter),
        }
    }
}

#[tokio::test]
async fn a_denied_value_is_denied_however_it_is_spelt() {
    let world = World::new();
    let deny = "rules:\n  - name: not-there\n    effect: deny\n    when:\n      parameters: {environment: production}\n";
    world.change("policy/rules.yaml", "rules:\n", deny).await;
    let rules = world.access.rules();
    let job = TemplateId::from("deploy_app");
    for spelling in &CORPUS.denied {
        for value in [
            Value::from(spelling.as_str()),
            Value::List(vec!["staging".to_owned(), spelling.clone()]),
        ] {
            let values = [("environment".to_owned(), value)].into();
            let here = chat();
            let asked = Asked::run("oli", &here, &job, &values);
            let refusal = rules.may(&asked, noon()).unwrap_err();
            assert!(matches!(refusal, Refusal::Denied { .. }), "{spelling:?}: {refusal}");
        }
    }
}

#[test]
fn yaml_bombs_end_in_a_report() {
    for file in &CORPUS.yaml {
        let folder = tempfile::tempdir().unwrap();
        copy(&world_folder(), folder.path());
        let content = format!("{}{}", file.content, file.repeat.repeat(file.times));
        std::fs::write(folder.path().join("users.yaml"), content).unwrap();
        let begun = Instant::now();
        let rules = Rules::load(folder.path(), catalog());
        assert!(rules.is_err(), "{}", file.name);
        assert!(begun.elapsed() < Duration::from_secs(20), "{}: {:?}", file.name, begun.elapsed());
    }
}

/// Pieces of access files, so that random files get past the first line.
fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("rules:\n".to_owned()),
        Just("  - name: a\n    effect: deny\n".to_owned()),
        Just("    when: {command: run, parameters: {environment: [a]}}\n".to_owned()),
        Just("    unless: [{}]\n".to_owned()),
        Just("users: [{id: a, roles: []}]\n".to_owned()),
        Just("    approvers: {count: 99, roles: [admin]}\n    action: approve\n".to_owned()),
        Just(
            "    outside: [{days: [mon-fri], from: \"09:00\", to: \"25:00\", zone: UTC}]\n"
                .to_owned()
        ),
        "[ \\-a-z:{}\\[\\]&*!\"'#0-9\n]{0,60}",
        "\\PC{0,40}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Whatever stands in an access file, it is read or reported.
    #[test]
    fn any_text_as_any_file_ends_in_rules_or_a_report(
        file in 0usize..5,
        pieces in prop::collection::vec(piece(), 0..8),
    ) {
        let files =
            ["users.yaml", "policy/rules.yaml", "compliance.yaml", "limits.yaml", "holidays.yaml"];
        let folder = tempfile::tempdir().unwrap();
        copy(&world_folder(), folder.path());
        std::fs::write(folder.path().join(files[file]), pieces.concat()).unwrap();
        if let Err(mistakes) = Rules::load(folder.path(), catalog()) {
            prop_assert!(!mistakes.0.is_empty());
            prop_assert!(mistakes.to_string().contains(".yaml") || mistakes.to_string().contains("policy"));
        }
    }
}

#[tokio::test]
async fn forged_codes_and_tokens_open_nothing() {
    let world = World::new();
    let here = chat();
    for text in &CORPUS.codes {
        if let Some(code) = Code::parse(text) {
            let by = Asked::command("ada", Permission::Admin, &here);
            let refusal = world.access.link(&code, "dana", &by, noon()).await.unwrap_err();
            assert_eq!(refusal, Refusal::BadCode, "{text:?}");
        }
    }
    let plan = deployment("oli", "staging");
    world.access.present(&plan, &Context::default(), noon()).await.unwrap();
    let oli = sender_of("oli");
    for token in &CORPUS.tokens {
        let hash = PlanHash(token.clone());
        let trigger = Trigger::Confirmed { hash: &hash, address: &plan.scope, sender: &oli };
        let refusal = world.ask(&plan, trigger, noon()).await.unwrap_err();
        assert_eq!(refusal, Refusal::NothingToConfirm, "{token:?}");
        let yes = steward::access::Ballot::Approve { reason: None };
        let vote = world
            .access
            .decide(&hash, &here, &sender_of("ada"), &yes, &Context::default(), noon())
            .await;
        assert_eq!(vote.unwrap_err(), Refusal::NoSuchApproval, "{token:?}");
        assert_eq!(
            world.access.resume(&hash, &here, noon()).await.unwrap_err(),
            Refusal::NothingToConfirm
        );
    }
    // The real one still works: nothing that was forged used it up.
    authorized(world.confirm(&plan, noon()).await);
}

#[tokio::test]
async fn hostile_words_are_one_line_of_a_whole_chain() {
    let world = World::new();
    let here = chat();
    for words in &CORPUS.words {
        let context = Context { words: Some(words.clone()), ..Context::default() };
        let asked = Asked::command("dana", Permission::Admin, &here);
        world.access.permit(&asked, &here, &context, noon()).await.unwrap_err();
        assert_eq!(world.last_record().entry.words.as_ref(), Some(words));
    }
    let verified = verify(&world.audit_folder()).unwrap();
    assert_eq!(verified.records as usize, CORPUS.words.len());
}
