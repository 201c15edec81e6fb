//! The markup of examples: `[staging](environment)` and
//! `[prod]{"entity": "environment", "value": "production"}`, as in Rasa's training data.

use serde_json::{Map, Value as Json};

use crate::catalog::Entity;
use crate::catalog::mistake::Problem;

/// A message without its markup.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Marked {
    pub text: String,
    /// Each with the character of the marked-up line at which it begins.
    pub entities: Vec<(usize, Entity)>,
    /// Brackets that mark nothing: where they begin, and what is in them.
    pub literal: Vec<(usize, String)>,
}

/// Reads a line of markup. A mistake comes with the character of the line at which it is.
pub fn read(line: &str) -> Result<Marked, (usize, Problem)> {
    let mut marked = Marked::default();
    let mut rest = line;
    while let Some(open) = rest.find('[') {
        marked.text.push_str(&rest[..open]);
        let at = characters(&line[..line.len() - rest.len() + open]);
        let inner = &rest[open + 1..];
        let close = inner.find(']').ok_or((at, Problem::UnclosedBracket))?;
        let (surface, after) = (&inner[..close], &inner[close + 1..]);
        let named = match after.chars().next() {
            Some('(') => in_parentheses(after),
            Some('{') => in_json(after),
            _ => {
                marked.literal.push((at, surface.to_owned()));
                marked.text.push_str(&rest[open..open + close + 2]);
                rest = after;
                continue;
            }
        };
        let Named { name, value, length } = named.map_err(|problem| (at, problem))?;
        push_entity(&mut marked, surface, name, value, at)?;
        rest = &after[length..];
    }
    marked.text.push_str(rest);
    Ok(marked)
}

/// What stands behind the brackets, and how many bytes of it.
struct Named {
    name: String,
    value: Option<String>,
    length: usize,
}

/// `(environment)`, or `(environment:production)` as Rasa wrote it before version 1.8.
fn in_parentheses(after: &str) -> Result<Named, Problem> {
    let close = after.find(')').ok_or(Problem::UnclosedName)?;
    let inner = after[1..close].trim();
    let (name, value) = match inner.split_once(':') {
        Some((name, value)) => (name.trim(), Some(value.trim().to_owned())),
        None => (inner, None),
    };
    Ok(Named { name: name.to_owned(), value, length: close + 1 })
}

/// `{"entity": "environment", "value": "production"}`.
fn in_json(after: &str) -> Result<Named, Problem> {
    let mut stream = serde_json::Deserializer::from_str(after).into_iter::<Map<String, Json>>();
    let object = match stream.next() {
        Some(Ok(object)) => object,
        Some(Err(error)) => return Err(Problem::BadEntityJson { reason: error.to_string() }),
        None => return Err(Problem::UnclosedName),
    };
    let length = stream.byte_offset();
    let known = |key: &String| key == "entity" || key == "value";
    if let Some(key) = object.keys().find(|key| !known(key)) {
        return Err(Problem::UnsupportedEntityKey { key: key.clone() });
    }
    let name = object.get("entity").and_then(Json::as_str).ok_or(Problem::EntityWithoutName)?;
    let value = object.get("value").map(|value| match value {
        Json::String(text) => text.clone(),
        other => other.to_string(),
    });
    Ok(Named { name: name.trim().to_owned(), value, length })
}

/// Adds the words to the text, and the entity without the blanks around them.
fn push_entity(
    marked: &mut Marked,
    surface: &str,
    name: String,
    value: Option<String>,
    at: usize,
) -> Result<(), (usize, Problem)> {
    let words = surface.trim();
    if words.is_empty() || name.is_empty() {
        return Err((at, Problem::EmptyEntity));
    }
    let leading = surface.len() - surface.trim_start().len();
    let start = characters(&marked.text) + characters(&surface[..leading]);
    marked.text.push_str(surface);
    let end = start + characters(words);
    marked.entities.push((at, Entity { start, end, name, value }));
    Ok(())
}

fn characters(text: &str) -> usize {
    text.chars().count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(line: &str, text: &str, entities: &[(usize, usize, &str, Option<&str>)]) {
        let marked = read(line).unwrap();
        assert_eq!(marked.text, text);
        let found: Vec<_> = marked
            .entities
            .iter()
            .map(|(_, e)| (e.start, e.end, e.name.as_str(), e.value.as_deref()))
            .collect();
        assert_eq!(found, entities);
    }

    #[test]
    fn entities_are_counted_in_characters() {
        check("plain", "plain", &[]);
        check("to [staging](environment) now", "to staging now", &[(3, 10, "environment", None)]);
        check(
            r#"发到[线上]{"entity": "environment", "value": "production"}吧"#,
            "发到线上吧",
            &[(2, 4, "environment", Some("production"))],
        );
        check("[a](x)[b](y)", "ab", &[(0, 1, "x", None), (1, 2, "y", None)]);
        check("[prod](env:production)", "prod", &[(0, 4, "env", Some("production"))]);
        check("[ prod ](env)", " prod ", &[(1, 5, "env", None)]);
        check(r#"[3]{"entity": "n", "value": 3}"#, "3", &[(0, 1, "n", Some("3"))]);
    }

    #[test]
    fn brackets_without_a_name_are_part_of_the_message() {
        check("delete items[0] of [x](list)", "delete items[0] of x", &[(19, 20, "list", None)]);
        assert_eq!(read("items[0]").unwrap().literal, [(5, "0".to_owned())]);
    }

    #[test]
    fn mistakes_say_where() {
        #[track_caller]
        fn check(line: &str, at: usize, problem: &str) {
            let (found, what) = read(line).unwrap_err();
            assert_eq!((found, what.to_string().as_str()), (at, problem));
        }
        check("发到[线上(environment)", 2, "`[` is never closed");
        check("to [prod](environment", 3, "the name of the parameter is never closed");
        check("to [](environment)", 3, "there is nothing between the brackets");
        check(r#"[a]{"value": "b"}"#, 0, "the JSON object has no `entity`");
        check(r#"[a]{"entity": "b", "role": "from"}"#, 0, "`role` has no meaning here");
    }
}
