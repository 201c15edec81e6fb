//! The sets that are known, and how their files are read.

use std::collections::BTreeMap;
use std::path::Path;

use super::markdown;

/// A public set.
pub struct Set {
    pub name: &'static str,
    /// Figures of others, with who measured them.
    pub published: &'static str,
    pub read: fn(&Path) -> Result<Data, String>,
}

/// What is learnt from, and what is tested on.
pub struct Data {
    pub train: Vec<Message>,
    pub test: Vec<Message>,
}

/// A message and what it means.
pub struct Message {
    pub text: String,
    /// `None`: nothing that the set knows.
    pub intent: Option<String>,
    pub slots: Vec<Span>,
}

/// The value of a slot: characters, not bytes, `start..end`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Span {
    pub slot: String,
    pub start: usize,
    pub end: usize,
}

pub const SETS: &[Set] = &[
    Set {
        name: "clinc150",
        published: "in scope 96.9, out of scope recalled 52.3 (BERT, Larson et al. 2019)",
        read: clinc,
    },
    Set {
        name: "banking77",
        published: "93.7 (BERT, Casanueva et al. 2020)",
        read: |folder| tabbed(folder, "BANKING77", "train.tsv"),
    },
    Set {
        name: "banking77-10",
        published: "85.2 (USE+ConveRT, Casanueva et al. 2020)",
        read: |folder| tabbed(folder, "BANKING77", "train_10.tsv"),
    },
    Set {
        name: "hwu64",
        published: "92.6 (USE+ConveRT, Casanueva et al. 2020)",
        read: |folder| tabbed(folder, "HWU64", "train.tsv"),
    },
    Set {
        name: "hwu64-10",
        published: "85.8 (USE+ConveRT, Casanueva et al. 2020)",
        read: |folder| tabbed(folder, "HWU64", "train_10.tsv"),
    },
    Set {
        name: "snips",
        published: "intent 98.0, slot F1 96.1 (JointBERT with DistilBERT)",
        read: |folder| marked(folder, "SNIPS"),
    },
    Set {
        name: "atis",
        published: "intent 97.8, slot F1 95.5 (JointBERT with DistilBERT)",
        read: |folder| marked(folder, "ATIS"),
    },
];

/// `clinc150.json`: lists of [text, intent] by part; what is out of scope is marked `oos`.
fn clinc(folder: &Path) -> Result<Data, String> {
    let text = read(&folder.join("clinc150.json"))?;
    let parts: BTreeMap<String, Vec<(String, String)>> =
        serde_json::from_str(&text).map_err(|error| format!("clinc150.json: {error}"))?;
    let of = |names: [&str; 2]| {
        let rows = names.iter().filter_map(|name| parts.get(*name)).flatten();
        rows.map(|(text, intent)| Message {
            text: text.clone(),
            intent: (intent != "oos").then(|| intent.clone()),
            slots: Vec::new(),
        })
        .collect()
    };
    Ok(Data { train: of(["train", "oos_train"]), test: of(["test", "oos_test"]) })
}

/// A folder with lines of `intent<tab>text`.
fn tabbed(folder: &Path, set: &str, train: &str) -> Result<Data, String> {
    let rows = |name: &str| -> Result<Vec<Message>, String> {
        let file = folder.join(set).join(name);
        let text = read(&file)?;
        let rows = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
        rows.map(|(i, line)| {
            let (intent, text) = line
                .split_once('\t')
                .ok_or_else(|| format!("{}:{}: no tab in it", file.display(), i + 1))?;
            let intent = Some(intent.trim().to_owned());
            Ok(Message { text: text.trim().to_owned(), intent, slots: Vec::new() })
        })
        .collect()
    };
    Ok(Data { train: rows(train)?, test: rows("test.tsv")? })
}

/// A folder with `## intent:NAME` and `- words with a [value](slot)`.
fn marked(folder: &Path, set: &str) -> Result<Data, String> {
    let rows =
        |name: &str| read(&folder.join(set).join(name)).map(|text| markdown::messages(&text));
    Ok(Data { train: rows("train.md")?, test: rows("test.md")? })
}

fn read(file: &Path) -> Result<String, String> {
    std::fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))
}
