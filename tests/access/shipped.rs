//! The access files of the example: they are right, and a newcomer can try everything.

use std::path::Path;

use steward::access::policy::run_cases;
use steward::access::{Asked, Permission, Refusal, Rules};
use steward::catalog::{TemplateId, Values};
use steward::channels::{Address, NAMES};

use crate::world::{catalog, noon};

fn rules() -> Rules {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("access");
    Rules::load(&folder, catalog()).unwrap_or_else(|mistakes| panic!("{mistakes}"))
}

#[test]
fn the_cases_hold() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("access/policy/tests/lantern.yaml");
    let reports = run_cases(&rules(), &file).unwrap();
    assert!(reports.len() >= 15);
    for report in reports {
        assert_eq!(report.failure, None, "{} (line {})", report.name, report.line);
    }
}

#[test]
fn at_the_terminal_every_job_and_command_is_open() {
    let rules = rules();
    let here = Address { channel: "terminal".to_owned(), chat: "local".to_owned(), thread: None };
    for command in Permission::ALL {
        if command != Permission::Run {
            rules.may(&Asked::command("operator", command, &here), noon()).unwrap();
        }
    }
    for job in catalog().jobs() {
        let values = job
            .parameters
            .iter()
            .filter_map(|p| p.choices.first().map(|c| (p.name.clone(), c.value.clone().into())))
            .collect();
        let asked = Asked::run("operator", &here, &job.id, &values);
        rules.may(&asked, noon()).unwrap_or_else(|refusal| panic!("{}: {refusal}", job.id));
        assert!(
            rules.might_run("operator", (&here).into(), &job.id, &Values::new(), noon()),
            "{}",
            job.id
        );
    }
}

#[test]
fn help_lists_what_somebody_might_run() {
    let rules = rules();
    let web = Address { channel: "web".to_owned(), chat: "1".to_owned(), thread: None };
    let cases = [
        ("dana", "deploy_app", true), // on staging
        ("dana", "reboot_host", false),
        ("dana", "grant_access", false),
        ("oli", "grant_access", false),
        ("oli", "restore_database", true), // on staging
        ("ada", "grant_access", true),
        ("vera", "health_check", false), // disabled
    ];
    for (user, job, expected) in cases {
        let might = rules.might_run(user, (&web).into(), &job.into(), &Values::new(), noon());
        assert_eq!(might, expected, "{user} {job}");
    }
}

/// Neither is a case of a file, in which such a name is a slip of the pen.
#[test]
fn who_does_not_exist_may_do_nothing_and_what_does_not_exist_may_nobody() {
    let rules = rules();
    let nobody = Refusal::NoSuchUser { user: "mallory".to_owned() };
    for channel in NAMES {
        let here = Address { channel: channel.to_owned(), chat: "1".to_owned(), thread: None };
        for command in Permission::ALL {
            let refusal = rules.may(&Asked::command("mallory", command, &here), noon());
            assert_eq!(refusal.unwrap_err(), nobody, "{command} in {channel}");
        }
        for job in catalog().jobs() {
            let values = Values::new();
            let asked = Asked::run("mallory", &here, &job.id, &values);
            assert_eq!(rules.may(&asked, noon()).unwrap_err(), nobody, "{}", job.id);
            assert!(!rules.might_run("mallory", (&here).into(), &job.id, &values, noon()));
        }
        let (job, values) = (TemplateId::from("drop_everything"), Values::new());
        let refusal = rules.may(&Asked::run("operator", &here, &job, &values), noon());
        assert!(matches!(refusal.unwrap_err(), Refusal::UnknownTemplate { .. }), "{channel}");
    }
}
