//! Placeholders, and finding things in answers.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};

use super::step::Select;

/// What placeholders stand for.
pub type Facts = BTreeMap<String, Json>;

/// Why a request can't be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("nothing is known that could stand for {{{0}}}")]
pub struct Unfilled(pub String);

/// A text with every `{name}` replaced, each by `encode` of its value as text.
pub fn fill_text(
    template: &str,
    facts: &Facts,
    encode: impl Fn(&str) -> String,
) -> Result<String, Unfilled> {
    let mut filled = String::new();
    let mut rest = template;
    while let Some((before, name, after)) = next_placeholder(rest) {
        filled.push_str(before);
        let value = lookup(name, facts)?;
        filled.push_str(&encode(&text_of(&value)));
        rest = after;
    }
    filled.push_str(rest);
    Ok(filled)
}

/// A JSON value with every text in it filled. A text that is one placeholder and nothing else
/// becomes the value itself. The fields of an object under the name `...` take its place.
pub fn fill_json(template: &Json, facts: &Facts) -> Result<Json, Unfilled> {
    Ok(match template {
        Json::String(text) => match next_placeholder(text) {
            Some(("", name, "")) => lookup(name, facts)?,
            _ => Json::String(fill_text(text, facts, str::to_owned)?),
        },
        Json::Array(items) => {
            Json::Array(items.iter().map(|item| fill_json(item, facts)).collect::<Result<_, _>>()?)
        }
        Json::Object(fields) => {
            let mut filled = Map::new();
            for (name, value) in fields {
                match (name.as_str(), fill_json(value, facts)?) {
                    ("...", Json::Object(more)) => filled.extend(more),
                    (_, value) => {
                        filled.insert(name.clone(), value);
                    }
                }
            }
            Json::Object(filled)
        }
        other => other.clone(),
    })
}

/// A form's entries. An object takes the place of its entry, so `parameters: "{parameters}"`
/// sends each parameter as an entry of its own.
pub fn fill_form(
    form: &Map<String, Json>,
    facts: &Facts,
) -> Result<Vec<(String, String)>, Unfilled> {
    let mut entries = Vec::new();
    for (name, value) in form {
        match fill_json(value, facts)? {
            Json::Object(fields) => {
                entries.extend(fields.iter().map(|(name, value)| (name.clone(), text_of(value))));
            }
            value => entries.push((name.clone(), text_of(&value))),
        }
    }
    Ok(entries)
}

/// For a segment of a path: nothing that it holds can become a part of the address.
pub fn encode_segment(text: &str) -> String {
    // A segment of dots would climb up, encoded or not.
    if matches!(text, "." | "..") {
        return text.replace('.', "%252E");
    }
    text.bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                char::from(byte).to_string()
            }
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

/// What a pointer finds, unless it is null.
pub fn find<'a>(answer: &'a Json, pointer: &str) -> Option<&'a Json> {
    answer.pointer(pointer).filter(|value| !value.is_null())
}

/// The entry of a list that is meant.
pub fn select<'a>(
    answer: &'a Json,
    select: &Select,
    facts: &Facts,
) -> Result<Option<&'a Json>, Unfilled> {
    let Some(Json::Array(entries)) = answer.pointer(&select.from) else { return Ok(None) };
    let mut conditions = Vec::new();
    for (pointer, wanted) in &select.conditions {
        conditions.push((pointer, fill_text(wanted, facts, str::to_owned)?));
    }
    Ok(entries
        .iter()
        .find(|entry| conditions.iter().all(|(pointer, wanted)| holds_at(entry, pointer, wanted))))
}

/// Whether what a pointer finds, `*` for any place on the way, contains a text; is it, where the
/// text is written `=text`.
pub fn holds_at(value: &Json, pointer: &str, wanted: &str) -> bool {
    let parts: Vec<&str> = pointer.split('/').skip(1).collect();
    holds(value, &parts, wanted)
}

/// A value as text: what people and addresses see.
pub fn text_of(value: &Json) -> String {
    match value {
        Json::String(text) => text.clone(),
        Json::Null => String::new(),
        other => other.to_string(),
    }
}

/// A value as text, the entries of a list with commas between them.
fn joined(value: &Json) -> String {
    match value {
        Json::Array(items) => items.iter().map(text_of).collect::<Vec<_>>().join(","),
        other => text_of(other),
    }
}

fn holds(value: &Json, pointer: &[&str], wanted: &str) -> bool {
    match pointer {
        [] => match wanted.strip_prefix('=') {
            Some(exact) => text_of(value) == exact,
            None => text_of(value).contains(wanted),
        },
        ["*", rest @ ..] => match value {
            Json::Array(items) => items.iter().any(|item| holds(item, rest, wanted)),
            Json::Object(fields) => fields.values().any(|item| holds(item, rest, wanted)),
            _ => false,
        },
        [name, rest @ ..] => {
            let next = match value {
                Json::Array(items) => name.parse().ok().and_then(|place: usize| items.get(place)),
                other => other.get(*name),
            };
            next.is_some_and(|next| holds(next, rest, wanted))
        }
    }
}

