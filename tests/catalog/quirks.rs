//! What trips people up who write their first job: editors, line endings, quoting, examples.

use std::fs;
use std::path::Path;

use steward::catalog::{Catalog, Mistakes, TemplateId, Value};
use steward::nlu::Label;

const COMMANDS: &str = "out_of_scope: {id: out_of_scope, name: {en: Else, zh: 其他}, \
                        description: {en: Anything else., zh: 其他内容。}}\n";

const JOB: &str = "\
id: flush_dns
name: {en: Flush DNS, zh: 清空 DNS 缓存}
description: {en: Empty the DNS cache., zh: 清空 DNS 缓存。}
risk: low
run: {command: [./flush-dns]}
";

const EXAMPLES: &str = "\
nlu:
  - intent: flush_dns
    examples: |
      - flush the dns cache
      - empty dns
";

/// A catalogue of the given files, and what loading it gives.
fn load(files: &[(&str, &[u8])]) -> Result<Catalog, Mistakes> {
    let folder = tempfile::tempdir().unwrap();
    for base in ["intents/jobs", "training-data/en", "training-data/zh"] {
        fs::create_dir_all(folder.path().join(base)).unwrap();
    }
    fs::write(folder.path().join("intents/commands.yaml"), COMMANDS).unwrap();
    for (name, content) in files {
        fs::write(folder.path().join(name), content).unwrap();
    }
    Catalog::load(&folder.path().join("intents"), &folder.path().join("training-data"))
}

fn load_job(text: &str) -> Result<Catalog, Mistakes> {
    load(&[("intents/jobs/flush_dns.yaml", text.as_bytes())])
}

/// The report of loading a job, without the folder in front of the file names.
#[track_caller]
fn report(text: &str) -> String {
    let mistakes = load_job(text).unwrap_err();
    mistakes.0.iter().map(|m| format!("{}: {}", m.field, m.problem)).collect::<Vec<_>>().join("\n")
}

fn with(parameter: &str) -> String {
    let command = "run: {command: [./flush-dns, [\"{x}\"]]}";
    let job = JOB.replace("run: {command: [./flush-dns]}", command);
    format!("{job}parameters:\n  - {{name: x, description: {{en: X, zh: 甲}}, {parameter}}}\n")
}

/// A value that a shell would run is a program of whoever typed it.
#[test]
fn a_value_is_no_code() {
    let with_command = |command: &str| {
        with("type: string, required: true").replace("[./flush-dns, [\"{x}\"]]", command)
    };
    let refused = report(&with_command("[sh, -c, \"{x}\"]"));
    assert_eq!(refused, "run.command: `sh` would run the value of `x` as code");
    let refused = report(&with_command("[sh, -c, \"echo {x}\"]"));
    assert!(refused.contains("is only a part of the argument `echo {x}`"), "{refused}");
    load_job(&with_command("[sh, -c, 'echo \"$1\"', _, \"{x}\"]")).unwrap();
    let check = format!("{JOB}check: {{command: [bash, -ec, \"{{x}}\"]}}\n");
    let check = check
        + "parameters:\n  - {name: x, type: string, required: true, description: {en: X, zh: 甲}}\n";
    assert!(report(&check).contains("check.command: `bash` would run the value of `x` as code"));
}

#[test]
fn tags_have_names_for_people() {
    let job = format!("{JOB}tags: [dns]\n");
    let named = |tags: &str| {
        load(&[
            ("intents/jobs/flush_dns.yaml", job.as_bytes()),
            ("intents/tags.yaml", tags.as_bytes()),
        ])
    };
    let catalog = named("dns: {en: Names, zh: 域名}\n").unwrap();
    assert_eq!(catalog.tag_name("dns").map(|name| name.zh.as_str()), Some("域名"));
    assert_eq!(catalog.tag_name("host"), None);
    let mistakes = named("dsn: {en: Names, zh: 域名}\ndns: {en: Names}\n").unwrap_err();
    let fields: Vec<&str> = mistakes.0.iter().map(|mistake| mistake.field.as_str()).collect();
    assert_eq!(fields, ["dsn", "dns"], "{mistakes}");
}

#[test]
fn five_lines_are_a_job() {
    let catalog = load_job(JOB).unwrap();
    let job = catalog.job(&TemplateId::from("flush_dns")).unwrap();
    assert_eq!(job.run.platform, "local");
    let warnings: Vec<_> = catalog.warnings().iter().map(|w| w.problem.to_string()).collect();
    assert!(warnings.contains(&"`flush_dns` has no example in en".to_owned()), "{warnings:?}");
}

