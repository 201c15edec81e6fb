//! Reading argument vectors, and what a job runs.

use std::collections::BTreeMap;
use std::time::Duration;

use super::fields::{Fields, sequence, text};
use super::interpreter::run_as_code;
use super::report::Report;
use super::yaml::{Content, Node};
use crate::catalog::mistake::{Place, Problem};
use crate::catalog::{Argument, Check, RunSpec, Suggest, Target};

/// How long a job may run where its template does not say.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(30 * 60);
/// How long a check may take where its template does not say.
const DEFAULT_CHECK_TIMEOUT: Duration = Duration::from_secs(30);

/// The remote platforms by name, with SHA-256 over the file that describes each, in hexadecimal.
pub type Described = BTreeMap<String, String>;

/// A use of a parameter in a command, to be checked once all parameters are known.
#[derive(Debug)]
pub struct Use {
    pub name: String,
    pub place: Place,
    pub path: String,
    /// Whether the argument is left out when the parameter has no value.
    pub in_group: bool,
}

/// What a job runs, and which parameters it uses there.
pub fn run(fields: &mut Fields, platforms: &Described, report: &mut Report) -> (RunSpec, Vec<Use>) {
    let mut uses = Vec::new();
    let nothing = || RunSpec {
        platform: "local".to_owned(),
        described: String::new(),
        target: Target::Command(Vec::new()),
        names: BTreeMap::new(),
        timeout: DEFAULT_TIMEOUT,
    };
    let path = fields.path_of("run");
    let Some(mut run) = fields.require("run", report).and_then(|n| Fields::of(n, path, report))
    else {
        return (nothing(), uses);
    };
    let platform = platform(&mut run, platforms, report);
    let target = target(&mut run, &platform, &mut uses, report);
    let names = names(&mut run, &platform, &mut uses, report);
    let timeout = run.duration("timeout", report).unwrap_or(DEFAULT_TIMEOUT);
    run.finish(report);
    let described = platforms.get(&platform).cloned().unwrap_or_default();
    (RunSpec { platform, described, target, names, timeout }, uses)
}

/// What a remote platform calls parameters that have another name there.
fn names(
    run: &mut Fields,
    platform: &str,
    uses: &mut Vec<Use>,
    report: &mut Report,
) -> BTreeMap<String, String> {
    let path = run.path_of("names");
    let Some(node) = run.get("names") else { return BTreeMap::new() };
    if platform == "local" {
        let problem = Problem::WrongTarget { field: "names", platform: platform.to_owned() };
        report.add(&node.place, path, problem);
        return BTreeMap::new();
    }
    let Content::Mapping(entries) = &node.content else {
        let found = node.kind();
        report.add(&node.place, path, Problem::WrongKind { expected: "a mapping", found });
        return BTreeMap::new();
    };
    let mut names = BTreeMap::new();
    for (key, value) in entries {
        let (name, place, path) = (key.name.clone(), key.place.clone(), path.clone());
        if let Some(called) = text(value, &path, report) {
            names.insert(name.clone(), called);
        }
        uses.push(Use { name, place, path, in_group: true });
    }
    names
}

fn platform(run: &mut Fields, known: &Described, report: &mut Report) -> String {
    let path = run.path_of("platform");
    let Some(node) = run.get("platform") else { return "local".to_owned() };
    let Some(name) = text(node, &path, report) else { return "local".to_owned() };
    if name != "local" && !known.contains_key(&name) {
        let known = std::iter::once("local".to_owned()).chain(known.keys().cloned()).collect();
        report.add(&node.place, path, Problem::UnknownPlatform { name: name.clone(), known });
    }
    name
}

fn target(run: &mut Fields, platform: &str, uses: &mut Vec<Use>, report: &mut Report) -> Target {
    let (wanted, other) = if platform == "local" { ("command", "job") } else { ("job", "command") };
    if let Some(node) = run.get(other) {
        let problem = Problem::WrongTarget { field: other, platform: platform.to_owned() };
        report.add(&node.place, run.path_of(other), problem);
    }
    let Some(node) = run.require(wanted, report) else { return Target::Command(Vec::new()) };
    let path = run.path_of(wanted);
    if wanted == "job" {
        Target::Job(text(node, &path, report).unwrap_or_default())
    } else {
        Target::Command(command(node, &path, uses, report))
    }
}

/// The question asked before a run, and which parameters it uses.
pub fn check(fields: &mut Fields, report: &mut Report) -> (Option<Check>, Vec<Use>) {
    let mut uses = Vec::new();
    let path = fields.path_of("check");
    let Some(mut check) = fields.get("check").and_then(|node| Fields::of(node, path, report))
    else {
        return (None, uses);
    };
    let path = check.path_of("command");
    let node = check.require("command", report);
    let command = node.map_or_else(Vec::new, |node| command(node, &path, &mut uses, report));
    let timeout = check.duration("timeout", report).unwrap_or(DEFAULT_CHECK_TIMEOUT);
    check.finish(report);
    (Some(Check { command, timeout }), uses)
}

