//! Reading one job template, and checking it in itself.

use regex::Regex;

use super::command::{Described, Use, check, run};
use super::fields::{Fields, is_identifier, join, localized, sequence, text};
use super::parameter::{Placed, Shared, read_list, regex_reason};
use super::report::Report;
use super::source::Source;
use super::yaml::{Content, Node};
use crate::catalog::mistake::{Place, Problem};
use crate::catalog::{Hint, JobTemplate, LockPart, ReplyTemplates, Risk, Target, TemplateId};

/// A template with the places that checks across templates point to.
#[derive(Debug)]
pub struct PlacedJob {
    pub job: JobTemplate,
    pub id_place: Place,
    pub inverse_place: Option<Place>,
}

/// Reads a file of `jobs/`; faulty parts are reported and left out.
pub fn read(
    source: &Source,
    root: &Node,
    shared: &Shared,
    platforms: &Described,
    report: &mut Report,
) -> Option<PlacedJob> {
    if root.content == Content::Null {
        report.add(&root.place, "", Problem::EmptyFile);
        return None;
    }
    let mut fields = Fields::of(root, "", report)?;
    let (id, id_place) = id(&mut fields, source, report);
    let name = fields.required_localized("name", report);
    let description = fields.required_localized("description", report);
    let tags = fields.texts("tags", report).into_iter().map(|(tag, _)| tag).collect();
    let risk = risk(&mut fields, report);
    let collect = fields.word("collect", &["required", "full"], report).unwrap_or_default();
    let parameters = fields
        .get("parameters")
        .map_or_else(Vec::new, |node| read_list(node, "parameters", shared, report));
    let (run, run_uses) = run(&mut fields, platforms, report);
    let (check, check_uses) = check(&mut fields, report);
    let reply = reply(&mut fields, report);
    let notify = fields.texts("notify", report).into_iter().map(|(chat, _)| chat).collect();
    let inverse = fields
        .get("inverse")
        .and_then(|node| Some((TemplateId(text(node, "inverse", report)?), node.place.clone())));
    let hints = hints(&mut fields, report);
    let lock = lock(fields.get("lock"), &parameters, report);
    let differ = differ(&mut fields, &parameters, report);
    fields.finish(report);

    check_uses_of(&run_uses, &parameters, report);
    check_uses_of(&check_uses, &parameters, report);
    parameters.iter().for_each(|placed| check_suggest(placed, &parameters, report));
    if matches!(run.target, Target::Command(_)) {
        report_unused(&parameters, &run_uses, report);
    }
    let (inverse, inverse_place) = inverse.unzip();
    let parameters = parameters.into_iter().map(|placed| placed.parameter).collect();
    let job = JobTemplate {
        id,
        name,
        description,
        tags,
        risk,
        collect,
        parameters,
        run,
        check,
        reply,
        notify,
        inverse,
        differ,
        hints,
        lock,
    };
    Some(PlacedJob { job, id_place, inverse_place })
}

/// The id; where it is missing, the file's name, so that other files can be checked against it.
fn id(fields: &mut Fields, source: &Source, report: &mut Report) -> (TemplateId, Place) {
    let stem = source.stem().to_owned();
    let read = fields
        .require("id", report)
        .and_then(|node| Some((text(node, "id", report)?, node.place.clone())));
    let Some((id, place)) = read else { return (TemplateId(stem), fields.place.clone()) };
    if !is_identifier(&id) {
        report.add(&place, "id", Problem::BadId { id: id.clone() });
    } else if id != stem {
        report.add(&place, "id", Problem::IdIsNotFileName { id: id.clone(), stem });
    }
    (TemplateId(id), place)
}

/// How risky a job is must be said: nobody should forget to think about it.
fn risk(fields: &mut Fields, report: &mut Report) -> Risk {
    if !fields.has("risk") {
        report.add(fields.place, "", Problem::MissingField { name: "risk" });
    }
    fields.word("risk", &["low", "medium", "high"], report).unwrap_or(Risk::High)
}

fn reply(fields: &mut Fields, report: &mut Report) -> ReplyTemplates {
    let Some(mut reply) = fields.get("reply").and_then(|n| Fields::of(n, "reply", report)) else {
        return ReplyTemplates::default();
    };
    let mut template = |name: &'static str| {
        let path = join("reply", name);
        let node = reply.get(name)?;
        let texts = localized(node, &path, report)?;
        let environment = minijinja::Environment::new();
        for text in [&texts.en, &texts.zh] {
            if let Err(error) = environment.template_from_str(text) {
                let reason = error.detail().unwrap_or("syntax error").to_owned();
                report.add(&node.place, path.clone(), Problem::BadReply { reason });
            }
        }
        Some(texts)
    };
    let (ack, result) = (template("ack"), template("result"));
    reply.finish(report);
    ReplyTemplates { ack, result }
}

