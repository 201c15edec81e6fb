# What Steward says, in English. Plain words, short sentences, nobody to blame.

# Values and where they came from.
value-yes = yes
value-no = no
value-none = nothing
value-named = { $name }: { $value }
source-said = you said
source-said-so = you said “{ $words }”
source-chosen = chosen
source-default = default
source-carried-over = carried over

kind-string = a text
kind-integer = a whole number
kind-number = a number
kind-boolean = a yes or a no
kind-choice = one of the choices
kind-duration = a length of time
kind-datetime = a date and time
kind-version = a version
kind-host = a host name
kind-ip = an IP address
kind-url = a URL
kind-path = a path
kind-email = an e-mail address
kind-percent = a percentage
kind-size = a size
kind-user = a user name
kind-branch = a branch name
kind-list = a list

value-wrong-type = “{ $value }” is not { $kind }.
value-too-small = { $value } is below the smallest allowed value, { $min }.
value-too-large = { $value } is above the largest allowed value, { $max }.
value-pattern-mismatch = “{ $value }” does not have the form of a { $parameter }.
value-not-a-choice = “{ $value }” is not one of the choices.
value-secret-typed = A secret can't be given in a chat. Give the name of its entry in the key store, and change the secret if it was a real one.
value-too-long = That is too long: at most { $max } characters.
value-forbidden-characters = That holds characters which a value can't have.
value-looks-like-option = “{ $value }” starts with a dash, as an option of a command would. That is not allowed.
value-path-traversal = “{ $value }” climbs out of its folder with “..”. That is not allowed.
value-empty = That is empty.

problem-same = { $parameter } and { $other } can't be the same.
problem-order = { $parameter } doesn't fit { $other }: the end has to come after the start.
problem-past = { $at } has passed. Give a later time, or leave { $parameter } out (“skip”) to do it at once.
problem-not-understood = I could not find a value in that.
problem-required = { $parameter } is needed and can't be left out.
problem-no-default = There is no default for { $parameter }.
problem-no-earlier-value = There is no earlier value to take.

# Questions.
asks-job = { $job }.
asks-returning = Back to “{ $job }”.
asks-value = Which { $parameter }? ({ $description })
asks-value-beside = Which { $parameter }? ({ $description }; { $other } is { $value })
asks-use-default = { $parameter } ({ $description }): use the default, { $value }? (yes, or another value)
asks-optional = { $parameter } ({ $description }): this one is optional. Give a value, or say “skip”.
asks-example = For example: { $value }
asks-stuck = If this leads nowhere, there is help, or we drop it.
example-datetime = tomorrow at 9am

offers-intent = Did you mean one of these?
offers-value = Which value of “{ $parameter }” did you mean?
offers-one-completion = “{ $typed }”: did you mean this?
offers-completions = “{ $typed }” could be one of these:
offers-parameter = Which value do you want to change?
offers-execution = Which run do you mean?

option-none-of-these = None of these
option-use-default = Use the default
option-skip = Skip
option-parameter = { $parameter } ({ $description })
option-switch-keep = Keep it for later and go on with the new one
option-switch-drop = Drop it and go on with the new one
option-stay = Stay with it
option-draft = Draft { $id }
option-help = Help
option-abort = Drop it
option-again = Run #{ $number } again { $text }
option-retry = Retry what failed in #{ $number }
option-undo = Undo #{ $number }

# The plan.
plan-title = { $job } (nothing has run yet)
plan-changed = The plan has changed, so please confirm it again.
plan-changed-so = Changed: { $changes }. Please confirm again.
plan-change = { $parameter } from { $from } to { $to }
plan-pair = From { $from } to { $to }, right?
plan-question = Shall I run it?
plan-waits-itself = The job is started as soon as you confirm, and waits for its time itself.
button-run = Run
button-change = Change something
button-cancel = Cancel

# Other moves of the conversation.
cancelled = “{ $job }” is dropped. Nothing has run.
cancelled-nothing = All right, nothing is open now.
rejected = I don't understand that as something I can do. Say “help” to see what you can ask for.
greeting = Hello! Tell me what to run, or say “help”.
asks-switch = “{ $from }” is not finished. You are asking for “{ $to }” now. What about the first one?
drafts-title = { $count ->
    [one] One draft is waiting:
   *[other] { $count } drafts are waiting:
}
draft-line = { $job } ({ $values }), since { $since }

