//! Parameters as Rundeck's job definitions have them: options.

use serde_json::{Value as Json, json};

use super::{Found, schema};
use crate::catalog::{ParameterDraft, ParameterType};

/// A job's options. `ours` is the one that Steward fills itself.
pub fn of_options(options: &Json, ours: &str) -> Found {
    let mut found = Found::default();
    for option in options.as_array().into_iter().flatten() {
        let name = option["name"].as_str().unwrap_or_default();
        if name != ours {
            add(&mut found, name, option);
        }
    }
    if !options.as_array().into_iter().flatten().any(|option| option["name"] == ours) {
        let why = format!("the job has no option '{ours}', by which a run is found again");
        found.impossible.get_or_insert(why);
    }
    found
}

fn add(found: &mut Found, name: &str, option: &Json) {
    let default = option["value"].as_str().map(str::trim).filter(|value| !value.is_empty());
    let needed = option["required"] == true && default.is_none();
    let is_stored = option["storagePath"].is_string();
    if option["secure"] == true || is_stored {
        return found.leave(
            name,
            needed && !is_stored,
            "it is a secret, which is never said in a chat",
        );
    }
    if option["type"] == "file" {
        return found.leave(name, needed, "a file can't be said in a chat");
    }
    let values = option["values"].as_array().into_iter().flatten();
    let values: Vec<String> = values.filter_map(|v| v.as_str().map(str::to_owned)).collect();
    // Where others are allowed as well, the values are only proposals.
    let choices = if option["enforced"] == true { values } else { Vec::new() };
    let is_list = option["multivalued"] == true;
    let kind = match (is_list, choices.is_empty()) {
        (true, _) => ParameterType::List,
        (false, false) => ParameterType::Choice,
        (false, true) => ParameterType::String,
    };
    let default = default.filter(|value| choices.is_empty() || choices.iter().any(|c| c == value));
    let description = option["description"].as_str().or_else(|| option["label"].as_str());
    let pattern = option["regex"].as_str().filter(|_| kind == ParameterType::String);
    found.add(ParameterDraft {
        name: name.to_owned(),
        kind,
        required: needed,
        description: description.unwrap_or_default().trim().to_owned(),
        choices,
        // Rundeck matches the whole value.
        pattern: pattern.and_then(|pattern| {
            let bare = pattern.trim_start_matches('^').trim_end_matches('$');
            schema::whole(&format!("^{bare}$"))
        }),
        min: None,
        max: None,
        default: default.map(|value| if is_list { json!([value]) } else { json!(value) }),
    });
}