fn hints(fields: &mut Fields, report: &mut Report) -> Vec<Hint> {
    let Some(node) = fields.get("hints") else { return Vec::new() };
    let items = sequence(node, "hints", report);
    items.iter().filter_map(|item| hint(item, report)).collect()
}

fn hint(node: &Node, report: &mut Report) -> Option<Hint> {
    let mut fields = Fields::of(node, "hints", report)?;
    let cause = fields.required_localized("cause", report);
    let pattern = fields.require("pattern", report);
    fields.finish(report);
    let place = &pattern?.place;
    match Regex::new(&text(pattern?, "hints.pattern", report)?) {
        Ok(pattern) => Some(Hint { pattern, cause }),
        Err(error) => {
            let problem = Problem::BadPattern { reason: regex_reason(&error) };
            report.add(place, "hints.pattern", problem);
            None
        }
    }
}

fn differ(fields: &mut Fields, parameters: &[Placed], report: &mut Report) -> Vec<Vec<String>> {
    let Some(node) = fields.get("differ") else { return Vec::new() };
    let mut groups = Vec::new();
    for item in sequence(node, "differ", report) {
        let names = parameter_names(Some(item), "differ", parameters, report);
        if matches!(&item.content, Content::Sequence(items) if items.len() < 2) {
            report.add(&item.place, "differ", Problem::NothingToDiffer);
        }
        groups.push(names);
    }
    groups
}

/// What is locked: names of parameters, which are the kinds, too, or `kind: parameter`, or
/// `kind: [parameters]`.
fn lock(node: Option<&Node>, parameters: &[Placed], report: &mut Report) -> Vec<LockPart> {
    const PATH: &str = "lock";
    let mut parts: Vec<LockPart> = Vec::new();
    let mut add =
        |kind: String, names: Vec<String>| match parts.iter_mut().find(|part| part.kind == kind) {
            Some(part) => part.parameters.extend(names),
            None => parts.push(LockPart { kind, parameters: names }),
        };
    let Some(node) = node else { return parts };
    for item in sequence(node, PATH, report) {
        let Content::Mapping(entries) = &item.content else {
            let Some(name) = text(item, PATH, report) else { continue };
            require_parameter(&name, &item.place, PATH, parameters, report);
            add(name.clone(), vec![name]);
            continue;
        };
        for (kind, named) in entries {
            let names = match &named.content {
                Content::Sequence(_) => parameter_names(Some(named), PATH, parameters, report),
                _ => {
                    let Some(name) = text(named, PATH, report) else { continue };
                    require_parameter(&name, &named.place, PATH, parameters, report);
                    vec![name]
                }
            };
            add(kind.name.clone(), names);
        }
    }
    parts
}

fn parameter_names(
    node: Option<&Node>,
    path: &str,
    parameters: &[Placed],
    report: &mut Report,
) -> Vec<String> {
    let Some(node) = node else { return Vec::new() };
    let mut names = Vec::new();
    for item in sequence(node, path, report) {
        let Some(name) = text(item, path, report) else { continue };
        require_parameter(&name, &item.place, path, parameters, report);
        names.push(name);
    }
    names
}

fn require_parameter<'p>(
    name: &str,
    place: &Place,
    path: &str,
    parameters: &'p [Placed],
    report: &mut Report,
) -> Option<&'p Placed> {
    let found = parameters.iter().find(|placed| placed.parameter.name == name);
    if found.is_none() {
        let known = parameters.iter().map(|placed| placed.parameter.name.clone()).collect();
        report.add(place, path, Problem::UnknownParameter { name: name.to_owned(), known });
    }
    found
}

/// Every placeholder has a parameter, and one that may have no value stands in a group.
fn check_uses_of(uses: &[Use], parameters: &[Placed], report: &mut Report) {
    for used in uses {
        let found = require_parameter(&used.name, &used.place, &used.path, parameters, report);
        let Some(Placed { parameter, .. }) = found else { continue };
        if !parameter.required && parameter.default.is_none() && !used.in_group {
            let problem = Problem::MayBeAbsent { name: used.name.clone() };
            report.add(&used.place, used.path.clone(), problem);
        }
    }
}

/// Suggestions may depend on any other parameter; they are left out until it has a value.
fn check_suggest(placed: &Placed, parameters: &[Placed], report: &mut Report) {
    for used in &placed.uses {
        if used.name == placed.parameter.name {
            let problem = Problem::SuggestsFromItself { name: used.name.clone() };
            report.add(&used.place, used.path.clone(), problem);
        } else {
            require_parameter(&used.name, &used.place, &used.path, parameters, report);
        }
    }
}

fn report_unused(parameters: &[Placed], uses: &[Use], report: &mut Report) {
    for Placed { parameter, place, path, .. } in parameters {
        if !uses.iter().any(|used| used.name == parameter.name) {
            let problem = Problem::UnusedParameter { name: parameter.name.clone() };
            report.add(place, path.clone(), problem);
        }
    }
}