note-expired = It has been a while, so we start afresh.
note-expired-draft = It has been a while: “{ $job }” was put aside. Nothing has run.
note-expired-kept = It has been a while: “{ $job }” was put aside as draft { $id }. Say “resume draft { $id }” to go on with it. Nothing has run.
note-stale = That question is closed already. Nothing was done.
note-job-changed = “{ $job }” was changed since this plan was shown. Nothing was done. Here it is as it is now:
note-nothing-open = There is nothing open that this could be about.
note-paused = “{ $job }” waits. Say “go on” when you are ready.
note-started-over = “{ $job }”, from the beginning.
note-draft-kept = “{ $job }” is kept as draft { $id }.
note-draft-resumed = Going on with “{ $job }”.
note-draft-dropped = The draft of “{ $job }” is dropped.
note-no-drafts = There are no drafts.
note-no-such-draft = There is no such draft.
note-no-such-option = There { $count ->
    [one] is only one option.
   *[other] are only { $count } options.
}
note-none-of-these = Then please say it in other words, or say “help” to see what there is.
note-nothing-to-repeat = You have not run anything yet that could be repeated.
note-nothing-failed = Nothing failed in #{ $number }.
note-no-inverse = There is no job that undoes “{ $job }”.
note-no-referent = I don't know what “{ $words }” refers to. Please name it.
note-nothing-to-change = There is nothing of that name to change.
note-time-is-over = “{ $words }” is over, so it does not say when to run. It runs once you confirm it.
note-not-used = I did not use { $words }. Say how it is meant, or go on without it.
note-turned-down = You said “{ $words }”, so nothing is run.
note-noted = Noted: { $values }.
note-schedule-stays = { $name } stays as it was.
note-taken-back = The last change is taken back.
note-only-plain-yes = I can’t wait for a condition. It stays open: say yes when it shall run.
note-more-than-yes = That says more than yes, and I can’t tell what the rest is to change. Say just “yes” to run exactly what is shown, or say what to change.
note-unchanged = It already is like that.
note-nothing-to-swap = There are no two values that could change places.
note-secret-refused = That looks like a secret, so I did not keep it. { $parameter } takes the name of an entry in the key store. If it was a real secret, change it.

no-such-execution = There is no run #{ $number }.


# Refusals.
refusal-unknown-user = I don't know you yet. Ask an administrator to link your account: channel “{ $channel }”, id “{ $id }”. Say /link for a code that makes this easy.
refusal-disabled = The user { $user } is disabled, so I can't do anything for you here. Please ask an administrator.
refusal-rule = rule “{ $rule }”, { $file }:{ $line }
refusal-denied = You may not { $what } ({ $rule }).
refusal-not-allowed = You may not { $what }: no rule allows it. Ask an administrator to allow it to { $user }.
refusal-not-allowed-roles = You may not { $what }: no rule allows it. Ask an administrator to give { $user } one of these roles: { $roles }.
refusal-unknown-template = There is no job “{ $template }” any more.
refusal-nothing-to-confirm = There is no plan to confirm any more. Nothing was done; please ask again.
refusal-job-changed = “{ $job }” was changed since this plan was shown. Nothing was run; please ask again.
refusal-plan-expired = This plan is too old to be confirmed. Nothing was done; please ask again.
refusal-plan-used = This plan was used already. Nothing was done.
refusal-not-the-requester = Only { $requester } can confirm this.
refusal-wrong-place = A plan is confirmed where it was asked for.
refusal-compliance-sensitive = This job can't be run like that ({ $rule }).
refusal-compliance-hours = This can't be run at this time ({ $rule }).
refusal-compliance-frequency = This has been run too often lately ({ $rule }).
refusal-many-messages = You are writing faster than I may answer.
refusal-many-messages-chat = This chat is busier than I may answer.
refusal-many-runs = You have started many runs in a short time.
refusal-many-runs-chat = Many runs were started from this chat in a short time.
refusal-try-later = { $text } Please try again in { $seconds } s.
refusal-check-failed = It can't be run now: { $reason }
refusal-busy = { $requester } has been running “{ $job }” on { $target } since { $since }. Wait for it, or cancel it.
refusal-too-many-targets = That is { $targets } targets in one run; at most { $most } are possible.
refusal-approval-open = It still waits for approval: { $granted } of { $needed } so far.
refusal-approval-rejected = { $by } has turned it down: { $reason }
refusal-approval-expired = Nobody approved in time. Nothing was run; please ask again.
refusal-approval-withdrawn = The request for approval was withdrawn.
refusal-no-such-approval = There is no such request for approval.
refusal-own-run = Nobody approves their own run.
refusal-not-an-approver = You are not asked to decide about this. It is up to: { $who }.
refusal-decided-already = { $by } has decided already.
refusal-reason-missing = Please give a reason, too.
refusal-bad-code = The code is wrong, was used, or has expired.
refusal-no-such-user = There is no user { $user }.
refusal-audit-unavailable = The audit log can't be written, so nothing is run.
refusal-store-unavailable = I can't reach my own memory at the moment, so nothing is run.

