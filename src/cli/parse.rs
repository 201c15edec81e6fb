//! `steward parse`: what messages are understood as, one JSON object a line. The format is
//! stable and described in `docs/parse.md`.

use std::io::Write;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context, bail};
use serde::Serialize;
use steward::bot::LONGEST;
use steward::catalog::Catalog;
use steward::config::Config;
use steward::lines::{Line, lines};
use steward::nlu::values::Reference;
use steward::nlu::{Decision, Label, Nlu, Slot, SlotValue, Utterance};

use super::log_to_stderr;
use super::understanding::{Folders, reference};

#[derive(clap::Args)]
pub struct Args {
    /// Messages; without any, one per line from stdin
    messages: Vec<String>,
    /// Say it in words for people, with why
    #[arg(long)]
    explain: bool,
    /// Fill the slots of this job template or command, whatever the message is taken for
    #[arg(long, value_name = "ID")]
    given_intent: Option<String>,
    #[command(flatten)]
    folders: Folders,
}

/// One line of the answer.
#[derive(Serialize)]
struct Parsed<'a> {
    text: &'a str,
    decision: Decision,
    intent: &'a str,
    confidence: f32,
    alternatives: Vec<Alternative<'a>>,
    slots: Vec<ParsedSlot>,
    ms: f64,
}

#[derive(Serialize)]
struct Alternative<'a> {
    intent: &'a str,
    confidence: f32,
}

#[derive(Serialize)]
struct ParsedSlot {
    param: String,
    start: usize,
    end: usize,
    surface: String,
    value: serde_json::Value,
    confidence: f32,
    /// Why the words are no value, or the values they may be.
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<String>,
}

/// How many alternatives are listed.
const ALTERNATIVES: usize = 5;

pub fn run(args: Args, config: &Config) -> anyhow::Result<ExitCode> {
    log_to_stderr();
    let catalog = args.folders.catalog(config)?;
    let given = args.given_intent.as_deref().map(|id| find(&catalog, id)).transpose()?;
    let nlu = args.folders.open(config, catalog)?;
    let answer = |text: &str| -> anyhow::Result<()> {
        let text = cut(text);
        let reference = reference(config);
        let start = Instant::now();
        let utterance = nlu.read(text);
        let label = given.as_ref().unwrap_or(&utterance.ranking[0].label);
        let slots = nlu.arguments(&utterance, label, &reference);
        let ms = start.elapsed().as_secs_f64() * 1e3;
        let mut out = std::io::stdout().lock();
        if args.explain {
            write!(out, "{}", explained(&nlu, &utterance, label, &slots, ms, &reference))?;
        } else {
            let parsed = parsed(&utterance, slots, ms);
            writeln!(out, "{}", serde_json::to_string(&parsed)?)?;
        }
        Ok(out.flush()?)
    };
    if args.messages.is_empty() {
        for line in lines(std::io::stdin().lock()) {
            match line.context("the input can't be read")? {
                Line::Text(line) => answer(&line)?,
                Line::NotText(number) => {
                    eprintln!("steward: line {number} of the input is not UTF-8 text, skipped");
                }
            }
        }
    } else {
        args.messages.iter().try_for_each(|text| answer(text))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// What the chat would read of a message.
fn cut(text: &str) -> &str {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => {
            eprintln!(
                "steward: a message is longer than {LONGEST} characters; the rest is left out"
            );
            &text[..end]
        }
        None => text,
    }
}

fn find(catalog: &Catalog, id: &str) -> anyhow::Result<Label> {
    let found = catalog.labels().find(|label| label.id() == id);
    match found {
        Some(label) => Ok(label),
        None => {
            let known: Vec<String> = catalog.labels().map(|l| l.id().to_owned()).collect();
            bail!("there is no `{id}` in the catalogue, but {}", known.join(", "))
        }
    }
}

fn parsed(utterance: &Utterance, slots: Vec<Slot>, ms: f64) -> Parsed<'_> {
    let best = &utterance.ranking[0];
    Parsed {
        text: &utterance.text,
        decision: utterance.decision,
        intent: best.label.id(),
        confidence: rounded(best.probability),
        alternatives: utterance
            .ranking
            .iter()
            .take(ALTERNATIVES)
            .map(|s| Alternative { intent: s.label.id(), confidence: rounded(s.probability) })
            .collect(),
        slots: slots.into_iter().map(parsed_slot).collect(),
        ms: (ms * 100.0).round() / 100.0,
    }
}

fn parsed_slot(slot: Slot) -> ParsedSlot {
    let json = |value: &steward::catalog::Value| serde_json::to_value(value).unwrap_or_default();
    let (value, problem) = match &slot.value {
        SlotValue::Valid(value) => (json(value), None),
        SlotValue::Ambiguous(values) => {
            let all: Vec<String> = values.iter().map(ToString::to_string).collect();
            let first = values.first().map(json).unwrap_or_default();
            (first, Some(format!("may be {}", all.join(" or "))))
        }
        SlotValue::Invalid(error) => (serde_json::Value::Null, Some(error.to_string())),
    };
    ParsedSlot {
        param: slot.parameter,
        start: slot.start,
        end: slot.end,
        surface: slot.surface,
        value,
        confidence: rounded(slot.confidence),
        problem,
    }
}

fn rounded(probability: f32) -> f32 {
    (probability * 10_000.0).round() / 10_000.0
}

fn explained(
    nlu: &Nlu,
    utterance: &Utterance,
    label: &Label,
    slots: &[Slot],
    ms: f64,
    reference: &Reference,
) -> String {
    let mut lines = vec![format!("{}", utterance.text)];
    let decision = match utterance.decision {
        Decision::Accept => "accepted",
        Decision::Clarify => "to be clarified",
        Decision::Reject => "not understood, or out of scope",
    };
    lines.push(format!("  {decision}: {} ({ms:.1} ms)", nlu.why(utterance)));
    for scored in utterance.ranking.iter().take(ALTERNATIVES) {
        lines.push(format!("    {:5.1} %  {}", 100.0 * scored.probability, scored.label));
    }
    lines.push(format!("  values of {label}, as of {}:", reference.now.datetime()));
    for slot in slots {
        let worth = match &slot.value {
            SlotValue::Valid(value) => value.to_string(),
            SlotValue::Ambiguous(values) => {
                let all: Vec<String> = values.iter().map(ToString::to_string).collect();
                format!("{}?", all.join(" or "))
            }
            SlotValue::Invalid(error) => error.to_string(),
        };
        let Slot { parameter, surface, start, end, confidence, .. } = slot;
        lines.push(format!(
            "    {parameter} = {worth}  (\"{surface}\" at {start}..{end}, {:.0} %)",
            100.0 * confidence
        ));
    }
    lines.join("\n") + "\n"
}
