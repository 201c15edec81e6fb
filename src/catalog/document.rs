//! The catalogue as documentation, in Markdown. Labels are the fields' own names, so that what is
//! read here can be found in the template.

use std::fmt::Write as _;

use super::{Argument, Catalog, JobTemplate, Language, LockPart, Parameter, Risk, Target};
use crate::nlu::Label;

/// How many examples stand for all.
const EXAMPLES: usize = 5;

/// A table of the jobs, those with a tag where one is given.
pub fn index(catalog: &Catalog, tag: Option<&str>, language: Language) -> String {
    let mut text = "| id | name | risk | tags |\n|---|---|---|---|\n".to_owned();
    let wanted = |job: &&JobTemplate| tag.is_none_or(|tag| job.tags.iter().any(|t| t == tag));
    for job in catalog.jobs().iter().filter(wanted) {
        let name = cell(job.name.get(language));
        let tags = cell(&job.tags.join(", "));
        line(&mut text, format_args!("| `{}` | {name} | {} | {tags} |", job.id, risk(job.risk)));
    }
    text
}

/// Everything that a person has to know about a job.
pub fn job(catalog: &Catalog, job: &JobTemplate, language: Language) -> String {
    let mut text = format!("## {}\n\n", job.name.get(language));
    line(&mut text, format_args!("{}\n", job.description.get(language)));
    for (name, value) in facts(job) {
        line(&mut text, format_args!("- {name}: {value}"));
    }
    if !job.parameters.is_empty() {
        text.push_str("\n| parameter | type | required | default | description |\n");
        text.push_str("|---|---|---|---|---|\n");
        job.parameters.iter().for_each(|p| line(&mut text, format_args!("{}", row(p, language))));
    }
    for parameter in job.parameters.iter().filter(|p| !p.choices.is_empty()) {
        line(&mut text, format_args!("\n`{}`:\n", parameter.name));
        for choice in &parameter.choices {
            let synonyms = choice.synonyms.join(", ");
            let separator = if synonyms.is_empty() { "" } else { ": " };
            line(&mut text, format_args!("- `{}`{separator}{synonyms}", choice.value));
        }
    }
    let label = Label::Job(job.id.clone());
    let examples = catalog.examples_of(&label).filter(|e| e.language == language).take(EXAMPLES);
    for (number, example) in examples.enumerate() {
        let gap = if number == 0 { "\n" } else { "" };
        // Two blanks at the end of a line break it there.
        line(&mut text, format_args!("{gap}> {}  ", example.text));
    }
    text
}

/// `service`, or `environment (target_env)` where the parameter has another name.
fn locked(part: &LockPart) -> String {
    match part.parameters.as_slice() {
        [same] if *same == part.kind => part.kind.clone(),
        others => format!("{} ({})", part.kind, others.join(", ")),
    }
}

fn facts(job: &JobTemplate) -> Vec<(&'static str, String)> {
    let mut facts = vec![("id", code(job.id.as_str())), ("risk", risk(job.risk).to_owned())];
    let mut add = |name, values: &[String]| {
        if !values.is_empty() {
            facts.push((name, values.join(", ")));
        }
    };
    add("tags", &job.tags);
    add("lock", &job.lock.iter().map(locked).collect::<Vec<_>>());
    add("notify", &job.notify);
    add("differ", &job.differ.iter().map(|group| group.join(" ≠ ")).collect::<Vec<_>>());
    if let Some(inverse) = &job.inverse {
        facts.push(("inverse", code(inverse.as_str())));
    }
    let run = match &job.run.target {
        Target::Command(command) => written(command),
        Target::Job(name) => name.clone(),
    };
    facts.push(("platform", job.run.platform.clone()));
    facts.push(("run", code(&run)));
    facts.push(("timeout", seconds(job.run.timeout)));
    if let Some(check) = &job.check {
        facts.push(("check", code(&written(&check.command))));
    }
    facts
}

fn row(parameter: &Parameter, language: Language) -> String {
    let mut kind = parameter.kind.name().to_owned();
    let bounds = match (parameter.min, parameter.max) {
        (Some(min), Some(max)) => format!(" {min} … {max}"),
        (Some(min), None) => format!(" ≥ {min}"),
        (None, Some(max)) => format!(" ≤ {max}"),
        (None, None) => String::new(),
    };
    kind.push_str(&bounds);
    let default =
        parameter.default.as_ref().map_or(String::new(), |value| code(&value.to_string()));
    let required = if parameter.required { "✓" } else { "" };
    let description = cell(parameter.description.get(language));
    format!("| `{}` | {kind} | {required} | {} | {description} |", parameter.name, cell(&default))
}

/// An argument vector as it stands in the template: a group in brackets.
fn written(command: &[Argument]) -> String {
    let parts = command.iter().map(|argument| match argument {
        Argument::Literal(text) => text.clone(),
        Argument::Parameter(name) => format!("{{{name}}}"),
        Argument::Group(group) => format!("[{}]", written(group)),
    });
    parts.collect::<Vec<_>>().join(" ")
}

fn risk(risk: Risk) -> &'static str {
    match risk {
        Risk::Low => "low",
        Risk::Medium => "medium",
        Risk::High => "high",
    }
}

fn seconds(duration: std::time::Duration) -> String {
    match jiff::SignedDuration::try_from(duration) {
        Ok(duration) => format!("{duration:#}"),
        // Longer than any calendar: no template says so.
        Err(_) => format!("{} s", duration.as_secs()),
    }
}

/// A text in a fixed-width face, whatever backticks it holds.
fn code(text: &str) -> String {
    if text.contains('`') { format!("`` {text} ``") } else { format!("`{text}`") }
}

/// A text as a cell of a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}

fn line(text: &mut String, line: std::fmt::Arguments<'_>) {
    // Writing into a string can't fail.
    let _ = writeln!(text, "{line}");
}