/// The command that proposes values of a parameter, and the other parameters that it uses.
pub fn suggest(fields: &mut Fields, report: &mut Report) -> (Option<Suggest>, Vec<Use>) {
    let mut uses = Vec::new();
    let path = fields.path_of("suggest");
    let Some(mut suggest) = fields.get("suggest").and_then(|node| Fields::of(node, path, report))
    else {
        return (None, uses);
    };
    let path = suggest.path_of("command");
    let node = suggest.require("command", report);
    let command = node.map_or_else(Vec::new, |node| command(node, &path, &mut uses, report));
    suggest.finish(report);
    (Some(Suggest { command }), uses)
}

fn command(node: &Node, path: &str, uses: &mut Vec<Use>, report: &mut Report) -> Vec<Argument> {
    let items = sequence(node, path, report);
    let mut arguments = Vec::new();
    let earlier = uses.len();
    for item in items {
        match &item.content {
            Content::Sequence(inner) => {
                let mut group_uses = Vec::new();
                let group = group(inner, path, &mut group_uses, report);
                if group_uses.is_empty() {
                    report.add(&item.place, path, Problem::GroupWithoutParameter);
                }
                uses.append(&mut group_uses);
                arguments.push(Argument::Group(group));
            }
            _ => arguments.extend(argument(item, path, false, uses, report)),
        }
    }
    match arguments.first() {
        Some(Argument::Literal(_)) => {}
        Some(_) => report.add(&items[0].place, path, Problem::ProgramIsParameter),
        None if items.is_empty() => report.add(&node.place, path, Problem::EmptyCommand),
        None => {}
    }
    for (name, program) in run_as_code(&arguments) {
        let used = uses[earlier..].iter().find(|used| used.name == name);
        let (name, program) = (name.to_owned(), program.to_owned());
        let place = used.map_or(&node.place, |used| &used.place);
        report.add(place, path, Problem::RunAsCode { name, program });
    }
    arguments
}

fn group(items: &[Node], path: &str, uses: &mut Vec<Use>, report: &mut Report) -> Vec<Argument> {
    let mut arguments = Vec::new();
    for item in items {
        if matches!(item.content, Content::Sequence(_)) {
            report.add(&item.place, path, Problem::NestedGroup);
        } else {
            arguments.extend(argument(item, path, true, uses, report));
        }
    }
    arguments
}

fn argument(
    node: &Node,
    path: &str,
    in_group: bool,
    uses: &mut Vec<Use>,
    report: &mut Report,
) -> Option<Argument> {
    // `{version}` without quotes: YAML reads a mapping with one key and no value.
    if let Content::Mapping(entries) = &node.content
        && let [(key, value)] = entries.as_slice()
        && value.content == Content::Null
    {
        let problem = Problem::UnquotedPlaceholder { name: key.name.clone() };
        report.add(&node.place, path, problem);
        return None;
    }
    // An empty argument is a fine argument, unlike an empty text elsewhere.
    if let Content::Scalar(scalar) = &node.content
        && scalar.text.is_empty()
    {
        return Some(Argument::Literal(String::new()));
    }
    text(node, path, report)?;
    let Content::Scalar(scalar) = &node.content else { return None };
    let written = scalar.text.clone();
    let Some(name) = placeholder(&written) else { return Some(Argument::Literal(written)) };
    let name = name.to_owned();
    if written.len() != name.len() + 2 {
        let problem = Problem::PartialPlaceholder { argument: written, name };
        report.add(&node.place, path, problem);
        return None;
    }
    let (place, path) = (node.place.clone(), path.to_owned());
    uses.push(Use { name: name.clone(), place, path, in_group });
    Some(Argument::Parameter(name))
}

/// The first `{name}` in an argument. Doubled braces (Go and Jinja templates) and braces around
/// anything else (JSON) are literal.
fn placeholder(argument: &str) -> Option<&str> {
    let mut from = 0;
    while let Some(open) = argument[from..].find('{').map(|at| from + at) {
        let inner = &argument[open + 1..];
        let close = inner.find(['{', '}'])?;
        let name = &inner[..close];
        let doubled = argument[..open].ends_with('{') || inner[close..].starts_with("}}");
        if inner[close..].starts_with('}') && super::fields::is_identifier(name) && !doubled {
            return Some(name);
        }
        from = open + 1;
    }
    None
}
