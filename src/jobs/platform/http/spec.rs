//! The description of a remote platform, as written in `intents/platforms/NAME.yaml`; what the
//! fields mean, `docs/platforms.md` tells with examples.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Map, Value as Json};

use super::step::{Request, Step};
use crate::yaml;

/// How to reach a platform, and how to ask it for what Steward wants of it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spec {
    /// What it was written for: vendor and version.
    pub vendor: String,
    /// Without a slash at the end.
    pub base_url: String,
    #[serde(default)]
    pub auth: Auth,
    /// Sent with every request.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    #[serde(default)]
    pub limits: Limits,
    /// Values for placeholders, the same for every run.
    #[serde(default)]
    pub settings: BTreeMap<String, Json>,
    /// What every answer in JSON must fulfil, on platforms that report errors with status 200.
    #[serde(default)]
    pub ok: Option<Ok>,
    /// Answers only to those who may use the platform: tells whether the credentials are good.
    pub check: Request,
    pub start: Start,
    /// Chains of steps that look for a run by its key; the first that finds one counts.
    pub find: Vec<Vec<Step>>,
    pub status: Vec<Step>,
    #[serde(default)]
    pub cancel: Vec<Step>,
    #[serde(default)]
    pub log: Vec<Step>,
    /// What the output of a run that ended by itself says last, on platforms that show the end of
    /// a run before the end of its output.
    #[serde(default)]
    pub log_end: Option<String>,
    /// How to list the platform's jobs with their parameters.
    #[serde(default)]
    pub jobs: Option<Jobs>,
}

/// Who Steward is to the platform.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Auth {
    #[default]
    None,
    /// `Authorization: Bearer SECRET`, or another word before the secret.
    Token {
        secret: Secret,
        #[serde(default = "bearer")]
        scheme: String,
    },
    Basic {
        user: String,
        secret: Secret,
    },
    /// The secret in a header of its own.
    Header {
        name: String,
        secret: Secret,
    },
    /// A token that is fetched with the secret, and again when it is refused; `{secret}` stands
    /// for it in the body.
    Login {
        path: String,
        json: Json,
        secret: Secret,
        token: String,
    },
}

fn bearer() -> String {
    "Bearer".into()
}

/// Where a secret is: never in the file itself.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Secret {
    /// In an environment variable.
    Env(String),
    /// In a file, white space around it left out.
    File(PathBuf),
}

/// How much is asked of the platform, and how patiently.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    pub timeout_seconds: f64,
    /// Tries after the first, for what may be repeated.
    pub retries: u32,
    pub requests_per_second: u32,
    /// A run may be shown only so long after it was started: until then, not finding it says
    /// nothing.
    pub settle_seconds: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { timeout_seconds: 15.0, retries: 3, requests_per_second: 10, settle_seconds: 0 }
    }
}

impl Limits {
    pub fn timeout(&self) -> Duration {
        Duration::from_secs_f64(self.timeout_seconds.clamp(0.1, 600.0))
    }
}

/// What an answer must hold not to be an error.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ok {
    pub pointer: String,
    pub is: Json,
    /// Where the reason is, when it doesn't.
    pub error: String,
}

/// The request that starts a run.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Start {
    /// Requests that find out what the start needs to know.
    #[serde(default)]
    pub before: Vec<Step>,
    pub request: Request,
    /// What names the run in later requests; empty where only `find` can tell.
    #[serde(default)]
    pub capture: BTreeMap<String, String>,
}

/// How to ask which jobs there are.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Jobs {
    pub list: Request,
    /// Where the list is; empty for the answer itself.
    pub from: String,
    /// So many entries are a full answer: after it, the rest is asked for, from `{offset}` on.
    #[serde(default)]
    pub page: Option<usize>,
    /// In an entry: what a template's `job` says.
    pub job: String,
    /// What tells more of the `{job}`, where the list doesn't tell all.
    #[serde(default)]
    pub detail: Option<Step>,
    pub name: String,
    pub description: String,
    pub parameters: String,
    pub dialect: Dialect,
}

/// In which form a platform describes parameters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Dialect {
    /// The schema of an object whose properties they are.
    JsonSchema,
    /// Airflow's `params`.
    Airflow,
    /// Rundeck's options.
    Rundeck,
}

/// Why a platform's description can't be used.
#[derive(Debug, thiserror::Error)]
pub enum SpecError {
    #[error("{path}: {reason}")]
    File { path: PathBuf, reason: String },
    #[error("{path}: there is no preset '{preset}'; presets are: {known}")]
    Preset { path: PathBuf, preset: String, known: String },
}