deed-run = run jobs here
deed-run-job = run “{ $job }” like this
deed-use-chatops = use Steward here
deed-status = see how runs are doing here
deed-list = list the jobs here
deed-cancel = cancel this run
deed-help = ask for help here
deed-history = see the history here
deed-logs = see this output
deed-schedule = schedule this
deed-approve = approve this
deed-settings = change settings here
deed-break-glass = run without approvals
deed-audit = see the audit log
deed-admin = do what administrators do

notice-sensitive = This job is marked as sensitive.
notice-hours = This is outside the usual hours.
notice-frequency = This has been run often lately.
notice-warning = ⚠ { $text }
requirement = { $count ->
    [one] Needs the approval of one of: { $who }.
   *[other] Needs { $count } approvals from: { $who }.
}

# Executions.
headline = #{ $number } { $job }: { $state }
headline-running = #{ $number } { $job }: { $state }, { $duration }
headline-ended = #{ $number } { $job }: { $state } after { $duration }
card-left = { $line }, about { $left } left
state-queued = waiting to start
state-awaiting-approval = waiting for approval
state-starting = starting
state-running = running
state-succeeded = succeeded
state-failed = failed
state-cancelled = cancelled
state-timed-out = ran out of time
state-lost = lost
reason-never-started = It was never started: Steward stopped before. Nothing ran, and nothing will.
reason-gone = The platform no longer knows this run, so nobody can say how it ended.
reason-no-platform = The platform of this job is not configured.
reason-time-limit = It ran longer than its time limit allows.
reason-cancelled = It was cancelled.
button-log = Log
button-stop = Stop
button-show-plan = Show the plan
button-again = Run again
button-retry-failed = Retry what failed
button-undo = Undo
followed = You will be told here how #{ $number } goes on.
button-follow = Follow
button-unfollow = Unfollow
unfollowed = You will not be told of #{ $number } here any more.
chart-trend = The last { $count } runs; this one took { $last }
chart-trend-line = The last { $count } runs: { $line } (this one { $last })
chart-resources = Processor and memory over time; at most { $most } of memory
chart-resources-line = Memory over time: { $line } (at most { $most })
chart-errors = { $count ->
    [one] 1 error
   *[other] { $count } errors
} of { $kinds ->
    [one] one kind
   *[other] { $kinds } kinds
}

report-compared = { $outcome } ({ $compared })
report-usual = usually { $usual }
report-slower = usually { $usual }; { $percent } % slower this time
report-cause = Probable cause: { $cause }
report-exit-code = Exit status { $code }.
report-times = { $count ->
    [one] once
   *[other] { $count } times
}
report-error = error
report-failed-targets = { $count ->
    [one] Failed on one target:
   *[other] Failed on { $count } targets:
}
report-of = { $part } of { $all }
report-success-rate = succeeded
report-resources-name = used
report-resources = { $cpu } CPU, { $memory } memory

