//! Notes: what the dialogue remarks on besides questions and plans, in words.

use super::{Writer, say};
use crate::catalog::TemplateId;
use crate::dialogue::Note;
use crate::jobs::schedule;

impl Writer<'_> {
    pub(super) fn note(&self, note: &Note) -> String {
        let speech = self.speech;
        let job = |template: &TemplateId| self.job_name(template);
        match note {
            Note::Expired { template: Some(template), kept: Some(id) } => {
                say!(speech, "note-expired-kept", "job" => job(template), "id" => *id)
            }
            Note::Expired { template: Some(template), kept: None } => {
                say!(speech, "note-expired-draft", "job" => job(template))
            }
            Note::Expired { template: None, .. } => say!(speech, "note-expired"),
            Note::Stale => say!(speech, "note-stale"),
            Note::JobChanged { template } => {
                say!(speech, "note-job-changed", "job" => job(template))
            }
            Note::NothingOpen => say!(speech, "note-nothing-open"),
            Note::Paused { template } => say!(speech, "note-paused", "job" => job(template)),
            Note::StartedOver { template } => {
                say!(speech, "note-started-over", "job" => job(template))
            }
            Note::DraftKept { template, id } => {
                say!(speech, "note-draft-kept", "job" => job(template), "id" => *id)
            }
            Note::DraftResumed { template } => {
                say!(speech, "note-draft-resumed", "job" => job(template))
            }
            Note::DraftDropped { template } => {
                say!(speech, "note-draft-dropped", "job" => job(template))
            }
            Note::NoDrafts => say!(speech, "note-no-drafts"),
            Note::NoSuchDraft => say!(speech, "note-no-such-draft"),
            Note::NoSuchOption { count } => say!(speech, "note-no-such-option", "count" => *count),
            Note::SeveralJobs { jobs } => {
                let jobs = speech.list(jobs.iter().map(job));
                say!(speech, "note-several-jobs", "jobs" => jobs)
            }
            Note::Next { template } => say!(speech, "note-next", "job" => job(template)),
            Note::RestDropped { count } => say!(speech, "note-rest-dropped", "count" => *count),
            Note::WhichOne => say!(speech, "note-which-one"),
            Note::NoSuchCommand { typed, near } if near.is_empty() => {
                say!(speech, "note-no-such-command", "typed" => typed.as_str())
            }
            Note::NoSuchCommand { typed, near } => say!(
                speech, "note-no-such-command-near",
                "typed" => typed.as_str(), "near" => speech.list(near),
            ),
            Note::NoneOfThese => say!(speech, "note-none-of-these"),
            Note::NothingToRepeat => say!(speech, "note-nothing-to-repeat"),
            Note::NoSuchExecution { number } => {
                say!(speech, "no-such-execution", "number" => *number)
            }
            Note::NothingFailed { execution } => {
                say!(speech, "note-nothing-failed", "number" => *execution)
            }
            Note::NoInverse { template } => say!(speech, "note-no-inverse", "job" => job(template)),
            Note::TimeIsOver { words } => {
                say!(speech, "note-time-is-over", "words" => words.as_str())
            }
            Note::NotUsed { words } => {
                let words = words.iter().map(|words| format!("“{words}”"));
                say!(speech, "note-not-used", "words" => speech.list(words))
            }
            Note::TurnedDown { words } => {
                say!(speech, "note-turned-down", "words" => words.as_str())
            }
            Note::NoReferent { words } => {
                say!(speech, "note-no-referent", "words" => words.as_str())
            }
            Note::NothingToChange => say!(speech, "note-nothing-to-change"),
            Note::Noted { template, values } => {
                let values = speech.list(values.iter().map(|(name, value)| {
                    format!("{} {}", self.label_of(template, name), speech.value(value))
                }));
                say!(speech, "note-noted", "values" => values)
            }
            Note::TakenBack => say!(speech, "note-taken-back"),
            Note::ScheduleStays { number } => {
                say!(speech, "note-schedule-stays", "name" => schedule::name_of(*number))
            }
            Note::OnlyPlainYes => say!(speech, "note-only-plain-yes"),
            Note::MoreThanYes => say!(speech, "note-more-than-yes"),
            Note::Unchanged => say!(speech, "note-unchanged"),
            Note::NothingToSwap => say!(speech, "note-nothing-to-swap"),
            Note::SecretRefused { parameter } => {
                say!(speech, "note-secret-refused", "parameter" => speech.name(parameter))
            }
        }
    }
}
