//! Mistakes in the access files are reported, every one with its place.

use steward::access::Rules;
use steward::access::policy::run_cases;

use crate::world::{catalog, copy, world_folder};

/// Loads the world with one file replaced, and returns the report.
fn report(file: &str, content: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    copy(&world_folder(), folder.path());
    let path = folder.path().join(file);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, content).unwrap();
    match Rules::load(folder.path(), catalog()) {
        Ok(_) => String::new(),
        Err(mistakes) => mistakes.to_string().replace(&format!("{}/", folder.path().display()), ""),
    }
}

#[test]
fn every_mistake_of_every_file_is_reported_at_once() {
    let text = report(
        "policy/more.yaml",
        r#"rules:
  - name: operators
    effect: allow
    when: {role: [operater], command: run}
  - name: all
    effect: allow
    when: {}
  - name: hours
    effect: deny
    when:
      command: reboot
      template: deploy_ap
      risk: extreme
      channel: irc
      tag: nonsense
      user: nobody
      group: []
      time:
        - {days: [someday], from: "9", zone: Mars/Olympus}
    unless:
      - {}
  - name: values
    effect: deny
    when:
      command: run
      template: open_port
      parameters:
        prot: 22
        port: {min: 10, max: 1}
        source_ip: {cidr: 10.0.0.0/99}
        target_ip: {matches: "("}
        protocol: {}
        duration: {one_of: []}
  - name: choices
    effect: deny
    when:
      command: run
      parameters: {
        environment: prodution,
        dry_run: [ture]}
  - name: tagged
    effect: deny
    when:
      tag: relese
"#,
    );
    let expected = [
        "policy/more.yaml:39: environment: no choice is `prodution`; there are dev,",
        "did you mean `production`?",
        "policy/more.yaml:40: dry_run: no choice is `ture`; there are false, true; did you mean `true`?",
        "policy/more.yaml:44: tag: there is no job template with the tag `relese`; did you mean `release`?",
        "policy/more.yaml:12: template: there is no job template `deploy_ap`; did you mean `deploy_app`?",
        "policy/rules.yaml:11: name: the rule `operators` is defined in policy/more.yaml:2 already",
        "policy/more.yaml:4: role: there is no role `operater`",
        "policy/more.yaml:5: when: an allow without conditions",
        "policy/more.yaml:11: command: `reboot` is no command; there are use_chatops, run,",
        "policy/more.yaml:12: template: there is no job template `deploy_ap`",
        "policy/more.yaml:13: risk: `extreme` is no risk; there are low, medium, high",
        "policy/more.yaml:14: channel: `irc` is no channel",
        "policy/more.yaml:15: tag: there is no job template with the tag `nonsense`",
        "policy/more.yaml:16: user: there is no user `nobody`",
        "policy/more.yaml:17: group: an empty list would hold for nobody",
        "policy/more.yaml:19: days: `someday` is no day",
        "policy/more.yaml:19: zone: `Mars/Olympus` is no time zone",
        "policy/more.yaml:8: unless: an empty `unless` excepts everything",
        "policy/more.yaml:28: parameters: no job that this is about has a parameter `prot`",
        "policy/more.yaml:29: port: `min` is above `max`",
        "policy/more.yaml:30: source_ip: `10.0.0.0/99` is no network",
        "policy/more.yaml:31: target_ip: `(` is no regular expression",
        "policy/more.yaml:32: protocol: nothing to test",
        "policy/more.yaml:33: duration: `one_of` is empty",
    ];
    for line in expected {
        assert!(text.contains(line), "{line}\n\nis not in\n\n{text}");
    }
}

#[test]
fn people_and_compliance_are_checked_too() {
    let cases = [
        ("users.yaml", "users: []\n", "policy/rules.yaml:8: role: there is no role `developer`"),
        ("users.yaml", "users:\n  - id: Oli B\n", "users.yaml:2: id: `Oli B` is no user id"),
        ("users.yaml", "users:\n  - id: a\n  - id: a\n", "the user `a` is defined twice"),
        (
            "users.yaml",
            "users:\n  - id: a\n    identities: [{channel: telegram, id: \"*\"}]\n",
            "users.yaml:3: identities: `*` stands for anyone, which only the terminal may let in",
        ),
        (
            "users.yaml",
            "users:\n  - {id: a, identities: [{channel: web, id: x}]}\n  - {id: b, identities: [{channel: web, id: x}]}\n",
            "users.yaml:3: identities: web account `x` belongs to `a` already",
        ),
        (
            "users.yaml",
            "users:\n  - id: a\n    time_zone: Nowhere\n",
            "users.yaml:3: time_zone: `Nowhere`",
        ),
        (
            "users.yaml",
            "users:\n  - id: a\n    rolls: [x]\n",
            "users.yaml:3: unknown field `rolls`",
        ),
        ("compliance.yaml", "rules:\n  - {name: a, action: approve}\n", "say who has to agree"),
        ("compliance.yaml", "rules:\n  - {name: a, action: notify}\n", "name the chats or groups"),
        (
            "compliance.yaml",
            "rules:\n  - {name: a, action: warn, more_than: {runs: 1, within: soon}}\n",
            "compliance.yaml:2: more_than: `soon` is no duration",
        ),
        ("limits.yaml", "runs: {user: {burst: 0, per_minute: 1}}\n", "limits.yaml:1: "),
        ("holidays.yaml", "holidays: [2026-13-01]\n", "holidays.yaml:1: "),
        (
            "holidays.yaml",
            "holidays: [2026-01-01]\nworkdays: [2026-01-01]\n",
            "is both a holiday and a workday",
        ),
        ("policy/rules.yaml", "rules: [", "policy/rules.yaml:"),
    ];
    for (file, content, expected) in cases {
        let text = report(file, content);
        assert!(text.contains(expected), "{expected}\n\nis not in\n\n{text}");
    }
}

