//! Whom a run of somebody else concerns: who is asked to approve it, who is told that nobody was,
//! and what they are told in the end.

#[cfg(test)]
mod tests;

use jiff::Timestamp;

use super::handle::{Effects, Said};
use super::settings::Settings;
use super::{Core, Trouble, runs};
use crate::access::{
    Approval, ApprovalState, AuthorizedRun, Permission, Refusal, Requirement, User,
};
use crate::channels::{Address, Block, Urgency, terminal};
use crate::dialogue::Input;
use crate::plan::Plan;
use crate::reply::{Action, Reply, Speech, Writer, say};

/// Asks those who can decide, wherever they can be reached.
pub(super) async fn ask_approvers(
    core: &Core,
    approval: &Approval,
    effects: &mut Effects,
) -> Result<(), Trouble> {
    let users = approvers(core, approval);
    tell(core, &users, Some(card_of(approval)), effects, |writer| request(writer, approval)).await
}

/// Tells those who could have decided, all but the one who did, what became of a request: in the
/// place of the question.
pub(super) async fn tell_approvers(
    core: &Core,
    approval: &Approval,
    except: &str,
    effects: &mut Effects,
    text: impl Fn(&Writer<'_>) -> String,
) -> Result<(), Trouble> {
    let mut users = approvers(core, approval);
    users.retain(|user| user.id != except);
    tell(core, &users, Some(card_of(approval)), effects, |writer| {
        let title = Block::Title(title(writer, approval));
        Reply::default().block(title).block(Block::Text(text(writer)))
    })
    .await
}

/// Tells those whom a request concerned that it expired, or that the job was changed: the requester where they asked, and those
/// who could have decided in the place of the question.
pub(super) async fn tell_of_expiry(
    core: &Core,
    approval: &Approval,
    effects: &mut Effects,
) -> Result<(), Trouble> {
    let (granted, needed) = approval.progress(core.access.rules().users());
    let changed = !core.access.is_as_shown(&approval.plan);
    let refusal = Refusal::JobChanged { template: approval.plan.template.clone() };
    let why = |writer: &Writer<'_>| match approval.state {
        _ if changed => writer.refusal(&refusal),
        ApprovalState::Granted => say!(writer.speech, "approval-not-started"),
        _ => say!(writer.speech, "approval-expired", "granted" => granted, "needed" => needed),
    };
    tell_requester(core, approval, effects, |writer| {
        let (number, job) = (approval.execution, writer.job_name(&approval.plan.template));
        let about = say!(writer.speech, "approval-of-yours", "number" => number, "job" => job);
        if changed {
            let label = say!(writer.speech, "button-show-plan");
            let values = approval.plan.plain_values();
            let fields = values.into_iter().map(|(name, value)| (name, value.to_string()));
            let template = approval.plan.template.clone();
            let input = Input::Form { template, fields: fields.collect() };
            return Reply::text(about)
                .text_line([why(writer)])
                .button(label, Action::Say { input });
        }
        Reply::text(about).text_line([why(writer), say!(writer.speech, "approval-ask-again")])
    })
    .await?;
    tell_approvers(core, approval, &approval.plan.requester, effects, why).await
}

/// Tells everybody who would have had to agree that the glass was broken; where that is nobody,
/// those who administrate Steward.
pub(super) async fn tell_of_emergency(
    core: &Core,
    plan: &Plan,
    run: &AuthorizedRun,
    unasked: &[Requirement],
    reason: &str,
    effects: &mut Effects,
) -> Result<(), Trouble> {
    let rules = core.access.rules();
    // Where only hours or a frequency gave way, nobody would have been asked.
    let concerned = |user: &&User| {
        let asked = match unasked {
            [] => rules.might_ever(user, Permission::Admin),
            unasked => unasked.iter().any(|requirement| requirement.accepts(user)),
        };
        user.enabled && user.id != plan.requester && asked
    };
    let users: Vec<User> = rules.users().iter().filter(concerned).cloned().collect();
    let by = rules.users().get(&plan.requester).map_or(plan.requester.as_str(), |u| &u.name);
    // In the place of the question, where one was asked.
    let card = core.access.approval(&plan.hash()).await.ok().map(|a| card_of(&a));
    tell(core, &users, card, effects, |writer| {
        let speech = writer.speech;
        let job = writer.job_name(&plan.template);
        let title = say!(
            speech, "emergency-title", "by" => by, "job" => job, "number" => run.number(),
        );
        Reply::default()
            .block(Block::Title(title))
            .block(Block::Rows(writer.plan_rows(plan)))
            .block(Block::Text(say!(speech, "emergency-reason", "reason" => reason)))
    })
    .await
}