#[test]
fn windows_files_read_like_others() {
    let job = format!("\u{feff}{JOB}").replace('\n', "\r\n");
    let examples = EXAMPLES.replace('\n', "\r\n");
    let catalog = load(&[
        ("intents/jobs/flush_dns.yaml", job.as_bytes()),
        ("training-data/en/flush_dns.yaml", examples.as_bytes()),
    ])
    .unwrap();
    let label = Label::Job(TemplateId::from("flush_dns"));
    let found: Vec<_> =
        catalog.examples_of(&label).map(|e| (e.text.as_str(), e.origin.line)).collect();
    assert_eq!(found, [("flush the dns cache", 4), ("empty dns", 5)]);
}

#[test]
fn numbers_and_words_that_yaml_would_change_stay_as_written() {
    let default = |parameter: &str| {
        let catalog = load_job(&with(parameter)).unwrap();
        catalog.jobs()[0].parameters[0].default.clone().unwrap()
    };
    assert_eq!(default("type: version, default: 1.10"), Value::from("1.10"));
    assert_eq!(default("type: string, default: on"), Value::from("on"));
    assert_eq!(default("type: choice, choices: [1.10, 1.9], default: 1.10"), Value::from("1.10"));
    assert_eq!(default("type: boolean, default: yes"), Value::Boolean(true));
    assert_eq!(default("type: integer, default: 5"), Value::Integer(5));
    assert_eq!(default("type: duration, default: 10 minutes"), Value::from("10m"));
    assert_eq!(
        default("type: choice, choices: [{value: a, synonyms: [b]}], default: B"),
        "a".into()
    );
}

#[test]
fn a_default_must_be_meant_not_guessed() {
    let text = with("type: choice, choices: [production, staging], default: prodution");
    assert_eq!(
        report(&text),
        "parameters.x.default: the default is not a value of its own parameter: \
         `prodution` is not one of the choices"
    );
}

#[test]
fn braces_that_are_no_placeholders_are_literal() {
    let command = r#"[./run, '{{.Names}}', '{"a": 1}', '{a,b}', "{Not one}", ""]"#;
    let text = JOB.replace("[./flush-dns]", command);
    load_job(&text).unwrap();
}

#[test]
fn a_file_that_is_no_text_is_named() {
    let mistakes = load(&[("intents/jobs/flush_dns.yaml", b"id: flush_dns\nname: \xff\xfe\n")]);
    let mistakes = mistakes.unwrap_err();
    assert_eq!(mistakes.0.len(), 1);
    assert_eq!(mistakes.0[0].problem.to_string(), "is not UTF-8 text");
    assert!(mistakes.0[0].place.to_string().ends_with("flush_dns.yaml:2:1"));
}

#[test]
fn folders_without_anything_are_mistakes() {
    let mistakes = load(&[]).unwrap_err();
    assert_eq!(mistakes.0[0].problem.to_string(), "there is no job template");
    let nowhere = Path::new("no/such/folder");
    let mistakes = Catalog::load(nowhere, nowhere).unwrap_err();
    assert!(mistakes.to_string().contains("can't be read"), "{mistakes}");
}

#[test]
fn what_is_hardly_meant_is_a_warning() {
    let job = with("type: string").replace(", [\"{x}\"]", "");
    let examples = EXAMPLES.replace("empty dns", "Flush the DNS cache\n      - flush [all]");
    let catalog = load(&[
        ("intents/jobs/flush_dns.yaml", job.as_bytes()),
        ("training-data/en/flush_dns.yaml", examples.as_bytes()),
    ])
    .unwrap();
    let warnings: Vec<_> = catalog.warnings().iter().map(|w| w.problem.to_string()).collect();
    for expected in [
        "the parameter `x` is never used",
        "the same example stands here twice",
        "`[all]` names no parameter, so the brackets belong to the message",
        "`flush_dns` has no example in zh",
    ] {
        assert!(warnings.iter().any(|warning| warning == expected), "{expected}: {warnings:#?}");
    }
}

#[test]
fn a_hidden_file_or_a_backup_is_not_read() {
    load(&[
        ("intents/jobs/flush_dns.yaml", JOB.as_bytes()),
        ("intents/jobs/.flush_dns.yaml.swp", b"\xff"),
        ("intents/jobs/flush_dns.yaml.orig", b"{"),
        ("training-data/en/flush_dns.yaml", EXAMPLES.as_bytes()),
    ])
    .unwrap();
}