# Approvals.
approval-title = #{ $number }: { $requester } asks for approval: { $job }
approval-question = Do you approve? (until { $expires })
approval-waits = #{ $number } waits for approval ({ $granted } of { $needed }), until { $expires }. I will tell you.
approval-earlier = Your earlier request #{ $number } ({ $values }) still waits, too.
approval-of-yours = About your request #{ $number }, { $job }:
approval-noted-to-you = { $by } has approved #{ $number }, { $job }: { $granted } of { $needed }.
approval-expired = Not enough people approved in time ({ $granted } of { $needed }). Nothing has run.
approval-not-started = It was approved, but could not start in time. Nothing has run.
approval-ask-again = Please ask again if it is still needed.
approval-retracted-to-you = { $by } has taken the approval of #{ $number }, { $job }, back: { $granted } of { $needed }.
approval-retracted = You have taken your approval of “{ $job }” back.
approval-reason = { $by }: “{ $reason }”
waiting-line = #{ $number } { $job } ({ $values }), asked for by { $requester }: waiting for approval, { $granted } of { $needed }
withdrawn = Your request #{ $number }, “{ $job }”, is withdrawn. Nothing has run.
withdraw-nothing = Nothing of yours is waiting that you could take back.
withdraw-which = Which one do you take back?
button-withdraw = Withdraw the request
button-withdraw-number = Withdraw #{ $number }
button-retract = Take my approval back
button-break-glass = Emergency: run without approval
button-leave-it = Leave it
reason-reject = Why do you turn “{ $job }” down? The requester is told what you write next.
reason-break-glass = Why can't “{ $job }” wait? Write the reason. It is recorded, and everybody who should have approved or been asked is told.
reason-dropped = It stays as it was.
emergency-title = ⚠ Emergency: { $by } runs { $job } as #{ $number } without the approvals it needs
emergency-reason = The reason given: “{ $reason }”
emergency-nothing = There is nothing of yours that waits for a yes or for approval. Ask for the job first.
approval-no-such = #{ $number } does not wait for your approval. What does:
approval-or-own = Nothing was approved, and nothing has run: a plan of your own is open as well. Say which request you approve by its number, or “yes” to your own plan.
approval-none = Nothing is waiting for your approval.
approval-several = { $count ->
    [one] This waits for you:
   *[other] { $count } things wait for you:
}
approval-rejected = “{ $job }” is turned down. Nothing has run.
approval-granted = “{ $job }” is approved and runs as #{ $number }.
approval-granted-later = #{ $number } is approved and starts as soon as it can. { $reason }
approval-granted-to-you = { $by } has approved it. It runs as #{ $number }.
approval-noted = Your approval of “{ $job }” is noted: { $granted } of { $needed }.
button-approve = Approve
button-reject = Reject

# Schedules.
plan-when = when
plan-replaces = in place of { $name }
plan-question-later = Shall I schedule it?
button-schedule = Schedule
schedule-made = { $name } { $job }: scheduled { $when }. Whether it may run is asked again then.
schedule-line = { $name } { $job }: { $when }
schedule-paused = { $name } { $job }: { $when } (paused)
schedule-held = paused
schedule-next = Next: { $at }
schedule-replaced = { $name } is dropped: this one takes its place.
schedule-dropped = { $name } { $job } is dropped. It will not run any more.
schedule-by = { $by } has changed your schedule:
schedule-soon = { $name } { $job } ({ $values }) runs at { $at }.
schedule-now = { $name } is due.
schedule-late = { $count ->
    [one] { $name } was due at { $at }, while I was not running. It runs now.
   *[other] { $name } was due { $count } times while I was not running, the last time at { $at }. It runs now, once.
}
schedule-skipped = { $count ->
    [one] { $name } { $job } was due at { $at }, while I was not running. It was left out.
   *[other] { $name } { $job } was due { $count } times while I was not running, the last time at { $at }. They were left out.
}
schedule-changed = { $name } { $job } ({ $values }) is on hold and does not run: the job was changed since you confirmed it. Resume it to have it run with the job as it is now.
schedule-refused = { $name } { $job } is due, but did not run:
schedule-when = When shall { $name } run instead? For example: “move { $name } to tomorrow at 9am”.
schedule-which = Which one?
schedules-none = Nothing is scheduled.
schedules-title = { $count ->
    [one] This is scheduled:
   *[other] { $count } runs are scheduled, the next first:
}
schedules-how = To change one, say for example “pause { $name }”, “drop { $name }” or “move { $name } to 9am”.
button-pause = Pause
button-resume = Resume
button-drop = Drop
no-such-schedule = There is no schedule { $name }.
trouble-past = That time has passed.
trouble-when = I can't schedule that: { $reason }
when-once = for { $at }
when-zone = { $when } ({ $zone })
rhythm-cron = by the cron expression { $cron }
rhythm-days = { $days } at { $at }
rhythm-minutes = { $count ->
    [one] every minute
   *[other] every { $count } minutes
}
rhythm-hours = { $count ->
    [one] every hour at :{ $minute }
   *[other] every { $count } hours at :{ $minute }
}
days-all = every day
days-work = on weekdays
days-weekend = at weekends
days-week = every { $days }
days-month = every month on the { $days }
day-monday = Monday
day-tuesday = Tuesday
day-wednesday = Wednesday
day-thursday = Thursday
day-friday = Friday
day-saturday = Saturday
day-sunday = Sunday

