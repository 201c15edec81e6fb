//! How Steward understands public benchmarks, against the figures that others published.
//!
//!     cargo bench --bench public -- FOLDER [SET ...]
//!
//! The folder holds the sets as `benches/README.md` describes; without names, every set in it is
//! measured. Each set is written as a catalogue below `target/public/`, and learnt and read by
//! what reads an operator's catalogue, with the encoder frozen and no setting changed: a figure
//! here says what a catalogue of that size and kind may expect.

mod folder;
mod markdown;
mod measure;
mod sets;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use sets::{SETS, Set};

fn main() -> ExitCode {
    // Cargo passes `--bench` to every benchmark.
    let mut arguments = std::env::args().skip(1).filter(|argument| argument != "--bench");
    let Some(folder) = arguments.next().map(PathBuf::from) else {
        println!(
            "public benchmarks: skipped, no folder named (cargo bench --bench public -- FOLDER)"
        );
        return ExitCode::SUCCESS;
    };
    let names: Vec<String> = arguments.collect();
    if let Some(unknown) = names.iter().find(|name| SETS.iter().all(|set| set.name != **name)) {
        let known: Vec<&str> = SETS.iter().map(|set| set.name).collect();
        eprintln!("there is no set `{unknown}`; there are: {}", known.join(", "));
        return ExitCode::FAILURE;
    }
    let asked = SETS.iter().filter(|set| names.is_empty() || names.iter().any(|n| n == set.name));
    let mut failed = false;
    println!("| set | measured | published | learnt from | tested on | minutes |");
    println!("|---|---|---|---|---|---|");
    for set in asked {
        match run(set, &folder) {
            Ok(row) => println!("{row}"),
            Err(error) => {
                eprintln!("{}: {error}", set.name);
                failed = true;
            }
        }
    }
    if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

fn run(set: &Set, folder: &Path) -> Result<String, String> {
    let start = std::time::Instant::now();
    let data = (set.read)(folder)?;
    let catalog = folder::catalog(set.name, &data)?;
    let measured = measure::measure(&catalog, &data)?;
    Ok(format!(
        "| {} | {measured} | {} | {} | {} | {:.1} |",
        set.name,
        set.published,
        data.train.len(),
        data.test.len(),
        start.elapsed().as_secs_f64() / 60.0,
    ))
}
