//! A job template as another system describes it, and the file that it becomes.

use std::fmt::Write;

use serde_json::json;

use super::{ParameterType, Risk};

/// A job that is known elsewhere, on its way into the catalogue.
#[derive(Debug, Clone, PartialEq)]
pub struct JobDraft {
    /// What a template's `run.job` says.
    pub job: String,
    pub name: String,
    /// Empty where there is none.
    pub description: String,
    pub parameters: Vec<ParameterDraft>,
    /// What could not be taken over, in English: one sentence each.
    pub left_out: Vec<String>,
}

/// A parameter of such a job.
#[derive(Debug, Clone, PartialEq)]
pub struct ParameterDraft {
    /// As the other system calls it.
    pub name: String,
    pub kind: ParameterType,
    pub required: bool,
    pub description: String,
    pub choices: Vec<String>,
    /// For the whole value, as Rust's regex crate reads it.
    pub pattern: Option<String>,
    pub min: Option<f64>,
    pub max: Option<f64>,
    /// Of the parameter's type.
    pub default: Option<serde_json::Value>,
}

impl JobDraft {
    /// An identifier for it: its name in lower case, with `_` for everything that is no letter or
    /// digit of ASCII; where nothing is left, the same of its job.
    pub fn id(&self) -> String {
        [&self.name, &self.job].into_iter().find_map(|text| identifier(text)).unwrap_or_default()
    }

    /// The file in `jobs/` for it, on a platform. What the platform has in one language only
    /// stands in both.
    pub fn to_yaml(&self, id: &str, platform: &str, risk: Risk) -> String {
        let both = |text: &str| format!("{{en: {0}, zh: {0}}}", json!(text));
        let description = if self.description.is_empty() { &self.name } else { &self.description };
        let mut text = format!("# Imported from {platform}: {}\n", one_line(&self.job));
        for sentence in &self.left_out {
            text += &format!("# {}\n", one_line(sentence));
        }
        // Writing to a text can't fail.
        let _ = writeln!(text, "id: {id}\nname: {}", both(&self.name));
        let _ = writeln!(text, "description: {}\nrisk: {}", both(description), json!(risk));
        let _ = writeln!(text, "tags: [{}]", json!(platform));
        let mut names = Vec::new();
        if !self.parameters.is_empty() {
            text += "parameters:\n";
        }
        for parameter in &self.parameters {
            let name = parameter.id();
            parameter.write(&name, &mut text);
            if name != parameter.name {
                names.push(format!("{name}: {}", json!(parameter.name)));
            }
        }
        let _ = writeln!(text, "run:\n  platform: {platform}\n  job: {}", json!(self.job));
        if !names.is_empty() {
            let _ = writeln!(text, "  names: {{{}}}", names.join(", "));
        }
        text
    }
}

impl ParameterDraft {
    /// Its name in the catalogue.
    pub fn id(&self) -> String {
        identifier(&self.name).unwrap_or_default()
    }

    fn write(&self, id: &str, text: &mut String) {
        let description = if self.description.is_empty() { &self.name } else { &self.description };
        let mut field = |name: &str, value: String| {
            // Writing to a text can't fail.
            let _ = writeln!(text, "    {name}: {value}");
        };
        field("name", id.to_owned());
        field("type", self.kind.name().to_owned());
        if self.required {
            field("required", "true".to_owned());
        }
        if let Some(default) = &self.default {
            field("default", default.to_string());
        }
        if !self.choices.is_empty() {
            field("choices", json!(self.choices).to_string());
        }
        for (name, value) in [("min", self.min), ("max", self.max)] {
            if let Some(value) = value {
                field(name, value.to_string());
            }
        }
        if let Some(pattern) = &self.pattern {
            field("pattern", json!(pattern).to_string());
        }
        field("description", format!("{{en: {0}, zh: {0}}}", json!(description)));
        mark_first(text);
    }
}

/// Makes the fields that were just written an entry of a list.
fn mark_first(text: &mut String) {
    if let Some(at) = text.rfind("    name: ") {
        text.replace_range(at..at + 4, "  - ");
    }
}

/// `[a-z][a-z0-9_]*` out of a name, if anything of it can be kept.
fn identifier(name: &str) -> Option<String> {
    let mut id = String::new();
    let mut before = ' ';
    for c in name.chars() {
        if c.is_ascii_alphanumeric() {
            if c.is_ascii_uppercase() && before.is_ascii_lowercase() {
                id.push('_');
            }
            id.push(c.to_ascii_lowercase());
        } else if !id.is_empty() && !id.ends_with('_') {
            id.push('_');
        }
        before = c;
    }
    let id = id.trim_matches('_');
    let id = if id.starts_with(|c: char| c.is_ascii_digit()) {
        format!("job_{id}")
    } else {
        id.to_owned()
    };
    (!id.is_empty()).then(|| id.chars().take(48).collect())
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_identifiers() {
        let check = |name: &str, id: Option<&str>| {
            assert_eq!(identifier(name).as_deref(), id, "{name}");
        };
        check("steward-work", Some("steward_work"));
        check("Restart  the web servers!", Some("restart_the_web_servers"));
        check("dryRun", Some("dry_run"));
        check("VERSION", Some("version"));
        check("3-way merge", Some("job_3_way_merge"));
        check("重启服务", None);
    }
}
