//! The demo scripts fit the catalogue: every job runs with the arguments that its template gives
//! it, every suggestion and check works, and no value is more than data to them.

use std::path::Path;
use std::process::{Command, Output};

use steward::catalog::{
    Argument, Catalog, JobTemplate, Parameter, ParameterType, Target, TemplateId, Value, Values,
};
use steward::jobs::platform::local::fill;
use steward::nlu::values;

fn shipped() -> Catalog {
    Catalog::load(Path::new("intents"), Path::new("training-data")).unwrap()
}

/// A value that a person might give; lists and texts with everything that a shell would act on.
fn sample(parameter: &Parameter) -> Value {
    let hostile = "a b; touch pwned $(touch pwned) `touch pwned` \"'*";
    let text = match (parameter.kind, parameter.name.as_str()) {
        (ParameterType::Choice, _) => &parameter.choices.last().unwrap().value,
        (ParameterType::Boolean, _) => return Value::Boolean(true),
        (ParameterType::Integer, _) => {
            return Value::Integer(parameter.min.map_or(3, |m| m as i64));
        }
        (ParameterType::Number, _) => return Value::Number(2.0),
        (ParameterType::List, _) => return Value::List(vec![hostile.to_owned()]),
        (ParameterType::Datetime, name) if name.starts_with("end") => "2025-03-12T16:00",
        (ParameterType::Datetime, _) => "2025-03-12T15:00",
        (ParameterType::Duration, _) => "25m",
        (ParameterType::Version, _) => "2.14.2",
        (ParameterType::Host, _) => "web-03",
        (ParameterType::Ip, _) => "10.0.0.7",
        (ParameterType::Url, _) => "https://www.lantern.example/",
        (ParameterType::Path, _) => "/data/logs",
        (ParameterType::Email, _) => "ops@lantern.example",
        (ParameterType::Percent, _) => "20%",
        (ParameterType::Size, _) => "512Mi",
        (ParameterType::User, _) => "liwei",
        (ParameterType::Branch, _) => "main",
        (ParameterType::String, "domain") => "www.lantern.example",
        (ParameterType::String, _) if parameter.pattern.is_some() => "anything",
        (ParameterType::String, _) => hostile,
    };
    Value::from(text)
}

fn values(job: &JobTemplate, wanted: impl Fn(&Parameter) -> bool) -> Values {
    let given = job.parameters.iter().filter(|parameter| wanted(parameter));
    let mut values: Values = given.map(|p| (p.name.clone(), sample(p))).collect();
    for parameter in &job.parameters {
        if let Some(default) = &parameter.default {
            values.entry(parameter.name.clone()).or_insert(default.clone());
        }
    }
    // Two that must differ get different choices.
    for name in job.differ.iter().filter_map(|group| group.first()) {
        let first = &job.parameter(name).unwrap().choices[0];
        values.insert(name.clone(), Value::from(first.value.as_str()));
    }
    values
}

fn run(command: &[Argument], values: &Values) -> Output {
    let command = fill(command, values).unwrap();
    let mut program = Command::new(&command[0]);
    program.args(&command[1..]).env("STEWARD_DEMO_SPEED", "0");
    program.output().unwrap_or_else(|error| panic!("{}: {error}", command[0]))
}

#[track_caller]
fn check_runs(job: &JobTemplate, values: &Values) {
    let Target::Command(command) = &job.run.target else { panic!("{} is no command", job.id) };
    let output = run(command, values);
    let text = String::from_utf8(output.stdout).unwrap();
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{}: {text}{error}", job.id);
    let progress = text.lines().rfind(|line| line.starts_with("::progress ")).unwrap();
    let (done, all) = progress["::progress ".len()..].split_once('/').unwrap();
    assert_eq!(Some(done), all.split(' ').next(), "{}: {progress}", job.id);
    assert!(!Path::new("pwned").exists(), "{} ran a value", job.id);
}

#[test]
fn every_job_runs_with_all_values_and_with_the_required_ones() {
    let catalog = shipped();
    for job in catalog.jobs() {
        check_runs(job, &values(job, |_| true));
        check_runs(job, &values(job, |parameter| parameter.required));
    }
}

#[test]
fn the_samples_are_values_of_their_parameters() {
    for job in shipped().jobs() {
        for parameter in &job.parameters {
            let value = sample(parameter);
            if matches!(parameter.kind, ParameterType::String | ParameterType::List) {
                continue;
            }
            assert_eq!(values::check(&value, parameter), Ok(()), "{}.{}", job.id, parameter.name);
        }
    }
}