# Answers to commands.
status-none = There is no such run of yours.
status-running = { $count } runs are under way:
status-idle = Nothing is running.
status-idle-last = Nothing is running. Your last run: { $last }
cancel-nothing = Nothing of yours is running.
cancel-which = Which one shall I stop?
cancel-asked = #{ $number } { $job } is asked to stop.
cancel-done = #{ $number } { $job } is cancelled.
history-title = { $count ->
    [one] One run:
   *[other] { $count } runs, latest first:
}
history-none = No runs like that.
history-none-with = I know neither a person nor a run with “{ $words }” here.
history-rejected = { $count ->
    [one] One request was turned down:
   *[other] { $count } requests were turned down, latest first:
}
unknown-user = I don't know anybody called “{ $value }” here.
unknown-outcome = “{ $value }” is no outcome; there are { $known }.
# What people call themselves, and all of them, where they say whose runs they mean.
words-me = me|my|mine|i|myself
words-everybody = everyone|everybody|anyone|anybody|all|all users|people|team
logs-not-started = { $headline }. There is no output yet.
logs-empty = There is no output yet.
logs-no-errors = There are no lines about errors in it.
logs-tail = The last { $count } lines:
logs-file = The output has { $count } lines:
button-whole-log = All of it
list-all = You can run { $count } jobs here, by topic:
list-some = You can run:
list-line = { $job }: { $description }
list-none-like = There is nothing about “{ $words }”. What there is:
list-used = The jobs that were run most:
list-nothing-allowed = There is no job that you may run here. Ask an administrator for a role that allows it.
command-not-here = “{ $command }” can't be done here.

help-title = I run jobs for you: say what you want, with or without the details. You can run { $count } jobs.
help-used = You often run:
help-recommended = People with your role often run:
help-used-recommended = You and people with your role often run:
help-some = For example:
help-commands = Commands: { $commands }
help-parameter = { $parameter }: { $description }. It is { $kind }.
help-choices = One of: { $choices }.
help-range = From { $min } to { $max }.
help-default = Without it: { $value }.
help-optional = It may be left out.
help-required = It is needed.
help-secret = It takes the name of an entry in the key store, never the secret itself.
help-say = You can say: { $examples }
tip = Tip: { $text }
tip-all-at-once = say everything in one sentence, such as { $example }.
tip-just-say = say everything in one sentence: the job, and its values.
tip-correct = anything can be changed before it runs: “not staging, production”.
tip-again = “again”, “again on production” and “same for web-02” start from your last run.
tip-slash = every command also works as /command, such as /status or /history.
tip-drafts = ask for something else at any time; what you began can be kept as a draft.
tip-settings = “ask me for every value” and “always answer in Chinese” are settings; say “settings”.