/// A rule in a file that is passed over in silence allows what it was written to forbid.
#[test]
fn a_file_that_nothing_reads_is_a_mistake() {
    let deny = "rules:\n  - {name: freeze, effect: deny, when: {command: run}}\n";
    let known = "nothing reads this; known here are";
    let cases = [
        ("policy/30-freeze.yml", format!("policy/30-freeze.yml: {known} files whose names end in")),
        ("policy/30-freeze.YAML", format!("policy/30-freeze.YAML: {known} files whose names end")),
        ("policy/30-freeze.yaml.off", format!("policy/30-freeze.yaml.off: {known}")),
        ("policy/team/30.yaml", "policy/team: folders are not read".to_owned()),
        ("policy/tests/cases.yml", format!("policy/tests/cases.yml: {known}")),
        ("compliance.yml", format!("compliance.yml: {known} users.yaml, compliance.yaml,")),
        ("complience.yaml", "; did you mean `compliance.yaml`?".to_owned()),
        ("limit.yaml", "; did you mean `limits.yaml`?".to_owned()),
        ("Policy/30.yaml", "Policy: nothing reads this".to_owned()),
    ];
    for (file, expected) in cases {
        let text = report(file, deny);
        assert!(text.contains(&expected), "{expected}\n\nis not in\n\n{text}");
    }
    for beside in [".users.yaml.swp", "users.yaml~", "policy/#a.yaml#", "README.md", "policy/a.swp"]
    {
        assert_eq!(report(beside, deny), "", "{beside}");
    }
}

/// What is no regular file is not waited for, and what leads nowhere is not left out.
#[test]
fn only_regular_files_are_read() {
    let folder = tempfile::tempdir().unwrap();
    copy(&world_folder(), folder.path());
    let place = |name: &str| folder.path().join(name);
    std::fs::remove_file(place("compliance.yaml")).unwrap();
    std::os::unix::fs::symlink("/nowhere", place("compliance.yaml")).unwrap();
    std::os::unix::fs::symlink("/dev/zero", place("policy/zero.yaml")).unwrap();
    let text = Rules::load(folder.path(), catalog()).err().unwrap().to_string();
    assert!(text.contains("compliance.yaml: can't be read: No such file"), "{text}");
    assert!(text.contains("zero.yaml: can't be read: it is no regular file"), "{text}");
}

/// What is warned of when compliance asks for these approvers.
fn warning(approvers: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    copy(&world_folder(), folder.path());
    let rules = format!("rules:\n  - {{name: a, action: approve, approvers: {approvers}}}\n");
    std::fs::write(folder.path().join("compliance.yaml"), rules).unwrap();
    let rules = Rules::load(folder.path(), catalog()).expect("a warning is no mistake");
    rules.warnings().iter().map(ToString::to_string).collect()
}

#[test]
fn approvals_that_nobody_could_give_are_warned_of() {
    let cases = [
        ("{count: 1, roles: [admin]}", ""),
        ("{count: 2, roles: [admin], users: [oli]}", ""),
        ("{count: 9, roles: [admin]}", "9 have to agree, but only 2 enabled users could"),
        // Ben runs jobs, and can't be one of the two who agree then.
        ("{count: 2, roles: [admin]}", "2 have to agree, but when `ben` asks, only 1 others could"),
        // Dana is named, but the policy does not let her approve.
        ("{count: 1, users: [dana]}", "1 have to agree, but only 0 enabled users could"),
    ];
    for (approvers, expected) in cases {
        let text = warning(approvers);
        let expected = match expected {
            "" => text.is_empty(),
            part => text.contains(&format!("compliance.yaml:2: approvers: {part}")),
        };
        assert!(expected, "{approvers}: {text}");
    }
}

#[test]
fn a_folder_without_users_or_policy_is_a_mistake() {
    let folder = tempfile::tempdir().unwrap();
    let text = Rules::load(folder.path(), catalog()).err().unwrap().to_string();
    assert!(text.contains("users.yaml: can't be read"), "{text}");
    assert!(text.contains("policy: can't be read"), "{text}");
}

/// A case that names what is not there would be refused whatever the policy says.
#[test]
fn a_case_with_a_slip_of_the_pen_proves_nothing() {
    let rules = Rules::load(&world_folder(), catalog()).expect("right files");
    let check = |case: &str, expected: &str| {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("cases.yaml");
        std::fs::write(&file, format!("cases:\n  - {{name: a, expect: deny, {case}}}\n")).unwrap();
        let reports = run_cases(&rules, &file).unwrap();
        let failure = reports[0].failure.as_deref().unwrap_or("no failure");
        assert!(failure.contains(expected), "{case}: {failure}");
    };
    check("user: danna, command: run", "there is no user `danna`");
    check("user: dana, channel: telegramm, command: run", "there is no channel `telegramm`");
    check("user: dana, command: run, template: deploy_ap", "there is no job template `deploy_ap`");
    check(
        "user: dana, command: run, template: deploy_app, values: {enviroment: production}",
        "deploy_app has no parameter `enviroment`",
    );
    check("user: dana, command: run, values: {a: b}", "values belong to a job");
}
