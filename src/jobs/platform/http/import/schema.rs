//! Parameters as JSON Schema describes them (draft 2020-12, and what Airflow puts around it).

use serde_json::{Map, Value as Json, json};

use super::Found;
use crate::catalog::{ParameterDraft, ParameterType};

/// The parameters of an object's schema, in the order that Prefect gives them by `position`.
pub fn of_schema(schema: &Json) -> Found {
    let empty = Map::new();
    let properties = schema["properties"].as_object().unwrap_or(&empty);
    let required = schema["required"].as_array();
    let mut all: Vec<_> = properties.iter().collect();
    all.sort_by_key(|(_, property)| property["position"].as_i64().unwrap_or(i64::MAX));
    let mut found = Found::default();
    for (name, property) in all {
        let required = required.is_some_and(|names| names.iter().any(|n| n == name.as_str()));
        let default = property.get("default").cloned();
        add(&mut found, name, Asked { schema: property, root: schema, required, default });
    }
    found
}

/// Airflow's `params`: by name, a value, a description, and the schema of the value. What has no
/// value and must not be null is needed.
pub fn of_airflow(params: &Json) -> Found {
    let mut found = Found::default();
    for (name, param) in params.as_object().into_iter().flatten() {
        // A bare value is its own default.
        let described = param.get("schema").filter(|schema| schema.is_object());
        let value = if described.is_some() { &param["value"] } else { param };
        let mut schema = described.cloned().unwrap_or_else(|| json!({}));
        if let (Some(text), Json::Object(fields)) = (param["description"].as_str(), &mut schema) {
            fields.insert("description".into(), json!(text));
        }
        if schema.get("type").is_none()
            && schema.get("enum").is_none()
            && let (Some(kind), Json::Object(fields)) = (type_of(value), &mut schema)
        {
            fields.insert("type".into(), json!(kind));
        }
        let required = value.is_null() && !may_be_null(&schema);
        let default = Some(value.clone());
        add(&mut found, name, Asked { schema: &schema, root: &schema, required, default });
    }
    found
}

/// A parameter as it is described.
struct Asked<'a> {
    schema: &'a Json,
    /// Where references point to.
    root: &'a Json,
    required: bool,
    default: Option<Json>,
}

fn add(found: &mut Found, name: &str, asked: Asked<'_>) {
    let schema = resolved(asked.schema, asked.root);
    let text = |field: &str| [asked.schema, &schema].iter().find_map(|of| of[field].as_str());
    if schema["format"] == "password" || schema["writeOnly"] == true {
        return found.leave(name, asked.required, "it is a secret, which is never said in a chat");
    }
    let Some(kind) = kind(&schema) else {
        let why = format!("values of type {} can't be said in a chat", told_type(&schema));
        return found.leave(name, asked.required, &why);
    };
    let words = choices(&schema);
    let bounds = matches!(kind, ParameterType::Integer | ParameterType::Number);
    let step = if kind == ParameterType::Integer { 1.0 } else { 0.0 };
    let bound = |inclusive: &str, exclusive: &str, step: f64| {
        let at = |field: &str| schema[field].as_f64();
        at(inclusive).or_else(|| at(exclusive).map(|value| value + step)).filter(|_| bounds)
    };
    let default = asked.default.filter(|value| fits(value, kind, &words));
    let description = text("description").or_else(|| text("title")).unwrap_or_default();
    found.add(ParameterDraft {
        name: name.to_owned(),
        kind,
        required: asked.required,
        description: description.trim().to_owned(),
        min: bound("minimum", "exclusiveMinimum", step),
        max: bound("maximum", "exclusiveMaximum", -step),
        pattern: schema["pattern"]
            .as_str()
            .filter(|_| kind == ParameterType::String)
            .and_then(whole),
        choices: words,
        default: if asked.required { None } else { default },
    });
}