#[test]
fn every_suggestion_is_a_value_of_its_parameter() {
    for job in shipped().jobs() {
        for parameter in &job.parameters {
            let Some(suggest) = &parameter.suggest else { continue };
            let output = run(&suggest.command, &values(job, |_| true));
            assert!(output.status.success(), "{}.{}", job.id, parameter.name);
            let text = String::from_utf8(output.stdout).unwrap();
            assert!(text.lines().count() > 1);
            for line in text.lines() {
                let checked = values::check(&Value::from(line), parameter);
                assert_eq!(checked, Ok(()), "{}.{}: {line}", job.id, parameter.name);
            }
        }
    }
}

/// A run that fails, the reason it gives, and that the template knows the cause.
#[track_caller]
fn check_failure(id: &str, changes: &[(&str, &str)], reason: &str) {
    let catalog = shipped();
    let job = catalog.job(&TemplateId::from(id)).unwrap();
    let mut values = values(job, |parameter| parameter.required);
    for (name, value) in changes {
        let value = match job.parameter(name).unwrap().kind {
            ParameterType::Integer => Value::Integer(value.parse().unwrap()),
            _ => Value::from(*value),
        };
        values.insert((*name).to_owned(), value);
    }
    let Target::Command(command) = &job.run.target else { panic!("{id} is no command") };
    let output = run(command, &values);
    assert_eq!(output.status.code(), Some(1), "{id}");
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(error.contains(reason), "{id}: {error}");
    assert!(job.hints.iter().any(|hint| hint.pattern.is_match(&error)), "{id}: no hint: {error}");
}

#[test]
fn what_fails_says_why_and_has_a_hint() {
    check_failure("deploy_app", &[("version", "6.6.6")], "health check failed");
    check_failure("deploy_app", &[("version", "0.0.0")], "not found in the registry");
    check_failure("rollback_app", &[("to_version", "6.6.6")], "health check failed");
    check_failure(
        "promote_release",
        &[("source_env", "staging"), ("target_env", "staging")],
        "source and target are the same",
    );
    check_failure("restart_service", &[("service", "legacy-billing")], "did not stop within");
    check_failure("scale_service", &[("to_replicas", "50")], "insufficient cpu");
    check_failure("drain_host", &[("host", "web-13")], "no route to host");
    check_failure("reboot_host", &[("host", "web-13")], "no route to host");
    check_failure(
        "health_check",
        &[("service", "notify-worker"), ("environment", "staging")],
        "HTTP 503",
    );
    check_failure("backup_database", &[("path", "/full/x")], "no space left");
    check_failure("restore_database", &[("source_database", "sessions")], "no backup");
    check_failure("run_migration", &[("database", "royalties")], "lock wait timeout");
    check_failure("kill_query", &[("query_id", "404")], "no such statement");
    check_failure("clear_cache", &[("cache", "all"), ("environment", "production")], "READONLY");
    check_failure("purge_cdn", &[("url", "https://a.example/quota/x")], "quota exceeded");
    check_failure("reindex_search", &[("batch_size", "20000")], "circuit_breaking_exception");
    check_failure("replay_messages", &[("topic", "club.joined")], "retention");
    check_failure("create_topic", &[("topic", "notify.mail")], "already exists");
    check_failure("open_port", &[("port", "22")], "conflicts with rule");
    check_failure("renew_certificate", &[("domain", "blog.lantern.example")], "DNS challenge");
    check_failure("rotate_secret", &[("secret", "webhook-alipay")], "sealed");
    check_failure("grant_access", &[("user", "nobody")], "no such account");
    check_failure("revoke_access", &[("user", "nobody")], "no such account");
    check_failure("unlock_account", &[("user", "guest")], "not locked");
    check_failure("silence_alert", &[("alert", "NoSuchAlert")], "no such alert");
    check_failure("collect_logs", &[("end_time", "2025-03-12T14:00")], "end is before the start");
    check_failure("change_log_level", &[("service", "legacy-billing")], "refused the level");
    check_failure("disk_cleanup", &[("path", "/etc/x")], "protected path");
    check_failure("export_report", &[("end_date", "2025-03-11T00:00")], "no data");
    check_failure("sync_data", &[("source_dc", "hz"), ("target_dc", "hz")], "the same");
    check_failure("maintenance_mode", &[("service", "notify-worker")], "no maintenance page");
}

#[test]
fn a_check_refuses_with_a_reason() {
    let catalog = shipped();
    let job = catalog.job(&TemplateId::from("deploy_app")).unwrap();
    let check = job.check.as_ref().unwrap();
    let mut values = values(job, |_| true);
    assert!(run(&check.command, &values).status.success());
    values.insert("service".to_owned(), Value::from("legacy-billing"));
    values.insert("environment".to_owned(), Value::from("production"));
    let output = run(&check.command, &values);
    assert!(!output.status.success());
    assert!(output.stdout.starts_with(b"legacy-billing is frozen"));
}
