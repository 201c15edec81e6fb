//! One execution under watch, and one look at it.

use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

use super::{Begun, Live, Monitor};
use crate::catalog::TemplateId;
use crate::jobs::executions::Ending;
use crate::jobs::output::OutputReader;
use crate::jobs::platform::{IdempotencyKey, Platform, PlatformError, Reference, Status};
use crate::jobs::{Execution, ExecutionState, ExecutionsError, reason};
use crate::store::Claim;

/// An execution that is watched.
pub(super) struct Watched {
    pub number: u64,
    key: IdempotencyKey,
    template: TemplateId,
    platform: String,
    reference: Option<Reference>,
    state: ExecutionState,
    /// When it was started, by the clock that can't be set back.
    began: Instant,
    /// When the template's time is up, with some time for the platform to see to it itself.
    deadline: Option<Timestamp>,
    /// The platform was asked to end it, because its time was up.
    overdue: bool,
    /// How far the output was read, and what was said in it.
    read: u64,
    output: OutputReader,
    /// How far the run has come by its platform's word.
    percent: Option<u32>,
    /// The output changed what is known, and nobody was told yet.
    untold: bool,
    told: Option<Instant>,
    /// How long such runs usually take, once somebody wanted to know.
    usual: Option<Option<Duration>>,
    /// Looks in a row that the platform didn't answer.
    failures: u32,
    /// Since when it is over, while the rest of its output is waited for.
    over: Option<Instant>,
    /// Its platform was asked to end it, because somebody wants that.
    end_passed_on: bool,
    /// That no other process watches it.
    _claim: Claim,
}

/// What is to become of a watched execution after a look.
pub(super) enum Verdict {
    /// To be looked at again after so long.
    Again(Duration),
    /// It is over, or somebody else's.
    Done,
}