settings-language = language
settings-language-spoken = the one you write in
settings-language-en = English
settings-language-zh = Chinese
settings-collect = asked for
settings-collect-template = as each job says
settings-collect-required = only what is needed
settings-collect-full = every value, one by one
settings-time-zone = time zone
settings-changed = Changed.
settings-how = To change one, say for example “answer in Chinese”, “ask me for every value” or “set my time zone to Europe/Berlin”.
settings-so-already = It is like that already.
settings-not-a-value = I found no new value for a setting in that. What there is:
settings-values = language: English, Chinese · asked for: required, full · time zone: a name such as Europe/Berlin
settings-bad-language = I speak English and Chinese, but not “{ $value }”.
settings-bad-collect = “{ $value }” should be “required” or “full”.
words-time-zones = beijing=Asia/Shanghai|shenzhen=Asia/Shanghai|hangzhou=Asia/Shanghai|mumbai=Asia/Kolkata|delhi=Asia/Kolkata|bangalore=Asia/Kolkata|osaka=Asia/Tokyo|frankfurt=Europe/Berlin|munich=Europe/Berlin|hamburg=Europe/Berlin|barcelona=Europe/Madrid|milan=Europe/Rome|geneva=Europe/Zurich|washington=America/New_York|boston=America/New_York|miami=America/New_York|san francisco=America/Los_Angeles|seattle=America/Los_Angeles|dallas=America/Chicago|houston=America/Chicago
settings-bad-time-zone = “{ $value }” is no time zone; use a name such as Europe/Berlin.

link-code = Your code is { $code }. Give it to an administrator, who links your account by saying “/link { $code }” and your user id here, or with “steward users link { $code } --user USER”. It is good for an hour.
link-known = You are linked already: you are { $user }. An administrator links somebody else’s account with “/link CODE USER”.
link-how = Say “/link CODE USER” with the code that somebody was given and the id of the user they are, or “/unlink CHANNEL ID” to forget a link.
link-done = { $name } ({ $account } on { $channel }) is now { $user }.
unlink-done = { $account } on { $channel } is no longer { $user }.
unlink-none = { $account } on { $channel } was linked to nobody by a code. Accounts in users.yaml are removed there.
button-not-yours = This button is somebody else's.
secret-typed = That message holds what looks like a password or a key. I did not keep it, and did nothing. If it is a real one, have it changed now: it was in a chat. Then ask again with the name of its entry in the key store.
too-long = That is too long: at most { $most } characters.

# Trouble.
trouble-system = Something went wrong on my side. Nothing was started.
trouble-platform-refused = It can't be done: { $reason }
trouble-platform-unreachable = { $platform } does not answer. Whether anything happened there is not known; I keep looking.
trouble-platform-unknown = The platform does not know this run any more.
trouble-platform-credentials = { $platform } does not accept my credentials. An administrator has to see to it.
trouble-platform-protocol = { $platform } answered something I don't understand.
trouble-no-platform = The platform “{ $name }” is not configured.
trouble-over = #{ $number } is over already: { $state }.
trouble-id = Reference: { $id }
trouble-support = Need help? Ask { $contact }.
button-try-again = Look again
button-history = History
button-schedules = What is scheduled
button-help = Help
word-help = help

# Telegram.
telegram-no-words = I can only read words. What would you like to do?
telegram-forwarded = That was forwarded, so I don't take it as a request of yours. If you want it done, say it yourself.
telegram-anonymous = I can't see who you are: you write in the name of a group or a channel. Turn off “Remain anonymous” in your administrator rights, and say it again.

# The terminal.
terminal-welcome = Steward. Say what to run, or “help”; Ctrl-D leaves.
terminal-how-to-leave = Ctrl-D leaves. What runs goes on.
terminal-runs-go-on = Something is still running and goes on. Start steward again to see what became of it.

