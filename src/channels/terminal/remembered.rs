//! The lines that were typed, to be called up again: on disk, without secrets.

use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use reedline::{
    FileBackedHistory, History, HistoryItem, HistoryItemId, HistorySessionId, Result, SearchQuery,
};

use crate::access::redact;

/// Lines of earlier conversations that can be called up again.
const REMEMBERED: usize = 1_000;

/// A history in a file that its owner alone can read. What looks like a key or password never
/// gets there.
pub(super) struct Remembered(FileBackedHistory);

impl Remembered {
    /// The history in this file, which is made where it is missing.
    pub fn in_file(file: &Path) -> std::result::Result<Remembered, String> {
        let failed =
            |reason: String| format!("the history {} can't be used: {reason}", file.display());
        let made = OpenOptions::new().create(true).append(true).mode(0o600).open(file);
        made.map_err(|error| failed(error.to_string()))?;
        let history = FileBackedHistory::with_file(REMEMBERED, file.to_owned());
        history.map(Remembered).map_err(|error| failed(error.to_string()))
    }
}

impl History for Remembered {
    fn save(&mut self, mut line: HistoryItem) -> Result<HistoryItem> {
        line.command_line = redact(&line.command_line).into_owned();
        self.0.save(line)
    }

    fn load(&self, id: HistoryItemId) -> Result<HistoryItem> {
        self.0.load(id)
    }

    fn count(&self, query: SearchQuery) -> Result<i64> {
        self.0.count(query)
    }

    fn search(&self, query: SearchQuery) -> Result<Vec<HistoryItem>> {
        self.0.search(query)
    }

    fn update(
        &mut self,
        id: HistoryItemId,
        updater: &dyn Fn(HistoryItem) -> HistoryItem,
    ) -> Result<()> {
        self.0.update(id, updater)
    }

    fn clear(&mut self) -> Result<()> {
        self.0.clear()
    }

    fn delete(&mut self, id: HistoryItemId) -> Result<()> {
        self.0.delete(id)
    }

    fn sync(&mut self) -> std::io::Result<()> {
        self.0.sync()
    }

    fn session(&self) -> Option<HistorySessionId> {
        self.0.session()
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_secret_is_not_remembered() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("history");
        let mut history = Remembered::in_file(&file).unwrap();
        let key = format!("AKIA{}", "IOSFODNN7EXAMPLE");
        for line in ["restart nginx".to_owned(), format!("use {key} for it")] {
            history.save(HistoryItem::from_command_line(line)).unwrap();
        }
        history.sync().unwrap();
        let kept = std::fs::read_to_string(&file).unwrap();
        assert_eq!(kept, "restart nginx\nuse [redacted] for it\n");
        let mode = std::fs::metadata(&file).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{mode:o}");
    }
}
