//! A set as a catalogue: its intents as jobs, their slots as parameters, its messages as examples.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use steward::catalog::Catalog;

use super::sets::{Data, Message};

/// Writes the catalogue below `target/public/` and loads it as any other.
pub fn catalog(name: &str, data: &Data) -> Result<Catalog, String> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("public").join(name);
    if folder.exists() {
        fs::remove_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    }
    let (intents, examples) = (folder.join("intents"), folder.join("training-data"));
    let mut messages: BTreeMap<Option<&str>, Vec<&Message>> = BTreeMap::new();
    let mut seen = HashSet::new();
    for message in &data.train {
        // A catalogue refuses a message that stands twice; some of the sets repeat theirs.
        if seen.insert(message.text.to_lowercase()) {
            messages.entry(message.intent.as_deref()).or_default().push(message);
        }
    }
    for (intent, messages) in messages {
        let id = intent.map_or_else(|| "out_of_scope".to_owned(), identifier);
        if let Some(intent) = intent {
            write(&intents.join("jobs"), &id, &job(&id, intent, &messages))?;
        }
        let list: String = messages.iter().map(|m| format!("- {}\n", marked(m))).collect();
        let content = json!({"version": "3.1", "nlu": [{"intent": id, "examples": list}]});
        write(&examples.join("en"), &id, &content)?;
    }
    let out_of_scope = json!({
        "id": "out_of_scope",
        "name": both("Out of scope"),
        "description": both("Something else"),
    });
    write(&intents, "commands", &json!({ "out_of_scope": out_of_scope }))?;
    Catalog::load(&intents, &examples).map_err(|mistakes| {
        let all = mistakes.to_string();
        all.lines().take(12).collect::<Vec<_>>().join("\n")
    })
}

/// The identifier that a catalogue accepts, of a name that it may not.
pub fn identifier(name: &str) -> String {
    let mut id = String::new();
    let mut before = '_';
    for c in name.chars() {
        match c {
            _ if c.is_ascii_uppercase() && before.is_ascii_lowercase() => {
                id.push('_');
                id.push(c.to_ascii_lowercase());
            }
            _ if c.is_ascii_alphanumeric() => id.push(c.to_ascii_lowercase()),
            _ if id.ends_with('_') || id.is_empty() => {}
            _ => id.push('_'),
        }
        before = c;
    }
    id.trim_end_matches('_').to_owned()
}

fn job(id: &str, intent: &str, messages: &[&Message]) -> Value {
    let slots: BTreeSet<&str> =
        messages.iter().flat_map(|m| &m.slots).map(|span| span.slot.as_str()).collect();
    let parameters: Vec<Value> = slots
        .iter()
        .map(|slot| {
            let name = identifier(slot);
            json!({"name": name, "type": "string", "description": both(&words(slot))})
        })
        .collect();
    let optional = slots.iter().map(|slot| json!([format!("{{{}}}", identifier(slot))]));
    let command: Vec<Value> = std::iter::once(json!("/bin/true")).chain(optional).collect();
    json!({
        "id": id,
        "name": both(&words(intent)),
        "description": both(&words(intent)),
        "risk": "low",
        "parameters": parameters,
        "run": {"command": command},
    })
}

fn words(name: &str) -> String {
    identifier(name).replace('_', " ")
}

fn both(text: &str) -> Value {
    json!({"en": text, "zh": text})
}

/// The message with its values marked. A slot that stands twice is marked once: a parameter has
/// one value.
fn marked(message: &Message) -> String {
    let mut text = String::new();
    let mut marked = HashSet::new();
    let characters: Vec<char> = message.text.chars().collect();
    let mut after = 0;
    for span in &message.slots {
        if marked.insert(&span.slot) {
            text.extend(&characters[after..span.start]);
            let value: String = characters[span.start..span.end].iter().collect();
            text.push_str(&format!("[{value}]({})", identifier(&span.slot)));
            after = span.end;
        }
    }
    text.extend(&characters[after..]);
    text
}

fn write(folder: &Path, name: &str, content: &Value) -> Result<(), String> {
    let file = folder.join(format!("{name}.yaml"));
    // JSON is YAML, and quotes whatever stands in a message.
    fs::create_dir_all(folder)
        .and_then(|()| fs::write(&file, format!("{content:#}\n")))
        .map_err(|error| format!("{}: {error}", file.display()))
}
