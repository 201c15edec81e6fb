//! The catalogue that comes with Steward.

use std::path::Path;

use steward::catalog::{Argument, Catalog, Language, Target, TemplateId, Value};
use steward::nlu::Label;

fn shipped() -> Catalog {
    match Catalog::load(Path::new("intents"), Path::new("training-data")) {
        Ok(catalog) => catalog,
        Err(mistakes) => panic!("{mistakes}"),
    }
}

#[test]
fn it_loads_without_mistakes_or_warnings() {
    let catalog = shipped();
    assert_eq!(catalog.jobs().len(), 30);
    assert!(catalog.commands().len() >= 18);
    assert!(catalog.examples().len() >= 4_200);
    let warnings: Vec<String> = catalog.warnings().iter().map(ToString::to_string).collect();
    assert!(warnings.is_empty(), "{}", warnings.join("\n\n"));
}

#[test]
fn every_intent_has_examples_in_both_languages() {
    let catalog = shipped();
    for label in catalog.labels() {
        for language in Language::ALL {
            let count = catalog.examples_of(&label).filter(|e| e.language == language).count();
            assert!(count >= 12, "{label:?} has {count} examples in {language}");
        }
    }
}

#[test]
fn entities_lie_inside_their_messages() {
    for example in shipped().examples() {
        let length = example.text.chars().count();
        let mut from = 0;
        for entity in &example.entities {
            assert!(from <= entity.start && entity.start < entity.end && entity.end <= length);
            from = entity.end;
        }
    }
}

#[test]
fn a_template_has_what_its_file_says() {
    let catalog = shipped();
    let deploy = catalog.job(&TemplateId::from("deploy_app")).unwrap();
    assert_eq!(deploy.name.zh, "部署应用");
    let version = deploy.parameter("version").unwrap();
    let pattern = version.pattern.as_ref().unwrap();
    assert!(pattern.is_match("v2.4.1") && !pattern.is_match("v2.4.1; reboot"));
    assert_eq!(deploy.parameter("strategy").unwrap().default, Some(Value::from("rolling")));
    let Target::Command(command) = &deploy.run.target else { panic!("not a command") };
    assert_eq!(command[2], Argument::Parameter("service".to_owned()));
    let at = [Argument::Literal("--at".to_owned()), Argument::Parameter("at".to_owned())];
    assert_eq!(command.last(), Some(&Argument::Group(at.to_vec())));
    assert_eq!(deploy.inverse, Some(TemplateId::from("rollback_app")));
}

#[test]
fn a_shared_parameter_is_taken_over_with_changes() {
    let catalog = shipped();
    let promote = catalog.job(&TemplateId::from("promote_release")).unwrap();
    let source = promote.parameter("source_env").unwrap();
    let environment = catalog.job(&TemplateId::from("deploy_app")).unwrap();
    let environment = environment.parameter("environment").unwrap();
    assert_eq!(source.choices, environment.choices);
    assert_ne!(source.description, environment.description);
    assert_eq!(promote.differ, [["source_env", "target_env"]]);
}

#[test]
fn an_example_says_where_it_stands() {
    let catalog = shipped();
    let label = Label::Job(TemplateId::from("deploy_app"));
    let example = catalog.examples_of(&label).next().unwrap();
    let file = std::fs::read_to_string(&*example.origin.file).unwrap();
    let line = file.lines().nth(example.origin.line as usize - 1).unwrap();
    assert_eq!(
        line.trim(),
        "- deploy [catalog-api](service) [2.14.0](version) to [staging](environment)"
    );
    assert_eq!(example.text, "deploy catalog-api 2.14.0 to staging");
    let service = &example.entities[0];
    assert_eq!((service.start, service.end, service.name.as_str()), (7, 18, "service"));
}

#[test]
fn commands_are_known_by_their_slash_names() {
    let catalog = shipped();
    assert_eq!(catalog.slash("jobs").unwrap().id.as_str(), "list");
    assert_eq!(catalog.slash("状态").unwrap().id.as_str(), "status");
    assert!(catalog.slash("nonsense").is_none());
    let logs = catalog.command(&TemplateId::from("logs")).unwrap();
    assert_eq!(logs.label(), Label::Command(TemplateId::from("logs")));
    assert!(logs.argument("execution").is_some());
}

#[test]
fn equal_files_have_equal_fingerprints() {
    assert_eq!(shipped().fingerprint(), shipped().fingerprint());
    assert_eq!(shipped().fingerprint().len(), 64);
}
