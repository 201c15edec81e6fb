//! Compares a turn with what its script expects.

use std::collections::{BTreeMap, BTreeSet};

use jiff::tz::TimeZone;
use serde::Serialize;
use serde_json::Value as Json;
use steward::dialogue::{Act, OptionItem, Pick, Turn};
use steward::jobs::schedule::When;
use steward::nlu::Label;
use steward::plan::{Plan, Source};

use super::script::{Expect, Job, Step};

/// Says what is not as expected.
pub fn check(step: &Step, turn: &Turn) -> Result<(), String> {
    let expect = &step.expect;
    check_runs(expect, turn)?;
    check_question(expect, turn)?;
    check_plan(expect, turn)?;
    check_offers(expect, turn)?;
    check_answers(expect, turn)?;
    let any = |is: fn(&Act) -> bool| turn.acts.iter().any(is);
    same("cancelled", expect.cancelled, || any(|a| matches!(a, Act::Cancelled { .. })))?;
    same("rejected", expect.rejected, || any(|a| matches!(a, Act::Rejected)))?;
    same("greets", expect.greets, || any(|a| matches!(a, Act::Greets { .. })))?;
    let courtesy = turn.acts.iter().find_map(|act| match act {
        Act::Greets { courtesy } => Some(*courtesy),
        _ => None,
    });
    if expect.courtesy.is_some() && expect.courtesy != courtesy {
        return Err(format!("expected the courtesy {:?}, got {courtesy:?}", expect.courtesy));
    }
    let asked = turn.acts.iter().find_map(|act| match act {
        Act::AsksWhen { problem, .. } => Some(*problem),
        _ => None,
    });
    if expect.asks_when != asked && (expect.asks_when.is_some() || expect.plan.is_some()) {
        return Err(format!("expected to be asked when: {:?}, got {asked:?}", expect.asks_when));
    }
    same("language", expect.language, || turn.session.language)?;
    same("redacts", expect.redacts.clone(), || turn.redact.clone())?;
    if let Some(note) = &expect.note {
        let notes: Vec<String> = turn
            .acts
            .iter()
            .filter_map(|act| match act {
                Act::Notes { note } => tag(note, "note"),
                _ => None,
            })
            .collect();
        if !notes.contains(note) {
            return Err(format!("expected the note `{note}`, got {notes:?}"));
        }
    }
    Ok(())
}

/// Nothing runs that is not expected to.
fn check_runs(expect: &Expect, turn: &Turn) -> Result<(), String> {
    let runs: Vec<_> = turn
        .acts
        .iter()
        .filter_map(|act| match act {
            Act::Runs { plan } => Some(super::plain(plan)),
            _ => None,
        })
        .collect();
    let expected: Vec<_> = expect.runs.iter().map(job).collect();
    if runs == expected {
        Ok(())
    } else {
        Err(format!("expected to run {expected:?}, got {runs:?}"))
    }
}

fn check_question(expect: &Expect, turn: &Turn) -> Result<(), String> {
    let asked = turn.acts.iter().rev().find_map(|act| match act {
        Act::Asks { parameter, about, problem, options, failures, returning, .. } => {
            Some((parameter, about, problem, options, *failures, *returning))
        }
        _ => None,
    });
    if let Some(parameter) = &expect.asks {
        let Some((asked, ..)) = asked else {
            return Err(format!("expected to be asked for `{parameter}`"));
        };
        if asked != parameter {
            return Err(format!("expected to be asked for `{parameter}`, not `{asked}`"));
        }
    }
    let Some((_, about, problem, options, failures, returning)) = asked else {
        return Ok(());
    };
    same("about", expect.about.clone(), || tag(about, "asking").unwrap_or_default())?;
    same("problem", expect.problem.clone(), || {
        problem.as_ref().and_then(|problem| tag(problem, "why")).unwrap_or_default()
    })?;
    same("failures", expect.failures, || failures)?;
    same("returning", expect.returning, || returning)?;
    if let Some(expected) = &expect.options {
        let names: BTreeSet<String> = options.iter().map(name).collect();
        if let Some(missing) = expected.iter().find(|option| !names.contains(*option)) {
            return Err(format!("the option `{missing}` is missing in {names:?}"));
        }
    }
    Ok(())
}

