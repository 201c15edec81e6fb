//! What is to run later: looking at it, moving it, holding it, dropping it.

use jiff::civil::DateTime;

use super::{Arguments, Asker};
use crate::access::{Asked, Permission};
use crate::bot::approvals::{notice, writer_to};
use crate::bot::trouble::Trouble;
use crate::catalog::{Value, Values};
use crate::channels::Block;
use crate::dialogue::Query;
use crate::jobs::schedule::{Recurrence, Schedule, ScheduleError, When, WhenError};
use crate::nlu::values::Reference;
use crate::nlu::values::recognize::{self, TimeKind};
use crate::reply::{Action, Reply, Writer, say};

/// More schedules than this are not shown at once.
const MOST: usize = 20;

/// What becomes of a schedule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Change {
    List,
    Move,
    Pause,
    Resume,
    Drop,
}

impl Change {
    /// As it was said; a time alone asks for that time.
    fn of(arguments: Arguments<'_>) -> Change {
        match arguments.text("change") {
            Some("move") => Change::Move,
            Some("pause") => Change::Pause,
            Some("resume") => Change::Resume,
            Some("drop") => Change::Drop,
            None if arguments.text("time").is_some() => Change::Move,
            _ => Change::List,
        }
    }
}

impl Asker<'_> {
    /// Shows what is to run later, or changes one of it.
    pub(super) async fn schedule(&mut self, arguments: Arguments<'_>) -> Result<Reply, Trouble> {
        let speech = self.writer.speech;
        let change = Change::of(arguments);
        let named = arguments.number("schedule");
        let found = self.schedules(arguments).await?;
        self.effects.schedules = Some(found.iter().map(|schedule| schedule.number).collect());
        match (found.as_slice(), named) {
            ([], Some(number)) => Err(ScheduleError::Unknown(number).into()),
            ([], None) => Ok(Reply::text(say!(speech, "schedules-none"))),
            ([one], _) => self.change(change, one, arguments).await,
            (several, _) if change == Change::List => Ok(self.scheduled(several)),
            (several, _) => Ok(self.which_schedule(several, arguments)),
        }
    }

    /// The schedules that are meant, of those that the asker may see: the one that is named, or
    /// the asker's own of the job that is, or, to be looked at, everybody's.
    async fn schedules(&self, arguments: Arguments<'_>) -> Result<Vec<Schedule>, Trouble> {
        let user = &self.turning.user.id;
        let all = self.turning.core.schedules.list(None).await?;
        let named = arguments.number("schedule");
        let jobs = arguments.templates();
        let everyones = Change::of(arguments) == Change::List || named.is_some();
        let meant = |schedule: &Schedule| {
            named.is_none_or(|number| number == schedule.number)
                && (jobs.is_empty() || jobs.contains(&schedule.template))
                && (everyones || schedule.requester == *user)
        };
        Ok(all
            .into_iter()
            .filter(|schedule| !schedule.is_over() && meant(schedule) && self.may(schedule))
            .collect())
    }

    async fn change(
        &mut self,
        change: Change,
        schedule: &Schedule,
        arguments: Arguments<'_>,
    ) -> Result<Reply, Trouble> {
        let turning = self.turning;
        let (schedules, speech) = (&turning.core.schedules, self.writer.speech);
        if change == Change::List {
            return Ok(self.writer.schedule(schedule));
        }
        let (access, place) = (&turning.core.access, &turning.inbound.address);
        access.permit(&self.asked(schedule), place, &turning.context, turning.now).await?;
        let number = schedule.number;
        let changed = match change {
            Change::List | Change::Pause => schedules.pause(number).await?,
            Change::Resume => {
                let (_, is_same) = access.scheduled_definition(&schedule.name()).await?;
                match is_same {
                    true => self.may_go_on(schedule, &schedule.when).await?,
                    false => self.confirm_again(schedule).await?,
                }
                schedules.resume(number, turning.now).await?
            }
            Change::Move => match self.when(schedule, arguments)? {
                Some(when) => {
                    self.may_go_on(schedule, &when).await?;
                    schedules.reschedule(number, when, turning.now).await?
                }
                None => {
                    let text = say!(speech, "schedule-when", "name" => schedule.name());
                    return Ok(Reply::text(text));
                }
            },
            Change::Drop => {
                schedules.drop(number).await?;
                access.drop_schedule(&schedule.name()).await?;
                self.tell_its_requester(schedule, |writer| writer.schedule_dropped(schedule))
                    .await?;
                self.effects.schedules = Some(Vec::new());
                return Ok(self.writer.schedule_dropped(schedule));
            }
        };
        self.tell_its_requester(schedule, |writer| writer.schedule(&changed)).await?;
        Ok(self.writer.schedule(&changed))
    }

    /// Tells whoever relies on a schedule what somebody else has made of it.
    async fn tell_its_requester(
        &mut self,
        schedule: &Schedule,
        news: impl Fn(&Writer<'_>) -> Reply,
    ) -> Result<(), Trouble> {
        let turning = self.turning;
        if schedule.requester == turning.user.id {
            return Ok(());
        }
        let rules = turning.core.access.rules();
        let writer = writer_to(turning.core, rules.users().get(&schedule.requester)).await?;
        let by = turning.user.name.as_str();
        let told = Reply::text(say!(writer.speech, "schedule-by", "by" => by)).and(news(&writer));
        self.effects.messages.push(notice(
            schedule.origin.clone(),
            &schedule.requester,
            None,
            told,
        ));
        Ok(())
    }

    /// Whether its requester may still have it run, at its next time.
    async fn may_go_on(&self, schedule: &Schedule, when: &When) -> Result<(), Trouble> {
        let turning = self.turning;
        let next = when.next_after(turning.now).unwrap_or(turning.now);
        let access = &turning.core.access;
        Ok(access.may_go_on(&schedule.name(), next, &turning.context, turning.now).await?)
    }

    /// Its job is not what it was; it goes on if its requester says so.
    async fn confirm_again(&self, schedule: &Schedule) -> Result<(), Trouble> {
        let turning = self.turning;
        let (access, now) = (&turning.core.access, turning.now);
        let (name, by) = (schedule.name(), &turning.user.id);
        let next = schedule.when.next_after(now).unwrap_or(now);
        Ok(access.confirm_again(&name, by, next, &turning.context, now).await?)
    }

    /// When the schedule is to be due from now on, by what is said: a rhythm, with the time of the
    /// day that is said beside it ("move the nightly backup to four"); a time of the day, which
    /// leaves the rhythm that there is; or a moment. In the asker's time zone.
    fn when(&self, schedule: &Schedule, arguments: Arguments<'_>) -> Result<Option<When>, Trouble> {
        let zone = self.turning.zone();
        let unclear = |at: &str| ScheduleError::from(WhenError::Moment(at.to_owned()));
        let moment = match arguments.text("at") {
            Some(at) => Some(at.parse::<DateTime>().map_err(|_| unclear(at))?),
            None => None,
        };
        if let Some(cron) = arguments.text("every") {
            let name = zone.iana_name().unwrap_or("UTC");
            let said = Recurrence::new(cron, name).map_err(ScheduleError::from)?;
            let timed = moment.and_then(|moment| said.at(moment.time()));
            return Ok(Some(When::Recurring(timed.unwrap_or(said))));
        }
        let Some(moment) = moment else { return Ok(None) };
        if let When::Recurring(rhythm) = &schedule.when
            && self.is_time_of_day(arguments)
            && let Some(moved) = rhythm.at(moment.time())
        {
            return Ok(Some(When::Recurring(moved)));
        }
        let at = zone.to_zoned_datetime(moment).map_err(|_| unclear(&moment.to_string()))?;
        Ok(Some(When::Once(at.timestamp())))
    }

    /// Whether the words about time name no day.
    fn is_time_of_day(&self, arguments: Arguments<'_>) -> bool {
        let turning = self.turning;
        let reference = Reference { now: turning.now.to_zoned_datetime(turning.zone()) };
        let words = arguments.text("time").unwrap_or_default();
        let times = recognize::times(words, &reference);
        times.first().is_some_and(|time| time.kind == TimeKind::Time)
    }

    fn scheduled(&self, schedules: &[Schedule]) -> Reply {
        let speech = self.writer.speech;
        let title = say!(speech, "schedules-title", "count" => schedules.len());
        let shown = &schedules[..schedules.len().min(MOST)];
        let rows = self.writer.schedule_rows(shown, &self.turning.user.id);
        let how = say!(speech, "schedules-how", "name" => shown[0].name());
        let mut reply = Reply::text(title).block(rows).text_line([how]);
        for schedule in shown {
            let query = query(schedule, Values::new());
            reply = reply.button(schedule.name(), Action::Ask { query });
        }
        reply
    }

    /// Which of several schedules to change.
    fn which_schedule(&self, schedules: &[Schedule], arguments: Arguments<'_>) -> Reply {
        let mut reply = Reply::text(say!(self.writer.speech, "schedule-which"));
        let mut labels = Vec::new();
        for schedule in schedules.iter().take(MOST) {
            let label = self.writer.schedule_line(schedule);
            let query = query(schedule, arguments.0.clone());
            reply = reply.button(label.clone(), Action::Ask { query });
            labels.push(label);
        }
        reply.block(Block::Options(labels))
    }

    fn may(&self, schedule: &Schedule) -> bool {
        let turning = self.turning;
        turning.core.access.may(&self.asked(schedule), turning.now).is_ok()
    }

    fn asked<'b>(&'b self, schedule: &'b Schedule) -> Asked<'b> {
        let turning = self.turning;
        Asked {
            template: Some(&schedule.template),
            values: Some(&schedule.values),
            own: Some(schedule.requester == turning.user.id),
            ..Asked::command(&turning.user.id, Permission::Schedule, &turning.inbound.address)
        }
    }
}

/// The same question about one schedule.
fn query(schedule: &Schedule, mut arguments: Values) -> Query {
    arguments.insert("schedule".into(), Value::from(schedule.number));
    Query { command: "schedule_change".into(), arguments }
}
