//! The log: whole when it should be, and found out when it was touched.

use std::fs;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use steward::access::audit::{
    AuditError, AuditLog, Broken, Entry, Event, Filter, Problem, Rotation, export_csv, export_json,
    find, verify,
};
use steward::access::{REDACTED, Rules};

use crate::world::{World, admin, after, catalog, chat, deployment, name_of, noon};

fn entry(reason: &str) -> Entry {
    let mut entry = Entry::new(Event::Refused);
    entry.user = Some("oli".to_owned());
    entry.reason = Some(reason.to_owned());
    entry
}

/// A log of so many records, in files of at most so many bytes.
fn log_of(records: usize, max_bytes: u64) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let log = AuditLog::open(folder.path(), Rotation { max_bytes }, noon()).expect("a log");
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(async {
        for n in 0..records {
            let seq = log.append(entry(&format!("原因 {n}\n\"x\"")), after(n as i64)).await;
            assert_eq!(seq.expect("a record").seq, n as u64 + 1);
        }
    });
    folder
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|e| e == "jsonl"))
        .collect();
    files.sort();
    files
}

#[test]
fn the_chain_goes_on_over_files() {
    let folder = log_of(20, 600);
    assert!(files(folder.path()).len() > 5);
    let verified = verify(folder.path()).unwrap();
    assert_eq!((verified.records, verified.unfinished), (20, 0));
    assert_eq!(find(folder.path(), &Filter::default(), None).unwrap().len(), 20);
    assert_eq!(find(folder.path(), &Filter::default(), Some(3)).unwrap()[0].seq, 18);
    let early = Filter { to: Some(after(5)), ..Filter::default() };
    assert_eq!(find(folder.path(), &early, None).unwrap().len(), 5);
    let others = Filter { user: Some("dana".to_owned()), ..Filter::default() };
    assert_eq!(find(folder.path(), &others, None).unwrap().len(), 0);
}

#[test]
fn a_folder_with_nothing_in_it_is_whole() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(verify(folder.path()).unwrap().records, 0);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever single bit is flipped, the first bad record is named.
    #[test]
    fn a_flipped_bit_is_found(place in any::<prop::sample::Index>(), bit in 0u8..8) {
        let folder = log_of(6, 700);
        let files = files(folder.path());
        let sizes: Vec<usize> = files.iter().map(|f| fs::read(f).unwrap().len()).collect();
        let mut at = place.index(sizes.iter().sum());
        let file = sizes.iter().position(|size| {
            let here = at < *size;
            if !here { at -= size; }
            here
        }).unwrap();
        let mut content = fs::read(&files[file]).unwrap();
        let line = content[..at].iter().filter(|b| **b == b'\n').count();
        content[at] ^= 1 << bit;
        fs::write(&files[file], &content).unwrap();
        let broken = verify(folder.path()).unwrap_err();
        prop_assert_eq!(&broken.file, &files[file]);
        prop_assert_eq!(broken.line, line as u64 + 1);
    }

    /// Whatever line is removed, doubled or moved, it is noticed at that record.
    #[test]
    fn removed_and_moved_lines_are_found(line in 0usize..6, what in 0u8..3) {
        let folder = log_of(6, 1 << 20);
        let file = files(folder.path()).remove(0);
        let text = fs::read_to_string(&file).unwrap();
        let mut lines: Vec<&str> = text.lines().collect();
        let expected = match what {
            0 => { lines.remove(line); line + 1 }
            1 => { lines.insert(line, lines[line]); line + 2 }
            _ => { let other = (line + 1) % 6; lines.swap(line, other); line.min(other) + 1 }
        };
        fs::write(&file, lines.join("\n") + "\n").unwrap();
        prop_assert_eq!(verify(folder.path()).unwrap_err().seq, expected as u64);
    }

    /// A crash in the middle of writing a record, at any byte: the record is dropped, that is
    /// recorded, and the chain goes on.
    #[test]
    fn a_record_cut_off_by_a_crash_is_dropped(cut in any::<prop::sample::Index>()) {
        let folder = log_of(4, 1 << 20);
        // What the next record would have been.
        let next = {
            let other = log_of(5, 1 << 20);
            let text = fs::read_to_string(&files(other.path())[0]).unwrap();
            text.lines().last().unwrap().to_owned()
        };
        let file = files(folder.path()).remove(0);
        let mut content = fs::read(&file).unwrap();
        content.extend(&next.as_bytes()[..1 + cut.index(next.len() - 1)]);
        fs::write(&file, &content).unwrap();
        prop_assert!(verify(folder.path()).unwrap().unfinished > 0);

        let log = AuditLog::open(folder.path(), Rotation::default(), noon()).unwrap();
        let records = find(folder.path(), &Filter::default(), None).unwrap();
        prop_assert_eq!(records.len(), 5);
        prop_assert_eq!(records[4].entry.event, Event::Recovered);
        drop(log);
        prop_assert_eq!(verify(folder.path()).unwrap().records, 5);
    }
}

#[test]
fn a_log_cut_at_its_end_or_rewritten_is_found() {
    // The last record, the last two, the whole last file.
    for keep in [5, 4, 0] {
        let folder = log_of(6, 1 << 20);
        let file = files(folder.path()).remove(0);
        let text = fs::read_to_string(&file).unwrap();
        let kept: Vec<&str> = text.lines().take(keep).collect();
        fs::write(&file, kept.iter().map(|line| format!("{line}\n")).collect::<String>()).unwrap();
        let broken = verify(folder.path()).unwrap_err();
        assert_eq!(broken.problem, Problem::Missing { last: 6 });
        assert_eq!(broken.seq, keep as u64 + 1);
        // What is left of it is not shown as if it were all.
        assert_eq!(find(folder.path(), &Filter::default(), None).unwrap_err(), broken);
        assert!(matches!(
            AuditLog::open(folder.path(), Rotation::default(), noon()),
            Err(AuditError::Broken(Broken { .. }))
        ));
    }
    // Together with the note of which record is the last.
    let folder = log_of(6, 1 << 20);
    fs::remove_file(folder.path().join("head.json")).unwrap();
    assert!(verify(folder.path()).is_err());
}