/// The schema itself, behind references and the choice between something and null.
fn resolved(schema: &Json, root: &Json) -> Json {
    let mut schema = schema;
    // Schemas may refer to themselves.
    for _ in 0..8 {
        let next = match schema["$ref"].as_str().and_then(|path| path.strip_prefix('#')) {
            Some(pointer) => root.pointer(pointer),
            None => alternatives(schema).and_then(|all| {
                let mut real = all.iter().filter(|one| one["type"] != "null");
                real.next().filter(|_| real.next().is_none())
            }),
        };
        match next {
            Some(next) => schema = next,
            None => break,
        }
    }
    schema.clone()
}

fn alternatives(schema: &Json) -> Option<&Vec<Json>> {
    ["anyOf", "oneOf", "allOf"].iter().find_map(|field| schema[*field].as_array())
}

fn may_be_null(schema: &Json) -> bool {
    let null = |of: &Json| match &of["type"] {
        Json::Array(kinds) => kinds.iter().any(|kind| kind == "null"),
        kind => kind == "null",
    };
    null(schema) || alternatives(schema).is_some_and(|all| all.iter().any(null))
}

fn kind(schema: &Json) -> Option<ParameterType> {
    if !choices(schema).is_empty() && type_name(schema) != Some("array") {
        return Some(ParameterType::Choice);
    }
    Some(match (type_name(schema)?, schema["format"].as_str().unwrap_or_default()) {
        ("string", "email") => ParameterType::Email,
        ("string", "uri" | "url") => ParameterType::Url,
        ("string", "ipv4" | "ipv6") => ParameterType::Ip,
        ("string", "date-time") => ParameterType::Datetime,
        ("string", _) => ParameterType::String,
        ("integer", _) => ParameterType::Integer,
        ("number", _) => ParameterType::Number,
        ("boolean", _) => ParameterType::Boolean,
        ("array", _) if type_name(&schema["items"]) == Some("string") => ParameterType::List,
        _ => return None,
    })
}

/// The one type that is not null.
fn type_name(schema: &Json) -> Option<&str> {
    match &schema["type"] {
        Json::Array(kinds) => {
            let mut kinds = kinds.iter().filter_map(Json::as_str).filter(|kind| *kind != "null");
            kinds.next().filter(|_| kinds.next().is_none())
        }
        kind => kind.as_str(),
    }
}

fn told_type(schema: &Json) -> String {
    match &schema["type"] {
        Json::Null => "unknown".to_owned(),
        kind => kind.to_string().replace('"', "'"),
    }
}

/// What may be chosen, where all of it is text.
fn choices(schema: &Json) -> Vec<String> {
    let of = if type_name(schema) == Some("array") { &schema["items"] } else { schema };
    let values = match (&of["enum"], &of["const"]) {
        (Json::Array(values), _) => values.clone(),
        (_, Json::String(only)) => vec![json!(only)],
        _ => return Vec::new(),
    };
    let values = values.into_iter().filter(|value| !value.is_null());
    let texts: Option<Vec<String>> = values.map(|v| v.as_str().map(str::to_owned)).collect();
    texts.unwrap_or_default()
}

fn type_of(value: &Json) -> Option<&'static str> {
    Some(match value {
        Json::String(_) => "string",
        Json::Bool(_) => "boolean",
        Json::Number(number) if number.is_f64() => "number",
        Json::Number(_) => "integer",
        Json::Null => "string",
        Json::Array(_) | Json::Object(_) => return None,
    })
}

/// Whether a default says anything, and is of the parameter's type.
fn fits(value: &Json, kind: ParameterType, choices: &[String]) -> bool {
    match kind {
        ParameterType::Boolean => value.is_boolean(),
        ParameterType::Integer => value.is_i64(),
        ParameterType::Number => value.is_number(),
        ParameterType::List => value.as_array().is_some_and(|items| {
            !items.is_empty()
                && items.iter().all(|item| item.as_str().is_some_and(|t| !t.is_empty()))
        }),
        ParameterType::Choice => choices.iter().any(|choice| value == choice),
        // A moment that is the same for ever is hardly meant.
        ParameterType::Datetime => false,
        _ => value.as_str().is_some_and(|text| !text.trim().is_empty()),
    }
}

