//! The access files of the example: they are right, and a newcomer can try everything.

use std::path::Path;

use steward::access::policy::run_cases;
use steward::access::{Asked, Permission, Rules};
use steward::catalog::Values;
use steward::channels::Address;

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
