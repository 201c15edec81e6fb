//! Runs that are to begin later.

use serde::Serialize;

use super::{Bot, Caller, Seat, ViewError};
use crate::access::{Asked, Permission, Refusal};
use crate::jobs::schedule::{Schedule, Schedules, When};

/// A schedule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ScheduleView {
    pub number: u64,
    pub job: String,
    pub values: String,
    /// A moment, or a cron expression with its time zone.
    pub when: String,
    pub next: Option<String>,
    pub paused: bool,
    pub requester: String,
}

impl Bot {
    /// The schedules that the one who looks may know of, those first that are due first.
    ///
    /// # Errors
    ///
    /// When they have nothing to do with schedules.
    pub async fn schedules(&self, caller: &Caller) -> Result<Vec<ScheduleView>, ViewError> {
        let seat = self.seat(caller).await?;
        let doing = "listing schedules";
        if !seat.may(Permission::Schedule) {
            seat.permit_command(Permission::Schedule, doing).await?;
        }
        let all = Schedules::new(seat.core.store.clone()).list(None).await;
        let all = all.map_err(|error| {
            seat.failed(Refusal::StoreUnavailable { reason: error.to_string() }, doing)
        })?;
        Ok(all.iter().filter(|s| seat.may_see(s)).map(|s| seat.schedule(s)).collect())
    }
}

impl Seat<'_> {
    fn may_see(&self, schedule: &Schedule) -> bool {
        let asked = Asked {
            template: Some(&schedule.template),
            values: Some(&schedule.values),
            own: Some(schedule.requester == self.user.id),
            ..Asked::command(&self.user.id, Permission::Schedule, self.address)
        };
        self.core.access.may(&asked, self.now).is_ok()
    }

    fn schedule(&self, schedule: &Schedule) -> ScheduleView {
        let writer = self.writer();
        let moment = |at| writer.speech.moment(at, &self.zone);
        ScheduleView {
            number: schedule.number,
            job: writer.job_name(&schedule.template),
            values: writer.values_of(&schedule.template, &schedule.values),
            when: match &schedule.when {
                When::Once(at) => moment(*at),
                When::Recurring(again) => format!("{} ({})", again.cron(), again.zone()),
            },
            next: schedule.next.map(moment),
            paused: schedule.paused,
            requester: schedule.requester.clone(),
        }
    }
}