# The web page.
web-language-code = en
web-skip = Skip to the content
web-nav = Pages
web-nav-chat = Chat
web-nav-runs = Runs
web-nav-jobs = Jobs
web-nav-approvals = Approvals
web-nav-schedules = Schedules
web-nav-drafts = Drafts
web-nav-audit = Audit
web-waiting-label = runs that wait for your approval
web-log-in = Log in
web-log-in-as = This link logs you in as { $name }. It works once.
web-log-in-how = You come in by a one-time link. Ask an administrator, who makes one on the machine that Steward runs on:
web-link-bad = This link lets nobody in: it was used already, is too old, or mistyped.
web-log-out = Log out
web-error = That did not work
web-nothing-here = There is nothing here.
web-back-to-chat = Back to the chat
web-chat-title = Chat with Steward
web-messages = Messages
web-you = You
web-connection-lost = The connection is lost. Trying again …
web-not-sent = That was not sent. Try again.
web-too-fast = Too many messages. Wait a moment.
web-welcome = Hello, { $name }.
web-welcome-how = Say what you want to run, in English or Chinese. You see what would run, and nothing runs before you say so.
web-welcome-example = “{ $example }”
web-welcome-jobs = What can I run?
web-welcome-status = What is running?
web-newer = New messages
web-say-label = Your message
web-say-placeholder = Say what to run
web-say-hint = Enter sends, Shift+Enter begins a new line, Escape comes back here.
web-send = Send
web-log-tail = The last lines of the output
web-now = What goes on
web-running = Running
web-running-none = Nothing is running.
web-waiting = { $count ->
    [one] One run waits for your approval
   *[other] { $count } runs wait for your approval
}
web-draft-since = put aside { $at }
web-draft-open = open in the chat
web-draft-resume = Take it up again
web-drafts-none = There are no drafts.
web-recent = Recent
web-recent-none = Nothing ran yet.
web-older = Older runs
web-run = Run
web-values = Values
web-state = State
web-duration = Took
web-at = When
web-by = By
web-report = Report
web-history = History
web-charts = Charts
web-log = Output
web-log-empty = There is no output.
web-find = Find
web-risk-high = high risk
web-form-needed = needed
web-form-required = This is needed.
web-form-choose = Choose …
web-form-default = { $value } unless you say otherwise
web-form-plan = Show the plan
web-form-nothing-runs = Nothing runs yet: the plan comes up in the chat, and waits for your yes.
web-form-old = This page was open for too long, or is not yours. Go back, load it again, and send the form once more.
web-form-wrong = { $count ->
    [one] One value can't be taken.
   *[other] { $count } values can't be taken.
}
web-form-sent = { $job } (by the form)
web-approval-by = Asked for by { $requester } at { $at }, good until { $expires }
web-approval-progress = { $granted } of { $needed } approvals
web-approval-reason = Reason (told to the requester)
web-approval-decided = You have approved it.
web-schedule = Schedule
web-next = Next
web-schedule-change = Change it
web-when = When
web-event = Event
web-all = all
web-show = Show
web-record = No.
web-what = About
web-remark = Remark
web-audit-none = There are no such records.
event-run-authorized = run allowed
event-run-refused = run refused
event-run-finished = run over
event-break-glass = emergency run
event-schedule-authorized = schedule allowed
event-refused = refused
event-permitted = allowed
event-approval-requested = approval asked for
event-approved = approved
event-rejected = turned down
event-retracted = approval taken back
event-withdrawn = request withdrawn
event-approval-expired = approval expired
event-approval-outdated = approval lapsed, the job was changed
event-linked = account linked
event-unlinked = account unlinked
event-logged-in = logged in
event-logged-out = logged out
event-reloaded = rules read again
event-recovered = log repaired
event-loss-acknowledged = loss of log acknowledged

# Times, several things at once, commands.
thanks = You're welcome.
goodbye = Goodbye!
asks-when-no-time = “{ $words }”: at what time shall “{ $job }” run? Say for example “at 3am”, or run it as soon as you confirm it.
asks-when-several = “{ $words }”: when shall “{ $job }” run?
asks-when-no-rhythm = “{ $words }” is no rhythm that I can keep. When shall “{ $job }” run? Say for example “every day at 2am” or “tomorrow at 9am”.
asks-when-past = “{ $words }” has passed. When shall “{ $job }” run? Say for example “tomorrow at 9am”, or run it as soon as you confirm it.
offers-several = More than one { $parameter } at once. Which one do you mean?
option-each = All of them, one after the other
option-now = As soon as it is confirmed
note-several-jobs = That is more than one job. One after the other: { $jobs }.
note-next = Next: “{ $job }”.
note-rest-dropped = { $count ->
    [one] What was to come after it is dropped, too.
   *[other] The { $count } that were to come after it are dropped, too.
}
note-which-one = Which of them? Say its number or its name.
note-no-such-command = There is no command { $typed }. Say “help” to see what there is.
note-no-such-command-near = There is no command { $typed }. Did you mean { $near }?
