//! Runs that are to begin later.

use serde::Serialize;

use super::{Bot, Caller, Seat, ViewError};
use crate::access::{Asked, Permission};
use crate::jobs::schedule::Schedule;

/// A schedule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ScheduleView {
    /// What people call it: `@7`.
    pub name: String,
    pub job: String,
    pub values: String,
    /// Once or again and again, in words.
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
        // Looking changes nothing, so that only a refusal is written down.
        if !seat.may_have_schedules() {
            seat.permit(&seat.own_schedules(), doing).await?;
        }
        let all = seat.core.schedules.list(None).await;
        let all = all.map_err(|error| seat.failed(error, doing))?;
        let visible = all.iter().filter(|schedule| !schedule.is_over() && seat.may_see(schedule));
        Ok(visible.map(|schedule| seat.schedule(schedule)).collect())
    }
}

impl Seat<'_> {
    /// Whether there may be schedules for the one who looks.
    pub(super) fn may_have_schedules(&self) -> bool {
        self.core.access.may(&self.own_schedules(), self.now).is_ok()
    }

    fn own_schedules(&self) -> Asked<'_> {
        let asked = Asked::command(&self.user.id, Permission::Schedule, self.address);
        Asked { own: Some(true), ..asked }
    }

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
        ScheduleView {
            name: schedule.name(),
            job: writer.job_name(&schedule.template),
            values: writer.values_of(&schedule.template, &schedule.values),
            when: writer.when(&schedule.when),
            next: schedule.next.map(|at| writer.speech.moment(at, &self.zone)),
            paused: schedule.paused,
            requester: schedule.requester.clone(),
        }
    }
}