/// A pattern of JSON Schema matches anywhere in a value, one of the catalogue the whole of it.
/// `None` where it can't be said here.
pub(super) fn whole(pattern: &str) -> Option<String> {
    let begins = pattern.strip_prefix('^');
    let rest = begins.unwrap_or(pattern);
    let ends = rest.strip_suffix('$').filter(|rest| !rest.ends_with('\\'));
    let inner = ends.unwrap_or(rest);
    let before = if begins.is_some() { "" } else { ".*" };
    let after = if ends.is_some() { "" } else { ".*" };
    let whole = match (before, after) {
        ("", "") => inner.to_owned(),
        _ => format!("{before}(?:{inner}){after}"),
    };
    regex::Regex::new(&whole).is_ok().then_some(whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(schema: Json) -> Found {
        of_schema(&json!({"properties": {"x": schema}}))
    }

    #[test]
    fn types_are_taken_over_with_their_bounds() {
        let check = |schema: Json, kind: ParameterType| {
            let found = one(schema.clone());
            assert_eq!(found.parameters.first().map(|p| p.kind), Some(kind), "{schema} {found:?}");
        };
        check(json!({"type": "string"}), ParameterType::String);
        check(json!({"anyOf": [{"type": "integer"}, {"type": "null"}]}), ParameterType::Integer);
        check(json!({"type": ["null", "string"], "format": "email"}), ParameterType::Email);
        check(json!({"type": "array", "items": {"type": "string"}}), ParameterType::List);
        check(json!({"enum": ["a", "b"]}), ParameterType::Choice);
        check(json!({"type": "string", "const": "a"}), ParameterType::Choice);
        check(json!({"type": "integer", "enum": [1, 2]}), ParameterType::Integer);
        let found =
            one(json!({"type": "integer", "exclusiveMinimum": 0, "maximum": 9, "default": 3}));
        let bounds = (found.parameters[0].min, found.parameters[0].max);
        assert_eq!(bounds, (Some(1.0), Some(9.0)));
        assert_eq!(found.parameters[0].default, Some(json!(3)));
    }

    #[test]
    fn references_are_followed() {
        let schema = json!({
            "properties": {"x": {"$ref": "#/definitions/Mode", "title": "How"}},
            "definitions": {"Mode": {"enum": ["fast", "safe"], "title": "Mode"}},
            "required": ["x"],
        });
        let found = of_schema(&schema);
        assert_eq!(found.parameters[0].choices, ["fast", "safe"]);
        assert_eq!(found.parameters[0].description, "How");
        assert!(found.parameters[0].required);
    }

    #[test]
    fn what_cannot_be_said_is_left_out_or_makes_the_job_useless() {
        let object = json!({"type": "object"});
        assert_eq!(one(object.clone()).left_out.len(), 1);
        let needed = of_schema(&json!({"properties": {"x": object}, "required": ["x"]}));
        assert!(needed.impossible.is_some_and(|why| why.contains("'object'")));
        assert_eq!(one(json!({"type": "string", "format": "password"})).left_out.len(), 1);
        assert_eq!(one(json!({"$ref": "#"})).left_out.len(), 1);
    }

    #[test]
    fn airflow_needs_what_has_no_value_and_may_not_be_null() {
        let found = of_airflow(&json!({
            "needed": {"value": null, "description": "Which", "schema": {"type": "string"}},
            "free": {"value": null, "schema": {"type": ["null", "string"]}},
            "bare": 7,
            "set": {"value": "a", "schema": {"enum": ["a", "b"]}},
        }));
        let names: Vec<_> = found.parameters.iter().map(|p| (&*p.name, p.required)).collect();
        assert_eq!(names, [("needed", true), ("free", false), ("bare", false), ("set", false)]);
        assert_eq!(found.parameters[0].description, "Which");
        assert_eq!(found.parameters[2].default, Some(json!(7)));
    }

    #[test]
    fn patterns_are_made_whole() {
        let check = |pattern: &str, expected: Option<&str>| {
            assert_eq!(whole(pattern).as_deref(), expected, "{pattern}");
        };
        check("^v[0-9]+$", Some("v[0-9]+"));
        check("^v", Some("(?:v).*"));
        check("x", Some(".*(?:x).*"));
        check("^a(?=b)$", None);
    }
}
