//! The file that a command's output goes to, of limited size.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, Write};

/// Bytes that are kept from the end of an output that grew too long.
const TAIL: usize = 64 * 1024;

/// Keeps the beginning of an output up to a cap, and the last [`TAIL`] bytes of what came after.
pub struct CappedOutput {
    file: File,
    room: u64,
    tail: VecDeque<u8>,
    beyond: u64,
}

impl CappedOutput {
    pub fn new(file: File, cap: u64) -> CappedOutput {
        CappedOutput { file, room: cap, tail: VecDeque::new(), beyond: 0 }
    }

    /// Takes another piece of output.
    pub fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        let fits = usize::try_from(self.room).unwrap_or(usize::MAX).min(bytes.len());
        let (head, rest) = bytes.split_at(fits);
        self.file.write_all(head)?;
        self.room -= fits as u64;
        self.beyond += rest.len() as u64;
        self.tail.extend(&rest[rest.len().saturating_sub(TAIL)..]);
        let excess = self.tail.len().saturating_sub(TAIL);
        self.tail.drain(..excess);
        Ok(())
    }

    /// Appends what was kept of the end, after a line that says how much is missing.
    pub fn finish(&mut self) -> io::Result<()> {
        if self.beyond > 0 {
            let missing = self.beyond - self.tail.len() as u64;
            if missing > 0 {
                write!(self.file, "\n[{missing} bytes left out]\n")?;
            }
            self.file.write_all(self.tail.make_contiguous())?;
            self.tail.clear();
            self.beyond = 0;
        }
        self.file.sync_data()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(cap: u64, pieces: &[&[u8]], expected: &str) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("output");
        let mut output = CappedOutput::new(File::create(&path).expect("a file"), cap);
        for piece in pieces {
            output.write(piece).expect("written");
        }
        output.finish().expect("written");
        assert_eq!(std::fs::read_to_string(&path).expect("text"), expected);
    }

    #[test]
    fn beginning_and_end_stay() {
        check(100, &[b"hello\n", b"world\n"], "hello\nworld\n");
        check(4, &[b"hello"], "hello");
        let long = vec![b'x'; TAIL + 10];
        let kept = "x".repeat(TAIL);
        check(2, &[b"ab", b"cde", &long], &format!("ab\n[13 bytes left out]\n{kept}"));
        check(0, &[&long], &format!("\n[10 bytes left out]\n{kept}"));
    }
}
