//! Making an example of a lesson.

use std::fs;
use std::path::{Path, PathBuf};

use super::lessons::Lesson;
use crate::catalog::{Catalog, Mistakes};
use crate::nlu::{Slot, SlotValue};

/// Why a lesson did not become an example. Nothing was changed then.
#[derive(Debug, thiserror::Error)]
pub enum AcceptError {
    #[error("{file}: {reason}")]
    File { file: PathBuf, reason: std::io::Error },
    #[error("with this example the catalogue would not be right:\n{0}")]
    Catalog(Box<Mistakes>),
}

/// The message of a lesson as a line of training data: `deploy [shop](service)`. Words that are
/// no value of their parameter are left as they are.
///
/// `slots` are those of the lesson's job; their offsets count characters.
pub fn marked(text: &str, slots: &[Slot]) -> String {
    let mut slots: Vec<&Slot> =
        slots.iter().filter(|slot| matches!(slot.value, SlotValue::Valid(_))).collect();
    slots.sort_by_key(|slot| slot.start);
    let characters: Vec<char> = text.chars().collect();
    let (mut line, mut after) = (String::new(), 0);
    for slot in slots {
        // Slots of one reading never overlap; one that did would garble the line.
        if slot.start < after || slot.end > characters.len() {
            continue;
        }
        line.extend(&characters[after..slot.start]);
        line.push('[');
        line.extend(&characters[slot.start..slot.end]);
        line.push_str(&format!("]({})", slot.parameter));
        after = slot.end;
    }
    line.extend(&characters[after..]);
    line
}

/// Adds the line to `training-data/<language>/reviewed/<job>.yaml`, and checks the whole
/// catalogue with it; where that finds a mistake, the file is put back as it was.
pub fn accept(
    lesson: &Lesson,
    line: &str,
    intents: &Path,
    training_data: &Path,
) -> Result<PathBuf, AcceptError> {
    let folder = training_data.join(lesson.language.code()).join("reviewed");
    let file = folder.join(format!("{}.yaml", lesson.job));
    let failed = |reason| AcceptError::File { file: file.clone(), reason };
    let before = match fs::read_to_string(&file) {
        Ok(text) => Some(text),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        Err(error) => return Err(failed(error)),
    };
    let start = before.clone().unwrap_or_else(|| beginning(lesson));
    // One line of a block: whatever blanks were typed, it stays one.
    let line = line.split_whitespace().collect::<Vec<_>>().join(" ");
    fs::create_dir_all(&folder).map_err(failed)?;
    fs::write(&file, format!("{}\n      - {line}\n", start.trim_end())).map_err(failed)?;
    match Catalog::load(intents, training_data) {
        Ok(_) => Ok(file),
        Err(mistakes) => {
            match before {
                Some(text) => fs::write(&file, text),
                None => fs::remove_file(&file),
            }
            .map_err(failed)?;
            Err(AcceptError::Catalog(Box::new(mistakes)))
        }
    }
}

fn beginning(lesson: &Lesson) -> String {
    let job = &lesson.job;
    format!(
        "# What people said and were asked about, accepted with `steward review`.\n\
         version: \"3.1\"\n\nnlu:\n  - intent: {job}\n    examples: |"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::{Language, TemplateId, Value};
    use crate::nlu::values::ValueError;
    use crate::review::LessonKind;

    fn slot(parameter: &str, start: usize, end: usize, valid: bool) -> Slot {
        let value = match valid {
            true => SlotValue::Valid(Value::Text(String::new())),
            false => {
                SlotValue::Invalid(ValueError::NotAChoice { surface: "x".into(), near: Vec::new() })
            }
        };
        let parameter = parameter.to_owned();
        Slot { parameter, start, end, surface: String::new(), value, confidence: 1.0 }
    }

    #[test]
    fn values_are_marked_where_they_are_values() {
        let slots = [slot("host", 3, 9, true), slot("count", 0, 2, false)];
        assert_eq!(marked("重启 web-01", &slots), "重启 [web-01](host)");
        assert_eq!(marked("重启", &slots), "重启");
    }

    #[test]
    fn an_accepted_line_is_part_of_the_catalogue_and_a_wrong_one_changes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let (intents, training) = (folder.path().join("intents"), folder.path().join("training"));
        fs::create_dir_all(intents.join("jobs")).unwrap();
        fs::create_dir_all(training.join("en")).unwrap();
        let job = "{id: flush_dns, name: {en: Flush, zh: 清}, description: {en: Flush, zh: 清}, risk: low, \
             parameters: [{name: host, type: host, description: {en: Host, zh: 主机}}], \
             run: {command: [./flush, ['{host}']]}}";
        fs::write(intents.join("jobs/flush_dns.yaml"), job).unwrap();
        let other = "out_of_scope: {id: out_of_scope, name: {en: No, zh: 否}, description: {en: No, zh: 否}}";
        fs::write(intents.join("commands.yaml"), other).unwrap();
        let lesson = Lesson {
            text: String::new(),
            language: Language::En,
            job: TemplateId::from("flush_dns"),
            kind: LessonKind::Picked,
        };

        let file = accept(&lesson, "flush [web-01](host)", &intents, &training).unwrap();
        accept(&lesson, "empty the  cache\nof [web-02](host)", &intents, &training).unwrap();
        let catalog = Catalog::load(&intents, &training).unwrap();
        let texts: Vec<_> = catalog.examples().iter().map(|e| e.text.as_str()).collect();
        assert_eq!(texts, ["flush web-01", "empty the cache of web-02"]);

        let before = fs::read_to_string(&file).unwrap();
        let wrong = accept(&lesson, "flush [web-01](machine)", &intents, &training).unwrap_err();
        assert!(wrong.to_string().contains("would not be right"), "{wrong}");
        assert_eq!(fs::read_to_string(&file).unwrap(), before);
    }
}