#[test]
fn only_one_steward_writes() {
    let folder = tempfile::tempdir().unwrap();
    let first = AuditLog::open(folder.path(), Rotation::default(), noon()).unwrap();
    let second = AuditLog::open(folder.path(), Rotation::default(), noon());
    assert!(matches!(second, Err(AuditError::Held(_))));
    drop(first);
    AuditLog::open(folder.path(), Rotation::default(), noon()).unwrap();
}

#[test]
fn exports_hold_every_record_and_no_formula() {
    let folder = tempfile::tempdir().unwrap();
    let log = AuditLog::open(folder.path(), Rotation::default(), noon()).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let formulas =
        ["=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "  =1+1", "\n=1", "＝1+1", "\t@x"];
    for words in formulas.into_iter().chain(["\"quoted\", and, commas\nlines"]) {
        let mut entry = entry("x");
        entry.words = Some(words.to_owned());
        runtime.block_on(log.append(entry, noon())).unwrap();
    }
    let records = find(folder.path(), &Filter::default(), None).unwrap();
    let mut csv = Vec::new();
    export_csv(&records, &mut csv).unwrap();
    let mut reader = csv::Reader::from_reader(csv.as_slice());
    // Whatever a record can say has a column.
    for name in ["origin", "model", "sources", "rule", "notices", "approved_by", "duration"] {
        assert!(reader.headers().unwrap().iter().any(|column| column == name), "{name}");
    }
    let column = reader.headers().unwrap().iter().position(|name| name == "words").unwrap();
    let rows: Vec<String> = reader.records().map(|row| row.unwrap()[column].to_owned()).collect();
    assert_eq!(rows.len(), 9);
    assert!(rows[..8].iter().all(|cell| cell.starts_with('\'')), "{rows:?}");
    assert_eq!(rows[8], "\"quoted\", and, commas\nlines");

    let mut json = Vec::new();
    export_json(&records, &mut json).unwrap();
    let list: serde_json::Value = serde_json::from_slice(&json).unwrap();
    assert_eq!(list.as_array().unwrap().len(), 9);
}

#[test]
fn secrets_are_not_written_down() {
    let key = format!("ghp_{}", "a1B2".repeat(9));
    let text = format!("use {key} and {key} for it");
    let clean = steward::access::redact(&text);
    assert!(!clean.contains(&key));
    assert_eq!(clean.matches(REDACTED).count(), 2);
    assert_eq!(steward::access::redact("restart nginx on web-03"), "restart nginx on web-03");
    assert!(steward::access::redact(&"x ".repeat(500_000)).chars().count() <= 4_001);
}

/// Rules that go away are missed: a freeze that ends because its file got another name must not end
/// unnoticed.
#[tokio::test]
async fn a_reload_says_which_files_of_rules_there_are_and_which_are_gone() {
    let world = World::new();
    std::fs::remove_file(world.files.path().join("compliance.yaml")).expect("it was there");
    let rules = Rules::load(world.files.path(), catalog()).expect("it need not be there");
    world.access.reload(rules, noon()).await.expect("a written reload");
    let reason = world.last_record().entry.reason.expect("what there is");
    let rules = "policy/rules.yaml (";
    assert!(reason.starts_with("compliance.yaml is gone; ") && reason.contains(rules), "{reason}");
}

/// A record in a file that nobody finds any more would be no record.
#[tokio::test]
async fn nothing_is_written_beside_a_log_that_was_touched() {
    type Touch = fn(&Path);
    let touch: [(&str, Touch); 3] = [
        ("removed", |file| fs::remove_dir_all(file.parent().unwrap()).unwrap()),
        ("replaced", |file| {
            fs::copy(file, file.with_extension("copy")).unwrap();
            fs::rename(file.with_extension("copy"), file).unwrap();
        }),
        ("cut", |file| fs::OpenOptions::new().write(true).open(file).unwrap().set_len(9).unwrap()),
    ];
    for (what, touch) in touch {
        let state = tempfile::tempdir().unwrap();
        let folder = state.path().join("audit");
        let log = AuditLog::open(&folder, Rotation::default(), noon()).unwrap();
        log.append(entry("one"), noon()).await.unwrap();
        log.append(entry("two"), noon()).await.unwrap();
        touch(&folder.join("audit-000000000001.jsonl"));
        for _ in 0..2 {
            let refused = log.append(entry("three"), after(1)).await.unwrap_err().to_string();
            assert!(refused.contains(what) && refused.contains("nothing runs"), "{refused}");
        }
    }
    // The whole way: nobody runs anything.
    let world = World::new();
    let plan = deployment("oli", "staging");
    world.access.present(&plan, &Default::default(), noon()).await.unwrap();
    world
        .access
        .note_refused(
            &admin("oli", &chat()),
            &steward::access::Refusal::OwnRun,
            &chat(),
            &Default::default(),
            noon(),
        )
        .await
        .unwrap();
    fs::remove_dir_all(world.audit_folder()).unwrap();
    let refused = world.confirm(&plan, after(1)).await.unwrap_err();
    assert_eq!(name_of(&refused), "audit_unavailable");
}
