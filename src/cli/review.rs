//! `steward review`: what people had to pick or to say again, as new examples.

use std::process::ExitCode;

use anyhow::{Context, bail};
use jiff::Timestamp;
use steward::config::Config;
use steward::nlu::values::presentable;
use steward::nlu::{Label, Nlu};
use steward::review::{self, Lesson, LessonKind, Lessons};

use super::log_to_stderr;
use super::understanding::{Folders, reference};

#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(clap::Subcommand)]
enum Command {
    /// Show what waits for a decision; what `steward review` alone does
    List,
    /// Add these to the training data
    Accept {
        /// The ids that the list shows
        #[arg(required = true)]
        ids: Vec<String>,
    },
    /// Don't show these again
    Drop {
        /// The ids that the list shows
        #[arg(required = true)]
        ids: Vec<String>,
    },
}

pub fn run(args: Args, config: &Config) -> anyhow::Result<ExitCode> {
    log_to_stderr();
    let lessons = Lessons::in_state(&config.directories.state);
    match args.command.unwrap_or(Command::List) {
        Command::List => list(&lessons, config)?,
        Command::Accept { ids } => accept(&lessons, &ids, config)?,
        Command::Drop { ids } => {
            for lesson in chosen(&lessons, &ids)? {
                lessons.decide(&lesson.id(), false, Timestamp::now())?;
                println!("dropped: {}", presentable(&lesson.text));
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn list(lessons: &Lessons, config: &Config) -> anyhow::Result<()> {
    let waiting = lessons.open()?;
    if waiting.is_empty() {
        println!("nothing waits: nobody had to pick a job or to say something again");
        return Ok(());
    }
    let nlu = understanding(config)?;
    for review::Open { id, lesson, times } in &waiting {
        println!("{id}  {}  {}", lesson.job, presentable(&line(&nlu, lesson, config)));
        let often = if *times == 1 { String::new() } else { format!(" ({times} times)") };
        match &lesson.kind {
            LessonKind::Picked => println!("        picked from a list{often}"),
            LessonKind::Rephrased { words } => {
                println!("        then said: {}{often}", presentable(words));
            }
        }
    }
    println!(
        "\nsteward review accept ID ... adds them as examples, steward review drop ID ... does not"
    );
    Ok(())
}

fn accept(lessons: &Lessons, ids: &[String], config: &Config) -> anyhow::Result<()> {
    let chosen = chosen(lessons, ids)?;
    let nlu = understanding(config)?;
    let directories = &config.directories;
    for lesson in chosen {
        let line = line(&nlu, &lesson, config);
        let file = review::accept(&lesson, &line, &directories.intents, &directories.training_data)
            .with_context(|| format!("“{}” was not added", lesson.text))?;
        lessons.decide(&lesson.id(), true, Timestamp::now())?;
        println!("{}: - {}", file.display(), presentable(&line));
    }
    println!("learnt at the next start, or with `steward train`");
    Ok(())
}

fn chosen(lessons: &Lessons, ids: &[String]) -> anyhow::Result<Vec<Lesson>> {
    let waiting = lessons.open()?;
    ids.iter()
        .map(|id| match waiting.iter().find(|open| open.id == id.to_lowercase()) {
            Some(open) => Ok(open.lesson.clone()),
            None => bail!("no lesson `{id}` waits; `steward review` shows those that do"),
        })
        .collect()
}

fn understanding(config: &Config) -> anyhow::Result<Nlu> {
    let folders = Folders::default();
    folders.open(config, folders.catalog(config)?)
}

/// The message with the values that are understood in it, as training data has it.
fn line(nlu: &Nlu, lesson: &Lesson, config: &Config) -> String {
    let utterance = nlu.read(&lesson.text);
    let label = Label::Job(lesson.job.clone());
    review::marked(&lesson.text, &nlu.arguments(&utterance, &label, &reference(config)))
}