/// What the requester is told while a run waits: for whom, until when, and what they can do.
pub(super) async fn waits(
    core: &Core,
    approval: &Approval,
    mut remarks: Vec<String>,
    writer: &Writer<'_>,
    now: Timestamp,
) -> Result<Reply, Trouble> {
    let speech = writer.speech;
    let (granted, needed) = approval.progress(core.access.rules().users());
    let requester = &approval.plan.requester;
    remarks.extend(approval.requirements.iter().map(|r| writer.requirement(r, requester)));
    let expires = speech.moment(approval.expires, &writer.zone);
    remarks.push(say!(
        speech, "approval-waits", "number" => approval.execution,
        "granted" => granted, "needed" => needed, "expires" => expires,
    ));
    let withdraw = |plan| Action::Withdraw { plan };
    let mut reply = Reply::default()
        .text_line(remarks)
        .button(say!(speech, "button-withdraw"), withdraw(approval.hash()));
    reply = runs::with_emergency(reply, true, &approval.plan, core, writer, now);
    // A request that was changed is another one, and begins without votes; the earlier one should
    // not start as well.
    let own = |other: &&Approval| {
        other.plan.requester == approval.plan.requester
            && other.plan.template == approval.plan.template
            && other.hash() != approval.hash()
    };
    let open = core.access.open_approvals(now).await?;
    for earlier in open.iter().filter(own) {
        let values = writer.values_of(&earlier.plan.template, &earlier.plan.plain_values());
        let number = earlier.execution;
        let line = say!(speech, "approval-earlier", "number" => number, "values" => values);
        let label = say!(speech, "button-withdraw-number", "number" => number);
        reply = reply.text_line([line]).button(label, withdraw(earlier.hash()));
    }
    Ok(reply)
}

/// A request for approval, with the whole plan.
pub(super) fn request(writer: &Writer<'_>, approval: &Approval) -> Reply {
    let speech = writer.speech;
    let plan = &approval.plan;
    let decide = |approve| Action::Decide { plan: plan.hash(), approve };
    let expires = speech.moment(approval.expires, &writer.zone);
    Reply::default()
        .block(Block::Title(title(writer, approval)))
        .block(Block::Rows(writer.plan_rows(plan)))
        .block(Block::Text(say!(speech, "approval-question", "expires" => expires)))
        .button(say!(speech, "button-approve"), decide(true))
        .button(say!(speech, "button-reject"), decide(false))
}

/// Tells the requester, where they asked, what came of their request.
pub(super) async fn tell_requester(
    core: &Core,
    approval: &Approval,
    effects: &mut Effects,
    reply: impl Fn(&Writer<'_>) -> Reply,
) -> Result<(), Trouble> {
    let plan = &approval.plan;
    let rules = core.access.rules();
    let writer = writer_to(core, rules.users().get(&plan.requester)).await?;
    effects.messages.push(notice(plan.scope.clone(), &plan.requester, None, reply(&writer)));
    Ok(())
}

/// `#1042: dana asks for approval: Deploy application`.
fn title(writer: &Writer<'_>, approval: &Approval) -> String {
    let job = writer.job_name(&approval.plan.template);
    let requester = approval.plan.requester.as_str();
    say!(
        writer.speech, "approval-title", "number" => approval.execution, "job" => job,
        "requester" => requester,
    )
}

/// The messages about a request replace one another.
fn card_of(approval: &Approval) -> String {
    format!("approval-{}", approval.execution)
}

fn approvers(core: &Core, approval: &Approval) -> Vec<User> {
    let rules = core.access.rules();
    rules.users().iter().filter(|user| approval.may_decide(user)).cloned().collect()
}

/// Says something to several people, in every place where they can be reached.
async fn tell(
    core: &Core,
    users: &[User],
    card: Option<String>,
    effects: &mut Effects,
    reply: impl Fn(&Writer<'_>) -> Reply,
) -> Result<(), Trouble> {
    let rules = core.access.rules();
    let links = core.access.links().await?;
    for user in users {
        let writer = writer_to(core, Some(user)).await?;
        let linked = links.iter().filter(|link| link.user == user.id);
        let linked = linked.map(|link| (link.channel.as_str(), link.account.as_str()));
        let fixed = rules.users().accounts_of(&user.id);
        for (channel, account) in fixed.into_iter().chain(linked) {
            let to = private_chat(channel, account);
            effects.messages.push(notice(to, &user.id, card.clone(), reply(&writer)));
        }
    }
    Ok(())
}

/// A person's account is their private chat, in every channel but the terminal, which has one
/// chat for whoever sits there.
fn private_chat(channel: &str, account: &str) -> Address {
    match channel {
        terminal::NAME => terminal::address(),
        channel => Address { channel: channel.into(), chat: account.into(), thread: None },
    }
}

/// Something to be said to somebody who did not just speak.
pub(super) fn notice(to: Address, user: &str, card: Option<String>, reply: Reply) -> Said {
    Said { to, user: user.to_owned(), card, live: false, urgency: Urgency::Notice, reply }
}

/// Writes to somebody who did not just speak, as they have set it.
pub(super) async fn writer_to<'a>(
    core: &'a Core,
    user: Option<&User>,
) -> Result<Writer<'a>, Trouble> {
    let mut writer = core.writer_for(user);
    if let Some(user) = user {
        let settings = Settings::of(&*core.store, &user.id).await?;
        if let Some(language) = settings.language {
            writer.speech = Speech::new(language);
        }
        if let Some(zone) = settings.zone() {
            writer.zone = zone;
        }
    }
    Ok(writer)
}
