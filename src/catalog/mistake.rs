//! What can be wrong with a catalogue, where it is, and what would be right.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use super::ParameterType;
use crate::nlu::values::ValueError;

/// Every mistake of a catalogue, in the order of files and lines. Its `Display` is the report
/// that `steward check` prints. Never empty.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub struct Mistakes(pub Vec<Mistake>);

/// One mistake, or one warning.
#[derive(Debug, Clone, PartialEq)]
pub struct Mistake {
    pub place: Place,
    /// The path of keys to what is wrong: `parameters.version.default`. Empty where the file as
    /// a whole is meant.
    pub field: String,
    pub problem: Problem,
    /// The line of the file, where there is one.
    pub excerpt: Option<String>,
}

/// A place in a file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    pub file: Arc<PathBuf>,
    /// `None` where the file as a whole is meant.
    pub position: Option<Position>,
}

/// Line and column, both counted from 1; columns count characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    pub line: u32,
    pub column: u32,
}

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// The catalogue can't be used.
    Error,
    /// It can, but hardly does what was meant.
    Warning,
}

/// What makes YAML unreadable most often.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SyntaxCause {
    /// A tab indents the place or the line after it.
    Tab,
    /// A `{` stands in a text without quotes.
    Braces,
}

/// What is wrong.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Problem {
    // Files.
    #[error("can't be read: {reason}")]
    Unreadable { reason: String },
    #[error("is not UTF-8 text")]
    NotUtf8,
    #[error("has more than the {max} bytes that a catalogue file may have")]
    FileTooLarge { max: u64 },
    #[error("is no regular file")]
    NoFile,
    #[error("is no YAML: {reason}")]
    Syntax { reason: String, cause: Option<SyntaxCause> },
    #[error("there is nothing in this file")]
    EmptyFile,
    #[error("nothing is read from this file")]
    UnexpectedFile,
    #[error("there is no job template")]
    NoJobs,

    // Fields.
    #[error("expected {expected}, found {found}")]
    WrongKind { expected: &'static str, found: &'static str },
    #[error("unknown field `{name}`")]
    UnknownField { name: String, known: Vec<String> },
    #[error("`{name}` is missing")]
    MissingField { name: &'static str },
    #[error("`{name}` is given twice")]
    DuplicateField { name: String, first: Place },
    #[error("this text is empty")]
    EmptyText,
    #[error("`{value}` is not possible here")]
    NotOneOf { value: String, allowed: Vec<String> },
    #[error("`{text}` is not a duration")]
    BadDuration { text: String },
    #[error("this pattern is no regular expression: {reason}")]
    BadPattern { reason: String },
    #[error("this template can't be rendered: {reason}")]
    BadReply { reason: String },

    // Identity.
    #[error("`{id}` can't be an identifier")]
    BadId { id: String },
    #[error("the id `{id}` differs from the file's name")]
    IdIsNotFileName { id: String, stem: String },
    #[error("the id `{id}` is used twice")]
    DuplicateId { id: String, first: Place },
    #[error("the parameter `{name}` is declared twice")]
    DuplicateParameter { name: String, first: Place },
    #[error("the slash command `/{name}` is used twice")]
    DuplicateSlash { name: String, first: Place },

    // Parameters.
    #[error("there is no shared parameter `{name}`")]
    UnknownShared { name: String, known: Vec<String> },
    #[error("a {kind} needs `choices`")]
    ChoicesMissing { kind: ParameterType },
    #[error("a parameter of type {kind} has no choices")]
    ChoicesNotApplicable { kind: ParameterType },
    #[error("`{word}` is given twice among the choices")]
    DuplicateSynonym { word: String, first: Place },
    #[error("a parameter of type {kind} has no `min` and `max`")]
    BoundsNotApplicable { kind: ParameterType },
    #[error("`min` ({min}) is above `max` ({max})")]
    MinAboveMax { min: f64, max: f64 },
    #[error("a required parameter can't have a default")]
    RequiredWithDefault,
    #[error("a secret can't have a default")]
    SecretWithDefault,
    #[error("the default is not a value of its own parameter: {error}")]
    BadDefault { error: ValueError },

    // Running.
    #[error("a command needs a program")]
    EmptyCommand,
    #[error("the program can't come from a parameter")]
    ProgramIsParameter,
    #[error("there is no parameter `{name}`")]
    UnknownParameter { name: String, known: Vec<String> },
    #[error("`{{{name}}}` is only a part of the argument `{argument}`")]
    PartialPlaceholder { argument: String, name: String },
    #[error("`{program}` would run the value of `{name}` as code")]
    RunAsCode { name: String, program: String },
    #[error("`{{{name}}}` without quotes is a mapping, not a text")]
    UnquotedPlaceholder { name: String },
    #[error("this group of arguments has no parameter")]
    GroupWithoutParameter,
    #[error("a group of arguments can't hold another one")]
    NestedGroup,
    #[error("`{name}` may have no value")]
    MayBeAbsent { name: String },
    #[error("suggestions for `{name}` can't depend on its own value")]
    SuggestsFromItself { name: String },
    #[error("there is no platform `{name}`")]
    UnknownPlatform { name: String, known: Vec<String> },
    #[error("`{field}` does not fit the platform `{platform}`")]
    WrongTarget { field: &'static str, platform: String },
    #[error("there is no job `{id}`")]
    UnknownJob { id: String, known: Vec<String> },
    #[error("parameters that must differ are at least two")]
    NothingToDiffer,

    // Examples.
    #[error("`{folder}` is no language")]
    UnknownLanguage { folder: String },
    #[error("there is no job, command or dialogue act `{intent}`")]
    UnknownIntent { intent: String, known: Vec<String> },
    #[error("an example begins with `- `")]
    NoDash,
    #[error("this example is empty")]
    EmptyExample,
    #[error("the examples are folded into one line")]
    FoldedBlock,
    #[error("`[` is never closed")]
    UnclosedBracket,
    #[error("there is nothing between the brackets")]
    EmptyEntity,
    #[error("the name of the parameter is never closed")]
    UnclosedName,
    #[error("what follows the brackets is no JSON object: {reason}")]
    BadEntityJson { reason: String },
    #[error("`{key}` has no meaning here")]
    UnsupportedEntityKey { key: String },
    #[error("the JSON object has no `entity`")]
    EntityWithoutName,
    #[error("`{of}` has no parameter `{name}`")]
    UnknownEntity { name: String, of: String, known: Vec<String> },
    #[error("this is not a value of `{name}`: {error}")]
    BadEntityValue { name: String, error: ValueError },
    #[error("entries of this kind are not read")]
    UnsupportedEntry { kind: String },

    // Warnings.
    #[error("`{id}` has no example in {language}")]
    NoExamples { id: String, language: &'static str },
    #[error("the parameter `{name}` is never used")]
    UnusedParameter { name: String },
    #[error("there is no program `{program}` that can be executed")]
    NoProgram { program: String },
    #[error("the configuration has no chat `{name}`")]
    UnknownChat { name: String, known: Vec<String> },
    #[error("the same message stands for something else, too")]
    ConflictingExample { first: Place },
    #[error("the same example stands here twice")]
    RepeatedExample { first: Place },
    #[error("`[{surface}]` names no parameter, so the brackets belong to the message")]
    LiteralBrackets { surface: String },
}

impl Problem {
    /// Whether the catalogue can be used in spite of it.
    pub fn severity(&self) -> Severity {
        match self {
            Problem::NoExamples { .. }
            | Problem::UnusedParameter { .. }
            | Problem::NoProgram { .. }
            | Problem::UnknownChat { .. }
            | Problem::ConflictingExample { .. }
            | Problem::RepeatedExample { .. }
            | Problem::LiteralBrackets { .. } => Severity::Warning,
            _ => Severity::Error,
        }
    }

    /// What would be right, where that can be said.
    pub fn help(&self) -> Option<String> {
        use Problem::*;
        let text = match self {
            NotUtf8 => "save it as UTF-8".to_owned(),
            Syntax { cause: Some(SyntaxCause::Tab), .. } => {
                "indent with spaces: YAML does not allow tabs".to_owned()
            }
            Syntax { cause: Some(SyntaxCause::Braces), .. } => {
                "put a text that holds `{` into quotes".to_owned()
            }
            UnexpectedFile => "job templates belong into `jobs/`, platforms into `platforms/`; next to \
                               them are only `commands.yaml`, `parameters.yaml` and `tags.yaml`"
                .to_owned(),
            NoJobs => "put one YAML file for each job into `jobs/`".to_owned(),
            WrongKind { found: "nothing", .. } => {
                "give it a value".to_owned()
            }
            WrongKind { expected: "{en: ..., zh: ...}", .. } => {
                "give the text in both languages".to_owned()
            }
            UnknownField { name, known } | NotOneOf { value: name, allowed: known } => {
                nearest_or_all(name, known)
            }
            UnknownShared { name, known }
            | UnknownParameter { name, known }
            | UnknownPlatform { name, known }
            | UnknownJob { id: name, known }
            | UnknownChat { name, known }
            | UnknownIntent { intent: name, known }
            | UnknownEntity { name, known, .. } => nearest_or_all(name, known),
            DuplicateField { first, .. }
            | DuplicateId { first, .. }
            | DuplicateParameter { first, .. }
            | DuplicateSlash { first, .. }
            | DuplicateSynonym { first, .. }
            | ConflictingExample { first }
            | RepeatedExample { first } => format!("the first one is at {first}"),
            BadDuration { .. } => "write it like `30s`, `10m` or `1h30m`".to_owned(),
            BadId { .. } => {
                "use small letters, digits and underscores, beginning with a letter".to_owned()
            }
            IdIsNotFileName { id, stem } => {
                format!("call the file `{id}.yaml`, or the job `{stem}`")
            }
            BoundsNotApplicable { .. } => {
                "bounds belong to integer and number; a `pattern` limits any other type".to_owned()
            }
            RequiredWithDefault => "drop `required`, or the default".to_owned(),
            PartialPlaceholder { argument, name } => {
                let rest = argument.replacen(&format!("{{{name}}}"), "", 1);
                let option = rest.trim_end_matches('=');
                format!("a parameter fills one whole argument: [{option}, \"{{{name}}}\"]")
            }
            RunAsCode { name, .. } => format!(
                "write the code itself, and give the value as an argument of it: \
                 [sh, -c, 'echo \"$1\"', _, \"{{{name}}}\"]"
            ),
            UnquotedPlaceholder { name } => format!("write \"{{{name}}}\""),
            GroupWithoutParameter => {
                "a nested list is left out when its parameter has no value".to_owned()
            }
            MayBeAbsent { name } => format!(
                "make it required, give it a default, or put it into a nested list that is left out \
                 without it: [--{}, \"{{{name}}}\"]",
                name.replace('_', "-")
            ),
            WrongTarget { field: "job", .. } => "`local` runs a `command`".to_owned(),
            WrongTarget { field: "names", .. } => {
                "a command says itself where its parameters go".to_owned()
            }
            WrongTarget { .. } => "a remote platform runs a `job`".to_owned(),
            UnknownLanguage { .. } => "use a folder `en` or `zh`".to_owned(),
            FoldedBlock => "write `examples: |`".to_owned(),
            UnclosedBracket | UnclosedName | EmptyEntity | EntityWithoutName => {
                r#"mark a value as [prod](environment) or [prod]{"entity": "environment", "value": "production"}"#
                    .to_owned()
            }
            UnsupportedEntityKey { key } if key == "role" || key == "group" => {
                "two roles are two parameters: name the parameter itself as the entity".to_owned()
            }
            UnsupportedEntityKey { .. } => "only `entity` and `value` are known".to_owned(),
            UnsupportedEntry { kind } if kind == "synonym" => {
                "synonyms belong to the choices of a parameter".to_owned()
            }
            UnsupportedEntry { kind } if kind == "regex" => {
                "give the parameter a `pattern`".to_owned()
            }
            UnsupportedEntry { kind } if kind == "lookup" => {
                "list the words as `choices` of a parameter".to_owned()
            }
            UnsupportedEntry { .. } => "an entry has an `intent` and its `examples`".to_owned(),
            NoExamples { id, language } => {
                format!("add some to training-data/{language}/{id}.yaml: it will be found more surely")
            }
            NoProgram { .. } => {
                "a path counts from the folder that Steward is started in".to_owned()
            }
            UnusedParameter { .. } => "people are asked for it, but the command never sees it".to_owned(),
            BadDefault { error } | BadEntityValue { error, .. } => return value_help(error),
            _ => return None,
        };
        (!text.is_empty()).then_some(text)
    }
}

fn value_help(error: &ValueError) -> Option<String> {
    match error {
        ValueError::NotAChoice { near, .. } if !near.is_empty() => {
            Some(format!("did you mean `{}`?", near[0]))
        }
        _ => None,
    }
}

/// The known name that was probably meant, or all of them where there are not too many.
fn nearest_or_all(name: &str, known: &[String]) -> String {
    match nearest(name, known) {
        Some(other) => format!("did you mean `{other}`?"),
        None if !known.is_empty() && known.len() <= 24 => {
            format!("known here: {}", known.join(", "))
        }
        None => String::new(),
    }
}

/// The known name that was probably meant by one that is not known.
pub(crate) fn nearest<'k>(name: &str, known: &'k [String]) -> Option<&'k String> {
    let lower = name.to_lowercase();
    let distance = |other: &String| strsim::damerau_levenshtein(&lower, &other.to_lowercase());
    let near = known.iter().min_by_key(|other| distance(other))?;
    (distance(near) <= 1 + name.chars().count() / 4).then_some(near)
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file.display())?;
        match self.position {
            Some(Position { line, column }) => write!(f, ":{line}:{column}"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let label = match self.problem.severity() {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        write!(f, "{label}: ")?;
        if !self.field.is_empty() {
            write!(f, "{}: ", self.field)?;
        }
        writeln!(f, "{}", self.problem)?;
        write!(f, "  --> {}", self.place)?;
        if let (Some(excerpt), Some(position)) = (&self.excerpt, self.place.position) {
            write_excerpt(f, excerpt, position)?;
        }
        match self.problem.help() {
            Some(help) => write!(f, "\n  help: {help}"),
            None => Ok(()),
        }
    }
}

/// The line with a mark below it. What stands before the mark is repeated with its own width:
/// a Chinese character is two columns wide.
fn write_excerpt(f: &mut fmt::Formatter<'_>, line: &str, at: Position) -> fmt::Result {
    let number = at.line.to_string();
    let gutter = " ".repeat(number.len());
    let before = (at.column.max(1) - 1) as usize;
    let pad: String =
        line.chars().take(before).map(|c| if c.is_ascii() { " " } else { "\u{3000}" }).collect();
    write!(f, "\n {gutter} |\n {number} | {line}\n {gutter} | {pad}^")
}

impl fmt::Display for Mistakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for mistake in &self.0 {
            writeln!(f, "{mistake}\n")?;
        }
        match self.0.len() {
            1 => write!(f, "1 mistake in the catalogue"),
            count => write!(f, "{count} mistakes in the catalogue"),
        }
    }
}
