//! From a template's argument vector and a run's values to what is executed.
//!
//! **Architecture Invariant:** a value fills exactly one argument, and no shell ever sees it.

use crate::catalog::{Argument, Value, Values};

/// Why a command can't be made out of these values.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ArgumentError {
    #[error("the command needs a value for '{0}', and there is none")]
    Missing(String),
    #[error(
        "the value of '{0}' begins with '-': the command could take it for an option; \
         give another value, or put a literal '--' before {{{0}}} in the template"
    )]
    OptionLike(String),
    #[error("the value of '{0}' holds a NUL character, which no argument can carry")]
    Nul(String),
    #[error("the command is empty")]
    Empty,
}

/// Fills in a run's values. A group is left out when one of its parameters has none.
///
/// A text that begins with `-` is refused unless a literal `--` came before it: a program would
/// read it as an option of its own. Numbers may be negative.
pub fn fill(command: &[Argument], values: &Values) -> Result<Vec<String>, ArgumentError> {
    let mut filled = Vec::new();
    for argument in command {
        extend(&mut filled, argument, values)?;
    }
    if filled.is_empty() { Err(ArgumentError::Empty) } else { Ok(filled) }
}

fn extend(
    filled: &mut Vec<String>,
    argument: &Argument,
    values: &Values,
) -> Result<(), ArgumentError> {
    match argument {
        Argument::Literal(text) => filled.push(text.clone()),
        Argument::Parameter(name) => {
            let value = values.get(name).ok_or_else(|| ArgumentError::Missing(name.clone()))?;
            let text = value.to_argument();
            let is_text = matches!(value, Value::Text(_) | Value::List(_));
            if is_text && text.starts_with('-') && !filled.iter().any(|a| a == "--") {
                return Err(ArgumentError::OptionLike(name.clone()));
            }
            if text.contains('\0') {
                return Err(ArgumentError::Nul(name.clone()));
            }
            filled.push(text);
        }
        Argument::Group(group) => {
            if group.iter().all(|argument| has_values(argument, values)) {
                for argument in group {
                    extend(filled, argument, values)?;
                }
            }
        }
    }
    Ok(())
}

fn has_values(argument: &Argument, values: &Values) -> bool {
    match argument {
        Argument::Literal(_) => true,
        Argument::Parameter(name) => values.contains_key(name),
        // A group within a group is left out by itself.
        Argument::Group(_) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn literal(text: &str) -> Argument {
        Argument::Literal(text.to_owned())
    }

    fn parameter(name: &str) -> Argument {
        Argument::Parameter(name.to_owned())
    }

    fn check(command: &[Argument], values: &[(&str, Value)], expected: Result<&[&str], &str>) {
        let values = values.iter().map(|(k, v)| ((*k).to_owned(), v.clone())).collect();
        let filled = fill(command, &values);
        match expected {
            Ok(arguments) => {
                assert_eq!(filled, Ok(arguments.iter().map(|a| a.to_string()).collect()))
            }
            Err(part) => {
                let error = filled.expect_err("a refusal").to_string();
                assert!(error.contains(part), "{error}");
            }
        }
    }

    #[test]
    fn a_value_is_one_argument_whatever_it_holds() {
        let command = [literal("./restart"), literal("--host"), parameter("host")];
        for hostile in ["a b", "a; rm -rf /", "$(id)", "`id`", "a\nb", "\"", "'", "*", "a|b"] {
            check(&command, &[("host", hostile.into())], Ok(&["./restart", "--host", hostile]));
        }
    }

    #[test]
    fn lists_are_joined_and_numbers_may_be_negative() {
        let list = Value::List(vec!["a".into(), "b".into()]);
        check(&[literal("x"), parameter("l")], &[("l", list)], Ok(&["x", "a,b"]));
        check(&[literal("x"), parameter("n")], &[("n", Value::Integer(-3))], Ok(&["x", "-3"]));
    }

    #[test]
    fn a_group_goes_with_its_values() {
        let group = Argument::Group(vec![literal("--at"), parameter("at")]);
        let command = [literal("x"), group];
        check(&command, &[], Ok(&["x"]));
        check(&command, &[("at", "noon".into())], Ok(&["x", "--at", "noon"]));
    }

    #[test]
    fn what_could_be_an_option_is_refused() {
        let command = [literal("x"), parameter("name")];
        check(&command, &[("name", "--force".into())], Err("begins with '-'"));
        let command = [literal("x"), literal("--"), parameter("name")];
        check(&command, &[("name", "--force".into())], Ok(&["x", "--", "--force"]));
    }

    #[test]
    fn what_can_not_be_an_argument_is_refused() {
        check(&[literal("x"), parameter("name")], &[("name", "a\0b".into())], Err("NUL"));
        check(&[literal("x"), parameter("name")], &[], Err("needs a value for 'name'"));
        check(&[], &[], Err("empty"));
    }
}
