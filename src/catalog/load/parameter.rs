//! Reading the parameters of a job, the shared ones, and the arguments of a command.

use std::collections::BTreeMap;

use regex::Regex;

use super::command::{Use, suggest};
use super::fields::{Fields, is_identifier, join, number, sequence, text};
use super::report::Report;
use super::yaml::{Content, Node, ScalarKind};
use crate::catalog::mistake::{Place, Problem};
use crate::catalog::{Choice, Parameter, ParameterType, Value};
use crate::nlu::values::{self, Reference, ValueError};

/// Parameters that several jobs share, by name, as nodes of `parameters.yaml`: a job merges its
/// own fields over them.
pub type Shared<'n> = BTreeMap<String, &'n Node>;

/// A parameter with the places that later checks point to.
#[derive(Debug)]
pub struct Placed {
    pub parameter: Parameter,
    pub place: Place,
    pub path: String,
    /// The other parameters that its suggestions depend on.
    pub uses: Vec<Use>,
}

/// Reads a list of parameters; faulty parts are reported and left out.
pub fn read_list(node: &Node, path: &str, shared: &Shared, report: &mut Report) -> Vec<Placed> {
    let mut read: Vec<Placed> = Vec::new();
    for item in sequence(node, path, report) {
        let Some(placed) = read_one(item, path, shared, report) else { continue };
        match read.iter().find(|other| other.parameter.name == placed.parameter.name) {
            Some(first) => {
                let name = placed.parameter.name;
                let problem = Problem::DuplicateParameter { name, first: first.place.clone() };
                report.add(&placed.place, placed.path, problem);
            }
            None => read.push(placed),
        }
    }
    read
}

fn read_one(node: &Node, path: &str, shared: &Shared, report: &mut Report) -> Option<Placed> {
    let mut fields = Fields::of(node, path, report)?;
    if let Some(reference) = fields.get("use") {
        let path = fields.path_of("use");
        let name = text(reference, &path, report)?;
        let Some(base) = shared.get(&name) else {
            let known = shared.keys().cloned().collect();
            report.add(&reference.place, path, Problem::UnknownShared { name, known });
            return None;
        };
        let base = Fields::of(base, fields.path.clone(), report)?;
        fields = fields.or(base);
    }
    let name = fields.required_text("name", report);
    if name.is_empty() {
        return None;
    }
    fields.path = join(path, &name);
    if !is_identifier(&name) {
        report.add(&node.place, fields.path.clone(), Problem::BadId { id: name.clone() });
    }
    let place = node.place.clone();
    let path = fields.path.clone();
    let (parameter, uses) = read_fields(fields, name, report);
    Some(Placed { parameter, place, path, uses })
}

fn read_fields(mut fields: Fields, name: String, report: &mut Report) -> (Parameter, Vec<Use>) {
    let kind = kind(&mut fields, report);
    let required = fields.flag("required", report);
    let description = fields.required_localized("description", report);
    let label = fields.localized("label", report);
    let choices = choices(&mut fields, kind, report);
    let pattern = pattern(&mut fields, report);
    let (min, max) = bounds(&mut fields, kind, report);
    let secret = fields.flag("secret", report);
    let (suggest, uses) = suggest(&mut fields, report);
    let mut parameter = Parameter {
        name,
        kind,
        required,
        description,
        label,
        choices,
        pattern,
        min,
        max,
        default: None,
        secret,
        suggest,
    };
    parameter.default = default(&mut fields, &parameter, report);
    fields.finish(report);
    (parameter, uses)
}

fn kind(fields: &mut Fields, report: &mut Report) -> ParameterType {
    let names: Vec<&str> = ParameterType::ALL.iter().map(|kind| kind.name()).collect();
    if !fields.has("type") {
        report.add(fields.place, fields.path.clone(), Problem::MissingField { name: "type" });
    }
    fields.word("type", &names, report).unwrap_or(ParameterType::String)
}

/// The choices, and that each word stands for one of them only, however it is capitalised.
fn choices(fields: &mut Fields, kind: ParameterType, report: &mut Report) -> Vec<Choice> {
    let path = fields.path_of("choices");
    let Some(node) = fields.get("choices") else {
        if kind == ParameterType::Choice {
            report.add(fields.place, fields.path.clone(), Problem::ChoicesMissing { kind });
        }
        return Vec::new();
    };
    if !matches!(kind, ParameterType::Choice | ParameterType::List) {
        report.add(&node.place, path, Problem::ChoicesNotApplicable { kind });
        return Vec::new();
    }
    let items = sequence(node, &path, report);
    if items.is_empty() {
        report.add(&node.place, path.clone(), Problem::ChoicesMissing { kind });
    }
    let mut words: BTreeMap<String, Place> = BTreeMap::new();
    items.iter().filter_map(|item| choice(item, &path, &mut words, report)).collect()
}