/// The next placeholder: what stands before it, its name, and what comes after. Braces around
/// anything but a name stand for themselves.
fn next_placeholder(text: &str) -> Option<(&str, &str, &str)> {
    let mut from = 0;
    while let Some(open) = text[from..].find('{').map(|at| from + at) {
        let inner = &text[open + 1..];
        if let Some(close) = inner.find('}') {
            let name = &inner[..close];
            let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | ':');
            if !name.is_empty() && name.chars().all(is_name) {
                return Some((&text[..open], name, &inner[close + 1..]));
            }
        }
        from = open + 1;
    }
    None
}

/// A fact, or one of the other forms of an object: `{parameters:texts}` with every value as text,
/// `{parameters:pairs}` as a list of `{name, value}`; of a text, `{job:number}`; of a list of
/// objects, `{hosts:id}`: the ids.
fn lookup(name: &str, facts: &Facts) -> Result<Json, Unfilled> {
    let unfilled = || Unfilled(name.to_owned());
    let (base, form) = name.split_once(':').unwrap_or((name, ""));
    let value = match base.split_once('.') {
        Some((object, field)) => facts.get(object).and_then(|object| object.get(field)),
        None => facts.get(base),
    };
    let value = value.ok_or_else(unfilled)?;
    let fields = || value.as_object().ok_or_else(unfilled);
    match form {
        "" => Ok(value.clone()),
        "texts" => Ok(Json::Object(
            fields()?.iter().map(|(k, v)| (k.clone(), Json::String(joined(v)))).collect(),
        )),
        "pairs" => Ok(Json::Array(
            fields()?
                .iter()
                .map(|(k, v)| serde_json::json!({"name": k, "value": joined(v)}))
                .collect(),
        )),
        "number" => {
            let number = text_of(value).parse::<serde_json::Number>();
            number.map(Json::Number).map_err(|_| unfilled())
        }
        // Of each entry of a list, the field of that name.
        field => {
            let entries = value.as_array().ok_or_else(unfilled)?;
            Ok(Json::Array(entries.iter().filter_map(|entry| entry.get(field).cloned()).collect()))
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn facts() -> Facts {
        [
            ("job".to_owned(), json!("a/b c")),
            ("parameters".to_owned(), json!({"n": 3, "text": "x\"y"})),
            ("dots".to_owned(), json!("..")),
        ]
        .into()
    }

    #[test]
    fn texts_are_filled_and_encoded() {
        let check = |template: &str, expected: Result<&str, &str>| {
            let filled = fill_text(template, &facts(), encode_segment);
            assert_eq!(filled, expected.map(str::to_owned).map_err(|n| Unfilled(n.to_owned())));
        };
        check("/dags/{job}/runs", Ok("/dags/a%2Fb%20c/runs"));
        check("/x/{dots}/y", Ok("/x/%252E%252E/y"));
        check("/x/{nothing}", Err("nothing"));
        check("a {not a name} {", Ok("a {not a name} {"));
        check("{parameters.n}", Ok("3"));
    }

    #[test]
    fn a_whole_placeholder_keeps_its_type() {
        let template = json!({"conf": "{parameters}", "name": "run {parameters.n}", "n": "{parameters.n}",
            "all": "{parameters:texts}", "list": ["{parameters:pairs}"]});
        let expected = json!({"conf": {"n": 3, "text": "x\"y"}, "name": "run 3", "n": 3,
            "all": {"n": "3", "text": "x\"y"},
            "list": [[{"name": "n", "value": "3"}, {"name": "text", "value": "x\"y"}]]});
        assert_eq!(fill_json(&template, &facts()), Ok(expected));
        let merged = json!({"...": "{parameters}", "key": "k"});
        assert_eq!(fill_json(&merged, &facts()), Ok(json!({"n": 3, "text": "x\"y", "key": "k"})));
    }

    #[test]
    fn forms_spread_objects() {
        let form = json!({"token": "t", "parameters": "{parameters}"});
        let form = form.as_object().expect("an object");
        let entries = fill_form(form, &facts()).expect("filled");
        let expected = [("token", "t"), ("n", "3"), ("text", "x\"y")];
        assert_eq!(entries, expected.map(|(k, v)| (k.to_owned(), v.to_owned())));
    }

    #[test]
    fn entries_are_selected_by_what_they_hold() {
        let answer = json!({"builds": [
            {"id": 1, "actions": [{}, {"parameters": [{"name": "K", "value": "other"}]}]},
            {"id": 2, "actions": [{"parameters": [{"name": "x"}, {"name": "K", "value": "a/b c"}]}]},
        ]});
        let check = |conditions: &[(&str, &str)], id: Option<u64>| {
            let conditions =
                conditions.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
            let wanted = Select { from: "/builds".into(), conditions };
            let found = select(&answer, &wanted, &facts()).expect("filled");
            assert_eq!(found.and_then(|entry| entry["id"].as_u64()), id);
        };
        check(&[], Some(1));
        check(&[("/actions/*/parameters/*/value", "={job}")], Some(2));
        check(&[("/actions/*/parameters/*/value", "th")], Some(1));
        check(&[("/actions/*/parameters/*/value", "=th")], None);
        check(&[("/id", "=2")], Some(2));
    }
}