fn check_plan(expect: &Expect, turn: &Turn) -> Result<(), String> {
    let Some(expected) = &expect.plan else { return Ok(()) };
    let Some((plan, changed, pairs)) = turn.acts.iter().rev().find_map(|act| match act {
        Act::Plan { plan, changed, pairs, .. } => Some((plan, *changed, pairs)),
        _ => None,
    }) else {
        return Err(format!("expected the plan {:?}", job(expected)));
    };
    if super::plain(plan) != job(expected) {
        return Err(format!("expected the plan {:?}, got {:?}", job(expected), super::plain(plan)));
    }
    same("when", expect.when.clone(), || when(plan))?;
    if expect.replaces != plan.replaces {
        return Err(format!("expected in place of {:?}, got {:?}", expect.replaces, plan.replaces));
    }
    same("changed", expect.changed, || changed)?;
    same("carried", expect.carried.clone(), || {
        let carried = plan.values.iter().filter(|(_, given)| given.source == Source::CarriedOver);
        carried.map(|(name, _)| name.clone()).collect()
    })?;
    same("pairs", expect.pairs.clone(), || {
        pairs.iter().map(|pair| format!("{}>{}", pair.from, pair.to)).collect()
    })
}

/// When a plan shall run.
fn when(plan: &Plan) -> String {
    match &plan.when {
        None => "now".to_owned(),
        Some(When::Once(at)) => {
            let zone = TimeZone::get("Asia/Shanghai").expect("a time zone");
            at.to_zoned_datetime(zone).strftime("%Y-%m-%dT%H:%M").to_string()
        }
        Some(When::Recurring(recurrence)) => recurrence.cron().to_owned(),
    }
}

fn check_offers(expect: &Expect, turn: &Turn) -> Result<(), String> {
    let offers = turn.acts.iter().rev().find_map(|act| match act {
        Act::Offers { options, .. } => Some(names(options)),
        _ => None,
    });
    if let Some(expected) = &expect.offers {
        let expected: BTreeSet<String> = expected.iter().cloned().collect();
        if offers.as_ref() != Some(&expected) {
            return Err(format!("expected the offers {expected:?}, got {offers:?}"));
        }
    }
    let switch = turn.acts.iter().find_map(|act| match act {
        Act::AsksSwitch { to, .. } => Some(to.to_string()),
        _ => None,
    });
    if expect.switch.is_some() && switch != expect.switch {
        return Err(format!("expected a switch to {:?}, got {switch:?}", expect.switch));
    }
    let drafts = turn.acts.iter().find_map(|act| match act {
        Act::Drafts { drafts, .. } => {
            Some(drafts.iter().map(|draft| draft.template.to_string()).collect::<Vec<_>>())
        }
        _ => None,
    });
    if expect.drafts.is_some() && drafts != expect.drafts {
        return Err(format!("expected the drafts {:?}, got {drafts:?}", expect.drafts));
    }
    Ok(())
}

fn check_answers(expect: &Expect, turn: &Turn) -> Result<(), String> {
    let Some(command) = &expect.answers else { return Ok(()) };
    let query = turn.acts.iter().find_map(|act| match act {
        Act::Answers { query } => Some(query),
        _ => None,
    });
    let Some(query) = query else { return Err(format!("expected an answer to `{command}`")) };
    if query.command.as_str() != command {
        return Err(format!("expected an answer to `{command}`, not to `{}`", query.command));
    }
    for (name, value) in expect.arguments.iter().flatten() {
        let got = query.arguments.get(name);
        if got.map(ToString::to_string) != Some(value.to_string()) {
            return Err(format!("expected the argument {name} = {value}, got {got:?}"));
        }
    }
    Ok(())
}

fn same<T: PartialEq + std::fmt::Debug>(
    what: &str,
    expected: Option<T>,
    got: impl FnOnce() -> T,
) -> Result<(), String> {
    let Some(expected) = expected else { return Ok(()) };
    let got = got();
    if expected == got {
        Ok(())
    } else {
        Err(format!("{what}: expected {expected:?}, got {got:?}"))
    }
}

fn job(job: &Job) -> (String, BTreeMap<String, String>) {
    let values = job.params.iter().map(|(name, value)| (name.clone(), value.to_string()));
    (job.template.clone(), values.collect())
}

/// What options are called in scripts; the way out is left out.
fn names(options: &[OptionItem]) -> BTreeSet<String> {
    options.iter().filter(|option| option.pick != Pick::NoneOfThese).map(name).collect()
}

fn name(option: &OptionItem) -> String {
    match &option.pick {
        Pick::Intent { label: Label::Job(id) | Label::Command(id) | Label::Act(id) } => {
            id.to_string()
        }
        Pick::Value { value, .. } => value.to_string(),
        Pick::Change { parameter: Some(parameter) } => parameter.clone(),
        other => tag(other, "pick").unwrap_or_default(),
    }
}

/// The name of a variant, as it is stored.
fn tag(value: &impl Serialize, key: &str) -> Option<String> {
    match serde_json::to_value(value).ok()? {
        Json::Object(map) => map.get(key)?.as_str().map(str::to_owned),
        _ => None,
    }
}