fn choice(
    node: &Node,
    path: &str,
    words: &mut BTreeMap<String, Place>,
    report: &mut Report,
) -> Option<Choice> {
    let mut note = |word: &str, place: &Place, path: &str, report: &mut Report| {
        if let Some(first) = words.insert(word.to_lowercase(), place.clone()) {
            report.add(place, path, Problem::DuplicateSynonym { word: word.to_owned(), first });
        }
    };
    // A choice without synonyms may be written as its bare value.
    if let Content::Scalar(_) = node.content {
        let value = text(node, path, report)?;
        note(&value, &node.place, path, report);
        return Some(Choice { value, synonyms: Vec::new() });
    }
    let mut fields = Fields::of(node, path, report)?;
    let value_node = fields.require("value", report)?;
    let value = text(value_node, &fields.path_of("value"), report)?;
    let path = join(path, &value);
    note(&value, &value_node.place, &path, report);
    let mut synonyms = Vec::new();
    for (synonym, node) in fields.texts("synonyms", report) {
        note(&synonym, &node.place, &path, report);
        synonyms.push(synonym);
    }
    fields.finish(report);
    Some(Choice { value, synonyms })
}

/// The pattern, anchored at both ends.
fn pattern(fields: &mut Fields, report: &mut Report) -> Option<Regex> {
    let path = fields.path_of("pattern");
    let node = fields.get("pattern")?;
    let written = text(node, &path, report)?;
    // Compiled as written first: an unbalanced parenthesis must not find its match in the anchor.
    match Regex::new(&written).and_then(|_| Regex::new(&format!("^(?:{written})$"))) {
        Ok(regex) => Some(regex),
        Err(error) => {
            report.add(&node.place, path, Problem::BadPattern { reason: regex_reason(&error) });
            None
        }
    }
}

/// The last line of what the regex crate says: the ones before draw the pattern once more.
pub fn regex_reason(error: &regex::Error) -> String {
    let all = error.to_string();
    let last = all.lines().last().unwrap_or_default();
    last.trim_start_matches("error: ").to_owned()
}

fn bounds(
    fields: &mut Fields,
    kind: ParameterType,
    report: &mut Report,
) -> (Option<f64>, Option<f64>) {
    let mut bound = |name: &'static str| {
        let path = fields.path_of(name);
        let node = fields.get(name)?;
        if !matches!(kind, ParameterType::Integer | ParameterType::Number) {
            report.add(&node.place, path, Problem::BoundsNotApplicable { kind });
            return None;
        }
        Some((number(node, &path, report)?, &node.place))
    };
    let (min, max) = (bound("min"), bound("max"));
    if let (Some((min, place)), Some((max, _))) = (min, max)
        && min > max
    {
        report.add(place, fields.path_of("min"), Problem::MinAboveMax { min, max });
    }
    (min.map(|(value, _)| value), max.map(|(value, _)| value))
}

fn default(fields: &mut Fields, parameter: &Parameter, report: &mut Report) -> Option<Value> {
    let path = fields.path_of("default");
    let node = fields.get("default")?;
    if parameter.required {
        report.add(&node.place, path.clone(), Problem::RequiredWithDefault);
    }
    if parameter.secret {
        report.add(&node.place, path.clone(), Problem::SecretWithDefault);
        return None;
    }
    let written = written_value(node, &path, parameter.kind, report)?;
    match canonical(written, parameter) {
        Ok(value) => Some(value),
        Err(error) => {
            report.add(&node.place, path, Problem::BadDefault { error });
            None
        }
    }
}

/// The choice that has exactly this value or synonym, however it is capitalised.
fn choice_called(value: &Value, parameter: &Parameter) -> Option<Value> {
    let word = value.to_string().to_lowercase();
    let called = |choice: &&Choice| {
        let mut words = std::iter::once(&choice.value).chain(&choice.synonyms);
        words.any(|other| other.to_lowercase() == word)
    };
    parameter.choices.iter().find(called).map(|choice| Value::Text(choice.value.clone()))
}

/// The canonical form of a value of the catalogue: `10 minutes` is `10m`, `prod` the choice it
/// stands for.
///
/// # Errors
///
/// Why it is no value of the parameter, or none that means the same every day.
pub fn canonical(value: Value, parameter: &Parameter) -> Result<Value, ValueError> {
    let Err(error) = values::check(&value, parameter) else { return Ok(value) };
    match parameter.kind {
        // "Tomorrow" is a time to a person, but not the same one for ever.
        ParameterType::Datetime => return Err(error),
        // A near miss is good enough in a chat, not in a catalogue.
        ParameterType::Choice => return choice_called(&value, parameter).ok_or(error),
        _ => {}
    }
    let now = jiff::Timestamp::UNIX_EPOCH.to_zoned_datetime(jiff::tz::TimeZone::UTC);
    let words = value.to_string();
    match values::interpret(&words, parameter, &Reference { now })?.as_slice() {
        [only] => Ok(only.clone()),
        _ => Err(error),
    }
}

/// A value as it is written in YAML: booleans and numbers only where the type asks for them.
fn written_value(
    node: &Node,
    path: &str,
    kind: ParameterType,
    report: &mut Report,
) -> Option<Value> {
    if let (ParameterType::List, Content::Sequence(items)) = (kind, &node.content) {
        let texts = items.iter().filter_map(|item| text(item, path, report));
        return Some(Value::List(texts.collect()));
    }
    let written = text(node, path, report)?;
    let Content::Scalar(scalar) = &node.content else { return None };
    Some(match (kind, scalar.kind) {
        (ParameterType::Boolean, ScalarKind::Boolean(value)) => Value::Boolean(value),
        (ParameterType::Integer, ScalarKind::Integer(value)) => Value::Integer(value),
        (ParameterType::Number, ScalarKind::Integer(value)) => Value::Number(value as f64),
        (ParameterType::Number, ScalarKind::Number(value)) => Value::Number(value),
        _ => Value::Text(written),
    })
}
