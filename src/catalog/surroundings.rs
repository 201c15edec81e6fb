//! Whether a catalogue fits the machine and the configuration it is used with.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::mistake::{Mistake, Place, Problem};
use super::{Argument, Catalog, JobTemplate, Target, TemplateId};

impl Catalog {
    /// Programs of local jobs that are not there, as seen from `folder`, and chats that the
    /// configuration does not name (where it names any).
    ///
    /// These are warnings: a catalogue may be checked on another machine than it is used on.
    pub fn check_surroundings(&self, folder: &Path, chats: &[String]) -> Vec<Mistake> {
        let mut found = Vec::new();
        for job in &self.jobs {
            for (field, program) in programs(job) {
                if !is_program(folder, program) {
                    let problem = Problem::NoProgram { program: program.to_owned() };
                    found.push(self.at(&job.id, field, problem));
                }
            }
            for chat in job.notify.iter().filter(|chat| !chats.is_empty() && !chats.contains(chat))
            {
                let (name, known) = (chat.clone(), chats.to_vec());
                found.push(self.at(&job.id, "notify", Problem::UnknownChat { name, known }));
            }
        }
        found
    }

    fn at(&self, id: &TemplateId, field: &str, problem: Problem) -> Mistake {
        let nowhere = || Place { file: PathBuf::new().into(), position: None };
        let place = self.places.get(id).cloned().unwrap_or_else(nowhere);
        Mistake { place, field: field.to_owned(), problem, excerpt: None }
    }
}

/// Where each job is declared.
pub type Places = BTreeMap<TemplateId, Place>;

/// The programs that a job starts on this machine, with the fields that name them.
fn programs(job: &JobTemplate) -> Vec<(&'static str, &str)> {
    let mut commands: Vec<(&'static str, &[Argument])> = Vec::new();
    if let Target::Command(command) = &job.run.target {
        commands.push(("run.command", command));
    }
    if let Some(check) = &job.check {
        commands.push(("check.command", &check.command));
    }
    let suggests = job.parameters.iter().filter_map(|parameter| parameter.suggest.as_ref());
    commands.extend(suggests.map(|suggest| ("suggest.command", suggest.command.as_slice())));
    commands
        .into_iter()
        .filter_map(|(field, command)| match command.first() {
            Some(Argument::Literal(program)) => Some((field, program.as_str())),
            _ => None,
        })
        .collect()
}

fn is_program(folder: &Path, program: &str) -> bool {
    if program.contains('/') {
        return is_executable(&folder.join(program));
    }
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path).any(|folder| is_executable(&folder.join(program)))
}

fn is_executable(file: &Path) -> bool {
    fs::metadata(file).is_ok_and(|data| data.is_file() && data.permissions().mode() & 0o111 != 0)
}