/// Why a look failed.
#[derive(Debug, thiserror::Error)]
enum LookError {
    #[error(transparent)]
    Platform(#[from] PlatformError),
    #[error(transparent)]
    Executions(#[from] ExecutionsError),
}

/// Edits of one card are at least so far apart.
const PACE: Duration = Duration::from_secs(2);

/// Platforms that keep time limits themselves get so much more to do it.
const LENIENCE: Duration = Duration::from_secs(30);

/// The rest of an output may come so much later than the end of its run.
const LATE: Duration = Duration::from_secs(10);

/// Bytes of output that are read at once, and at most in one look.
const CHUNK: usize = 64 * 1024;
const MOST: usize = 16;

impl Watched {
    pub fn new(
        execution: &Execution,
        time_limit: Option<Duration>,
        now: Timestamp,
        claim: Claim,
    ) -> Watched {
        let started = execution.started_at().unwrap_or(now);
        let age = Duration::try_from(now.duration_since(started)).unwrap_or_default();
        // The clock may begin with the machine, after the run.
        let began = Instant::now().checked_sub(age).unwrap_or_else(Instant::now);
        Watched {
            number: execution.number,
            key: execution.key.clone(),
            template: execution.template.clone(),
            platform: execution.platform.clone(),
            reference: execution.reference.clone(),
            state: execution.state,
            began,
            deadline: time_limit.and_then(|limit| started.checked_add(limit + LENIENCE).ok()),
            overdue: false,
            read: 0,
            output: OutputReader::default(),
            percent: None,
            untold: false,
            told: None,
            usual: None,
            failures: 0,
            over: None,
            end_passed_on: false,
            _claim: claim,
        }
    }

    /// Looks once at how the run stands, stores and tells what changed.
    pub async fn look(&mut self, monitor: &Monitor) -> Verdict {
        match self.try_look(monitor).await {
            Ok(Verdict::Done) => Verdict::Done,
            Ok(again) => {
                self.failures = 0;
                again
            }
            // Somebody else settled it.
            Err(LookError::Executions(
                ExecutionsError::Illegal { .. } | ExecutionsError::Unknown(_),
            )) => Verdict::Done,
            Err(error) => {
                self.failures = self.failures.saturating_add(1);
                tracing::warn!(execution = self.number, failures = self.failures, %error, "not watched");
                Verdict::Again(after_failures(self.failures))
            }
        }
    }

    async fn try_look(&mut self, monitor: &Monitor) -> Result<Verdict, LookError> {
        let Some(platform) = monitor.platforms.get(&self.platform).cloned() else {
            return self.settle(monitor, ExecutionState::Lost, reason::NO_PLATFORM).await;
        };
        let reference = {
            let Some(_begun) = Begun::enter(&monitor.begun, self.number) else {
                // To ask its platform now would settle what somebody is just about to say.
                return Ok(Verdict::Again(pause_at(Duration::ZERO)));
            };
            let Some(reference) = self.reference(monitor, &*platform).await? else {
                // Nothing was started, and nothing will be.
                return match self.state {
                    ExecutionState::Running => {
                        self.settle(monitor, ExecutionState::Lost, reason::GONE).await
                    }
                    _ => self.settle(monitor, ExecutionState::Failed, reason::NEVER_STARTED).await,
                };
            };
            reference
        };
        let status = match platform.status(&reference).await {
            Err(PlatformError::Unknown { .. }) => {
                return self.settle(monitor, ExecutionState::Lost, reason::GONE).await;
            }
            other => other?,
        };
        if self.state == ExecutionState::Starting && !status.state.is_final() {
            let now = monitor.now();
            let running = monitor.executions.running(self.number, reference.clone(), now).await?;
            self.state = ExecutionState::Running;
            monitor.pass_end_on(&running).await?;
        }
        let is_over = status.state.is_final();
        let said_all = self.read_output(&*platform, &reference, is_over).await?;
        if is_over {
            let over = *self.over.get_or_insert_with(Instant::now);
            let may_say_more = !said_all && status.state != ExecutionState::Lost;
            if may_say_more && over.elapsed() < LATE {
                return Ok(Verdict::Again(pause_at(Duration::ZERO)));
            }
            self.output.finish();
            return self.finish(monitor, status).await;
        }
        self.hear_wish(monitor).await?;
        self.hear_share(&status);
        self.tell(monitor).await;
        self.mind_the_time(monitor, &*platform, &reference).await?;
        Ok(Verdict::Again(self.pause()))
    }

    /// Asks the platform to end the run where another process was told so.
    async fn hear_wish(&mut self, monitor: &Monitor) -> Result<(), LookError> {
        if monitor.claims.are_shared() && !self.end_passed_on {
            let execution = monitor.executions.get(self.number).await?;
            self.end_passed_on = monitor.pass_end_on(&execution).await?;
        }
        Ok(())
    }

    /// The platform's name for the run. After a crash it may not have been stored yet.
    async fn reference(
        &mut self,
        monitor: &Monitor,
        platform: &dyn Platform,
    ) -> Result<Option<Reference>, LookError> {
        if self.reference.is_none() {
            self.reference = platform.find(&self.key).await?;
            if let (Some(reference), ExecutionState::Starting) = (&self.reference, self.state) {
                let now = monitor.now();
                monitor.executions.running(self.number, reference.clone(), now).await?;
                self.state = ExecutionState::Running;
            }
        }
        Ok(self.reference.clone())
    }

    /// Reads what was said since the last look; `false` where more may be said.
    async fn read_output(
        &mut self,
        platform: &dyn Platform,
        reference: &Reference,
        to_the_end: bool,
    ) -> Result<bool, LookError> {
        for _ in 0..if to_the_end { usize::MAX } else { MOST } {
            let chunk = match platform.log(reference, self.read, CHUNK).await {
                Ok(chunk) => chunk,
                // An end is an end, even if nobody knows what was said.
                Err(error) if to_the_end => {
                    tracing::warn!(execution = self.number, %error, "the output can't be read");
                    return Ok(true);
                }
                Err(error) => return Err(error.into()),
            };
            self.untold |= self.output.read(&chunk.text);
            let stands = chunk.next <= self.read;
            self.read = chunk.next;
            if chunk.complete || stands {
                return Ok(chunk.complete);
            }
        }
        Ok(false)
    }

    /// Takes the platform's own word for progress; what the output says counts for more.
    fn hear_share(&mut self, status: &Status) {
        let percent = status.progress.map(|share| (share.clamp(0.0, 1.0) * 100.0).round() as u32);
        self.untold |= percent.is_some() && percent != self.percent;
        self.percent = percent;
    }

    fn progress(&self) -> Option<(u32, u32, String)> {
        let percent = self.percent.map(|percent| (percent, 100, String::new()));
        self.output.said().progress.clone().or(percent)
    }

    /// Tells subscribers of progress, unless they were told a moment ago; then the next look does.
    async fn tell(&mut self, monitor: &Monitor) {
        let now = Instant::now();
        if !self.untold || self.told.is_some_and(|told| now.duration_since(told) < PACE) {
            return;
        }
        let Some(progress) = self.progress() else { return };
        self.untold = false;
        self.told = Some(now);
        let usual = match self.usual {
            Some(usual) => usual,
            None => *self.usual.insert(monitor.usual_duration(&self.template).await),
        };
        let left = time_left(self.began.elapsed(), (progress.0, progress.1), usual);
        monitor.tell_progress(self.number, Live { progress, left }).await;
    }

    async fn mind_the_time(
        &mut self,
        monitor: &Monitor,
        platform: &dyn Platform,
        reference: &Reference,
    ) -> Result<(), LookError> {
        if !self.overdue && self.deadline.is_some_and(|deadline| deadline <= monitor.now()) {
            platform.cancel(reference).await?;
            self.overdue = true;
        }
        Ok(())
    }

    async fn finish(&mut self, monitor: &Monitor, status: Status) -> Result<Verdict, LookError> {
        let said = self.output.said().clone();
        let ending = Ending {
            outcome: status.outcome,
            metrics: said.metrics,
            failed_targets: said.failed_targets,
            progress: self.progress(),
        };
        let (state, reason) = match status.state {
            ExecutionState::Cancelled if self.overdue => {
                (ExecutionState::TimedOut, Some(reason::TIME_LIMIT))
            }
            ExecutionState::Cancelled => (ExecutionState::Cancelled, Some(reason::CANCELLED)),
            ExecutionState::TimedOut => (ExecutionState::TimedOut, Some(reason::TIME_LIMIT)),
            ExecutionState::Lost => (ExecutionState::Lost, Some(reason::GONE)),
            state => (state, None),
        };
        let now = monitor.now();
        monitor.executions.finish(self.number, state, reason, ending, now).await?;
        Ok(Verdict::Done)
    }

    async fn settle(
        &self,
        monitor: &Monitor,
        state: ExecutionState,
        reason: &str,
    ) -> Result<Verdict, LookError> {
        let now = monitor.now();
        monitor.executions.finish(self.number, state, Some(reason), Ending::default(), now).await?;
        Ok(Verdict::Done)
    }

    /// How long to wait until the next look.
    fn pause(&self) -> Duration {
        let pause = jittered(pause_at(self.began.elapsed()));
        match self.told {
            // Something is waiting to be told.
            Some(told) if self.untold => {
                pause.min(PACE.saturating_sub(Instant::now().duration_since(told)))
            }
            _ => pause,
        }
    }
}

/// Half a second in the first seconds, when a run says most; then 5 seconds; after an hour half a
/// minute.
fn pause_at(age: Duration) -> Duration {
    match age.as_secs() {
        0..5 => Duration::from_millis(500),
        5..20 => Duration::from_secs(2),
        20..600 => Duration::from_secs(5),
        600..3600 => Duration::from_secs(10),
        _ => Duration::from_secs(30),
    }
}

/// From two seconds, doubled, to five minutes.
fn after_failures(failures: u32) -> Duration {
    let seconds = 1_u64.checked_shl(failures.min(9)).unwrap_or(u64::MAX);
    jittered(Duration::from_secs(seconds.min(300)))
}

/// A tenth more or less, so that runs that began together aren't looked at together for ever.
fn jittered(pause: Duration) -> Duration {
    pause.mul_f64(rand::random_range(0.9..1.1))
}

/// How long a run will probably go on: as long as it usually does, or, once it has come some way,
/// at the pace of the way so far.
fn time_left(
    age: Duration,
    (done, total): (u32, u32),
    usual: Option<Duration>,
) -> Option<Duration> {
    let share = f64::from(done) / f64::from(total.max(1));
    if share >= 0.1 {
        return Some(age.mul_f64((1.0 - share).max(0.0) / share));
    }
    usual.and_then(|usual| usual.checked_sub(age))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks_are_close_at_first_and_far_apart_later() {
        let check = |age, pause| assert_eq!(pause_at(Duration::from_secs(age)), pause, "{age}");
        check(0, Duration::from_millis(500));
        check(60, Duration::from_secs(5));
        check(1_000, Duration::from_secs(10));
        check(100_000, Duration::from_secs(30));
        assert!(after_failures(1) < Duration::from_secs(3));
        assert!(after_failures(u32::MAX) <= Duration::from_secs(330));
    }

    #[test]
    fn time_left_goes_by_the_pace_or_by_experience() {
        let check = |age, progress, usual: Option<u64>, left: Option<u64>| {
            let left = left.map(Duration::from_secs);
            let usual = usual.map(Duration::from_secs);
            assert_eq!(time_left(Duration::from_secs(age), progress, usual), left);
        };
        check(30, (1, 2), None, Some(30));
        check(30, (1, 2), Some(100), Some(30));
        check(10, (0, 5), Some(60), Some(50));
        check(70, (0, 5), Some(60), None);
        check(10, (0, 5), None, None);
        check(10, (5, 5), None, Some(0));
    }
}