/// The presets that come with Steward, by name.
pub const PRESETS: [(&str, &str); 8] = [
    ("airflow-3", include_str!("../../../../presets/platforms/airflow-3.yaml")),
    ("awx", include_str!("../../../../presets/platforms/awx.yaml")),
    ("bk-job-v3", include_str!("../../../../presets/platforms/bk-job-v3.yaml")),
    ("github-actions", include_str!("../../../../presets/platforms/github-actions.yaml")),
    ("jenkins", include_str!("../../../../presets/platforms/jenkins.yaml")),
    ("nomad", include_str!("../../../../presets/platforms/nomad.yaml")),
    ("prefect-3", include_str!("../../../../presets/platforms/prefect-3.yaml")),
    ("rundeck", include_str!("../../../../presets/platforms/rundeck.yaml")),
];

impl Spec {
    /// Reads a platform's file. What it says goes before what its `preset` says, field by field.
    pub fn load(path: &Path) -> Result<Spec, SpecError> {
        let text = yaml::read_text(path)
            .map_err(|reason| SpecError::File { path: path.into(), reason })?;
        Spec::parse(path, &text)
    }

    /// Reads a platform's description; `path` is only for messages.
    pub fn parse(path: &Path, text: &str) -> Result<Spec, SpecError> {
        let wrong = |reason: String| SpecError::File { path: path.into(), reason };
        let mut fields = mapping(text).map_err(wrong)?;
        let all = match fields.shift_remove("preset") {
            None => fields,
            Some(preset) => {
                let preset = preset.as_str().unwrap_or_default().to_owned();
                let Some((_, text)) = PRESETS.iter().find(|(name, _)| *name == preset) else {
                    let known = PRESETS.map(|(name, _)| name).join(", ");
                    return Err(SpecError::Preset { path: path.into(), preset, known });
                };
                let mut base = mapping(text).map_err(wrong)?;
                for (name, value) in fields {
                    match (base.get_mut(&name), value) {
                        // Settings and headers are added to, everything else is replaced.
                        (Some(Json::Object(known)), Json::Object(more))
                            if name == "settings" || name == "headers" =>
                        {
                            known.extend(more);
                        }
                        (_, value) => {
                            base.insert(name, value);
                        }
                    }
                }
                base
            }
        };
        let mut spec: Spec =
            serde_json::from_value(Json::Object(all)).map_err(|error| wrong(error.to_string()))?;
        spec.base_url.truncate(spec.base_url.trim_end_matches('/').len());
        url::Url::parse(&spec.base_url)
            .map_err(|error| wrong(format!("base_url: '{}': {error}", spec.base_url)))?;
        spec.check_steps().map_err(wrong)?;
        Ok(spec)
    }

    fn check_steps(&self) -> Result<(), String> {
        if self.find.iter().all(Vec::is_empty) {
            return Err("find: needed, so that nothing is started twice".into());
        }
        match self.status.last() {
            Some(step) if step.state.is_some() => {}
            _ => return Err("status: the last step must say how the state is read".into()),
        }
        match self.log.last() {
            Some(step) if step.text.is_none() => {
                Err("log: the last step must say where the text is".into())
            }
            _ => Ok(()),
        }
    }
}

impl Secret {
    /// The secret itself.
    pub fn read(&self) -> Result<String, String> {
        match self {
            Secret::Env(name) => std::env::var(name)
                .map_err(|_| format!("the environment variable {name} is not set")),
            Secret::File(path) => std::fs::read_to_string(path)
                .map(|text| text.trim().to_owned())
                .map_err(|error| format!("{}: {error}", path.display())),
        }
    }
}

fn mapping(text: &str) -> Result<Map<String, Json>, String> {
    yaml::parse(text).map_err(|problem| problem.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_preset_is_complete_but_for_the_address() {
        for (name, _) in PRESETS {
            let text = format!("preset: {name}\nbase_url: http://localhost:1/\n");
            let spec =
                Spec::parse(Path::new("x.yaml"), &text).unwrap_or_else(|e| panic!("{name}: {e}"));
            assert_eq!(spec.base_url, "http://localhost:1");
            let other = format!("{text}status: []\n");
            let error = Spec::parse(Path::new("x.yaml"), &other).expect_err("replaced").to_string();
            assert!(error.contains("x.yaml: status"), "{error}");
        }
    }

    #[test]
    fn mistakes_name_the_file_and_the_field() {
        let check = |text: &str, part: &str| {
            let error =
                Spec::parse(Path::new("dir/x.yaml"), text).expect_err("a mistake").to_string();
            assert!(error.starts_with("dir/x.yaml: ") && error.contains(part), "{error}");
        };
        check("preset: nothing\n", "presets are: airflow-3");
        check("preset: rundeck\nbase_url: nowhere\n", "base_url");
        check("preset: rundeck\nbase_url: http://x\nstrat: {}\n", "strat");
        check("preset: [\n", "");
        check("preset: rundeck\nbase_url: http://x\nauth: {kind: magic}\n", "magic");
    }

    #[test]
    fn a_secret_comes_from_outside() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("token");
        std::fs::write(&path, "s3cret\n").expect("written");
        assert_eq!(Secret::File(path).read().as_deref(), Ok("s3cret"));
        assert!(Secret::Env("STEWARD_NO_SUCH".into()).read().is_err());
    }
}
