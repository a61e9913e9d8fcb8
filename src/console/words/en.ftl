# What the console says, in English. A second language is a file like this one (docs/languages.md).
# <a>…</a> and <b>…</b> mark links and what is important. { $n } of a number is written with its separators.

## Closed sets: what the program names otherwise

status-investigating = We are looking
status-identified = We found the cause
status-monitoring = Fixed, watching
status-resolved = Over
status-postmortem = What we learned
status-scheduled = Announced
status-in_progress = Under way
status-verifying = Done, watching
status-completed = Over
status-published = Shown
status-withdrawn = Taken back

step-setback = It got worse
step-reopened = It came back

kind-incident = Something is broken
kind-maintenance = Planned work
kind-notice = Something to know

component-operational = works
component-degraded_performance = slow or flawed
component-partial_outage = down for some
component-major_outage = down for all
component-under_maintenance = planned work

severity-info = Can wait
severity-warning = Usual
severity-critical = People must act now

channel-email = Email
channel-sms = SMS
channel-mastodon = Mastodon
channel-bluesky = Bluesky
channel-x = X
channel-facebook = Facebook
channel-linkedin = LinkedIn
channel-matrix = Matrix
channel-slack = Slack
channel-teams = Teams
channel-telegram = Telegram
channel-webhook = Webhook
channel-staff_chat = Colleagues’ chat
channel-staff_mail = Colleagues’ mail
channel-banner = Website banner
channel-status_page = Status page

# A channel within a sentence.
spoken-banner = website
spoken-status_page = status page
spoken-email = email
spoken-sms = SMS
spoken-mastodon = Mastodon
spoken-bluesky = Bluesky
spoken-x = X
spoken-facebook = Facebook
spoken-linkedin = LinkedIn
spoken-matrix = Matrix
spoken-slack = Slack
spoken-teams = Teams
spoken-telegram = Telegram
spoken-webhook = the webhook
spoken-staff_chat = the colleagues’ chat
spoken-staff_mail = mail to colleagues

language-en = English
language-de = Deutsch
language-fr = Français
language-es = Español
language-it = Italiano

role-viewer = reads
role-author = writes and stops
role-approver = writes, stops and approves
role-administrator = writes, stops, approves and manages people

state-draft = being written
state-planning = being counted
state-submitted = waiting for approval
state-returned = sent back to its author
state-voided = no longer counts
state-discarded = dropped
state-approved = approved
state-scheduled = starts later
state-running = going out
state-paused = stopped
state-completed = everyone has it
state-partial = done, some did not get it
state-retracted = taken down

heading-draft = is being written
heading-planning = is being counted
heading-submitted = waits for approval
heading-returned = was sent back
heading-voided = no longer counts
heading-discarded = was dropped
heading-approved = is approved
heading-scheduled = starts later
heading-starting = is about to go out
heading-running = is going out
heading-paused = is stopped
heading-completed = is out
heading-partial = is out, but not everyone got it
heading-retracted = was taken down

outcome-delivered = arrived
outcome-accepted = handed over
outcome-in_doubt = may have arrived
outcome-failed = failed
outcome-suppressed = must not be written to
outcome-superseded = replaced by a newer update
outcome-retracted = stopped before it was sent
outcome-waiting = waits for another try
outcome-sending = on its way
outcome-pending = not tried yet

next-delivered = { "" }
next-accepted = { "" }
next-in_doubt = needs your decision
next-failed = will not be tried again by itself
next-suppressed = left out on purpose
next-superseded = they get the newer update instead
next-retracted = will not be sent
next-waiting = tried again by itself

reason-no_such_address = No such mailbox or number
reason-mailbox_full = Mailbox full
reason-bad_address = Address is not well formed
reason-blocked = Refused by a filter
reason-opted_out = The reader opted out
reason-bad_content = The text was refused
reason-unauthorized = Our sign-in there was refused
reason-throttled = They asked us to go slower
reason-quota = Our credit or quota there is used up
reason-temporary = A passing fault on their side
reason-unreachable = No connection
reason-order = Waits for the message before
reason-stopped = Stopped before it was sent
reason-retry = Sent again
reason-bad_answer = An answer nobody understands
reason-undelivered = Reported as not arrived
reason-expired = Expired on its way
reason-unsubscribed = Unsubscribed
reason-complaint = Marked as spam
reason-bounce = Bounced
reason-manual = Entered by a colleague
reason-stop = Replied STOP
reason-quiet_hours = Waits for their morning
reason-pace = Their mail service takes no more for the moment

night-now = Get it now, and may wake
night-morning = Get it in their morning
night-not_at_all = Do not get it

field-headline = Headline
field-what_happened = What happened, and whom does it affect?
field-impact = What works, and what does not?
field-apology = Say sorry, in one sentence
field-doing = What are we doing?
field-why = Why did it happen?
field-prevention = What keeps it from happening again?
field-next_steps = What happens next?
field-risks = What may still go wrong?
field-reassurance = What makes them safer to know?
field-correction = Correction
field-holding = “No news yet”

hint-headline = one line
hint-what_happened = facts, in your customers' words
hint-impact = for the reader
hint-apology = { "" }
hint-doing = not when it will be fixed
hint-why = once it is known
hint-prevention = as a process, not as a person
hint-next_steps = { "" }
hint-risks = { "" }
hint-reassurance = { "" }

message-update = Update
message-correction = Correction
message-holding = Automatic “no news yet”

fact-status = Status
fact-sorry = Sorry
fact-next_update = Next update
fact-what_to_do = What to do
fact-how_to_reach_us = How to reach us
fact-link = Link

presence-yes = said
presence-by_link = by link
presence-no = not said

sample-somebody = Somebody
sample-longest_name = Longest name
sample-no_name = No name
sample-right_to_left = Right-to-left name
sample-shared = People who share an address
sample-another = Somebody else

# What is outside the alphabet of text messages, where a name says more than the character.
character-U2019 = the apostrophe ’, as printed
character-U2018 = the quotation mark ‘, as printed
character-U201C = the quotation mark “, as printed
character-U201D = the quotation mark ”, as printed
character-U201E = the quotation mark „, as printed
character-U2013 = the dash –
character-U2014 = the long dash —
character-U2026 = the three dots … as one character
character-U2022 = the bullet •
character-U00B7 = the middle dot ·
character-U00A0 = a space that does not break
character-U202F = a narrow space that does not break
character-U200B = a space of no width, which is not seen
character-U0009 = a tabulator

look-desktop = Desktop
look-phone = Phone
look-dark = Dark
look-text = Text

on_list-any = On the list or not
on_list-on = only who is on the list
on_list-off = only who is not on the list

subscribers-any = Where they are among these people
subscribers-too = and who subscribed to an affected service
subscribers-only = only who subscribed to an affected service

history-open = Not over
history-over = Over
history-without = Without exercises
history-only = Only exercises

# What somebody did, after their name.
deed-incident-open = opened it
deed-incident-restrict = let only named people see it
deed-incident-unrestrict = showed it to everybody again
deed-incident-name = changed who may see it
deed-incident-name_unseen = named somebody to see it, without seeing it
deed-update-submit = sent it for approval
deed-update-return = sent it back
deed-update-sign = signed it
deed-update-remark = remarked on it
deed-update-approve = approved it
deed-update-expire = gave up waiting for an approval
deed-broadcast-start = began to send
deed-broadcast-next_stage = let the next group have it
deed-broadcast-pause = stopped it
deed-broadcast-resume = let it go on
deed-broadcast-retract = took it down
deed-broadcast-correct = sent the correction
deed-broadcast-retry = sent again what failed
deed-broadcast-resend_in_doubt = sent again what may have arrived
deed-broadcast-leave_in_doubt = left what may have arrived
deed-broadcast-digest_mismatch = held it: what is stored is not what was approved
deed-broadcast-end = sent the last one
deed-promise-hand_over = handed the next update over
deed-promise-holding = sent “no news yet”, because nobody wrote
deed-promise-holding_dropped = held “no news yet” back: it was not right any more
deed-promise-escalate = called who is on duty: nobody kept the promise
deed-promise-call_approvers = called every approver: nobody kept the promise
deed-deadline-add = wrote a deadline down
deed-deadline-done = marked a deadline as done
deed-deadline-reopen = opened a deadline again

# What came of a try, and what came later.
attempt-later = not taken yet
attempt-rejected = refused
attempt-in_doubt = no answer, it may have arrived
attempt-again = sent again
attempt-receipt = they reported
attempt-settled = they said what became of it
attempt-deleted = deleted
attempt-not_deleted = not deleted

# What an approver chooses for people who sleep.
at_night-now = Now
at_night-morning = In their morning, if still open
at_night-not_at_all = Not at all

# Fields of a segment that are not called by their own name.
known_field-tag = tag
known_field-component = subscribed to
known_field-locale = language
known_field-time_zone = time zone
known_field-customer_id = customer number

how-is = is
how-is_not = is not
how-one_of = is one of (with commas)
how-none_of = is none of (with commas)
how-contains = has in it
how-contains_not = does not have in it
how-less = is less than, or before
how-at_most = is at most
how-at_least = is at least
how-more = is more than, or after
how-known = is known
how-unknown = is not known

nothing-at_all = on any channel
nothing-in_none = because they are in no group
nothing-email = by email
nothing-sms = by text message
nothing-no_address = no address
nothing-no_group = in no group

question-choice = one of a few
question-number = a whole number
question-component = a component
question-time = a time of day
question-text = a few words

# Channels: what needs care, what a check found, what went wrong with a supplier.
care-broken = does not answer
care-refused = refuses our sign-in
care-ended = our sign-in has ended
care-pausing = pauses
care-unproven = sign-in could not be checked
care-slow = slow
care-ending = sign-in ends soon
care-none = ready

check-unauthorized = Our sign-in is refused
check-throttled = It asks us to come back later
check-quota = Our credit there is used up
check-temporary = It has a passing fault
check-unreachable = It cannot be reached
check-bad_answer = It gives an answer nobody understands

fault-unauthorized = It refused our sign-in
fault-throttled = It asked us to go slower
fault-quota = Our credit or quota there was used up
fault-temporary = It had a passing fault
fault-unreachable = It could not be reached
fault-bad_answer = It gave an answer nobody understands
fault-in_doubt = It gave no answer; those messages may have arrived

# Components and contact routes.
noun-component = part of our service
noun-contact_route = contact route

route-name = Name
route-description = What it is
route-group = Heading
route-place = Place in the list
route-need = Best for
route-how = How
route-label = Called
route-hours = When somebody answers
route-wording = While it is overloaded

route_change-overloaded = is overloaded now
route_change-free = is no longer overloaded
route_change-changed = was changed
route_change-removed = was removed

# Schedule: what is due.
due-promise = Next update promised
due-deadline = Deadline
due-start = Starts
due-approval = Approval runs out
due-maintenance = Planned work
due-timer = Recurring notice
due-work_announced = Planned work is announced
due-work_begins = Planned work begins
due-work_ends = Planned work ends
due-duty_begins = On duty from
due-duty_ends = On duty until
## Numbers, days, lengths of time

# Which way it is read: ltr or rtl.
direction = ltr
# Between thousands, and before cents.
number-group = ,
number-decimal = .
money = { $sign }{ $amount }
time-zone = { $city } time
time-on-a-day = { $day } { $month }, { $time }
time-in = in { $length }
time-ago = { $length } ago
day = { $day } { $month }
day-of-a-year = { $day } { $month } { $year }
length-seconds = { $n } s
length-minutes = { $n } min
length-hours = { $n } h
length-hours-minutes = { $hours } h { $minutes } min
length-days = { $n } days
month-1 = January
month-2 = February
month-3 = March
month-4 = April
month-5 = May
month-6 = June
month-7 = July
month-8 = August
month-9 = September
month-10 = October
month-11 = November
month-12 = December
month-short-1 = Jan
month-short-2 = Feb
month-short-3 = Mar
month-short-4 = Apr
month-short-5 = May
month-short-6 = Jun
month-short-7 = Jul
month-short-8 = Aug
month-short-9 = Sep
month-short-10 = Oct
month-short-11 = Nov
month-short-12 = Dec

## Whose a promise is

promise-yours = yours
promise-nobodys = nobody’s
promise-somebodys = { $name }’s

## Around every page

layout-title = { $exercise ->
    [true] Exercise: { $title } · Onevoice
   *[other] { $title } · Onevoice
}
held-by = { $what } by { $who }
layout-skip = To the page
layout-exercise = Exercise
layout-exercise-bar = EXERCISE · nothing here reaches a customer
layout-exercise-promise = { $promises ->
    [one] 1 live promise is
   *[other] { $promises } live promises stand, the next is
} { $class ->
    [late] late: it was due
   *[other] due
} { $away }: <a>go to it</a>
layout-exercise-leave = leave practice
layout-pages = Pages
layout-now = Now
layout-write = Write
layout-approvals = Approvals
layout-history = History
layout-people = People
layout-channels = Channels
layout-outbox = Outbox
layout-clock = Next update { $time },
# {time} is filled in by the page, as it passes.
countdown-late = {"{time}"} late
layout-zone = All times are { $zone }.
layout-segments = Who gets it
layout-schedule = Schedule
layout-report = Report
layout-replies = Replies
layout-routes = Contact routes
layout-prepared = Prepared messages
layout-settings = Settings
layout-status-page = Status page, as customers see it
bare-back = To the console
nowhere = there is no page at this address; it may have been cut short when it was copied

## Badges

badge-exercise = Exercise
badge-live = Live
badge-restricted = Restricted

## Lists: “Ana, Ben and Cara”

list-comma = {", "}
list-last = { $list } and { $last }

## Now

now-title = { $exercise ->
    [true] Practice
   *[other] Now
}
now-heading = { $exercise ->
    [true] Practice: what customers would hear
   *[other] What customers hear from us now
}
now-open = { $n ->
    [0] Nothing is open
   *[other] { $n } open
}
now-planned = { $n } announced
now-to-outbox = every channel goes to the <a>outbox</a>
now-ready = { $ready } of { $configured } channels ready
now-on-duty = on duty: { $names }
now-nobody-on-duty = <a>nobody is on duty</a>
# After what they would sign for: “legal: nobody”.
now-nobody-signs = nobody
now-end-exercise = End the exercise
now-practise-telling = Practise telling customers
now-practise = Practise (nothing is sent)
now-tell = Tell customers something
now-webhook-off = The program <b>{ $name }</b> is told nothing any more: its webhook was switched off. <a>Look at it</a>
now-practising = <b>{ $n ->
    [one] An exercise goes on.
   *[other] { $n } exercises go on.
}</b> Nothing of it reaches a customer. <a>Go to it</a>
now-no-exercise = No exercise goes on
now-no-exercise-hint = Practise the whole way, from “What is broken?” to the last message: with colleagues, the clock and the checks, and to the outbox only. In the end you see how long each step took, beside the times before.
now-exercises-before = The exercises before
now-nothing-broken = Nothing is broken
now-all-well = No incident is open: customers hear that all is well
now-empty-hint = When something breaks, tell them once here. It goes to email, text messages, posts, the banner and the status page, after a colleague has read it. Practise first: an exercise reaches nobody.
now-practise-once = Practise once, now
# The badge of an incident of which nothing was said.
now-not-told = Not told yet
now-told = Update { $n }, { $away }: “{ $headline }”
now-told-unsent = Update { $n }: “{ $headline }”
now-sent = <a>sent to { $have } of { $total }{ $arrived ->
    [0] { "" }
   *[other] ; { $arrived } confirmed
}</a>
now-nobody-told = Nobody was told yet.

# Why no “no news yet” message goes out, and people are called. Stands within a sentence.
why-enough = as many “no news yet” messages as may go in a row went out
why-too_late = it was too late for “no news yet”
why-nothing_approved = no “no news yet” message was approved with the update
why-stopped = the update, or its “no news yet” message, was stopped

# Promises that fall due soon, or are late: the first thing on Now.
pressing-label = Promise: { $title }
pressing-near = { $title }: the next update is promised for { $time }, { $away }
pressing-late = { $title }: customers wait. The next update was promised for { $time }, { $away }
pressing-holding = If nobody writes, “no news yet” goes out by itself when it falls due ({ $turn } of { $of } in a row).
pressing-people = Nothing goes out by itself: { $why }. When it falls due, people are called.
pressing-called = Nobody kept it, and { $why }. Called at { $at }: { $names }.
pressing-nobody-called = Nobody kept it, and { $why }. Nobody was called.
pressing-take = I take it

now-promised = Next update promised
now-not-promised = No next update is promised
now-draft = Update { $n } is { $state }.
now-over = It is over.
now-nobody-writes = Nobody writes at the moment.
now-promise-yours = The promise is <b>yours</b>.
now-promise-somebodys = The promise is { $name }’s.
now-promise-nobodys = The promise is nobody’s.
now-hand-over = Hand over
now-hand-over-to = Hand the promise over to
now-kept = { $kept } of { $n ->
    [one] 1 promise
   *[other] { $n } promises
} kept in time
now-read-update = Read update { $n }
now-go-on = { $exercise ->
    [true] Practise: go on with update { $n }
   *[other] Go on with update { $n }
}
now-write-update = { $exercise ->
    [true] Practise: write update { $n }
   *[other] Write update { $n }
}
now-end-it = End it
now-read-story = Read its story
now-going-out = Going out
# $message: Update, Correction, …
now-message = { $message } { $n } · { $title }
now-handed-over = { $have } of { $total } handed over
now-look-and-decide = Look and decide
now-watch = Watch it
now-waiting = Waiting for a yes
now-update = Update { $n } · { $title }
now-by = by { $name }, { $away }
# Who sent it, where no person did.
now-a-program = a program
now-people = { $n ->
    [one] { $n } person
   *[other] { $n } people
}
now-awaited = waits for { $names } to sign
now-read-and-decide = Read and decide
now-read-it = Read it
now-nothing-waits = Nothing waits. What a colleague sends for approval stands here until somebody has read it.
# “Change: contact route “I cannot pay””.
now-proposal = { $what }: { $noun } “{ $name }”
now-channels = Channels
now-channels-outbox = All of them go to the <a>outbox</a>: nothing leaves the house, whatever happens on this page.
now-no-channel = No channel is configured.
now-announced = Announced
now-headline = “{ $headline }”
now-begins = begins { $from }
now-announced-at = announced { $away }
now-next-word = next word { $time }, { $away }
now-move = Move or cancel
now-its-story = Its story

## On duty: what is wrong with a turn that was typed

duty-no-time = give the day and the time
duty-no-person = choose who is on duty
duty-no-place = the order is a number; 1 is called first
duty-no-turn = there is no such turn

## New: the first page of an incident

new-heading = { $exercise ->
    [true] Practise telling customers
   *[other] Tell customers something
}
new-drafts = Somebody is writing already
new-draft = Update { $n } · { $title }
new-draft-saved = saved { $away }
new-draft-go-on = Go on with it
new-component = It is about <b>{ $name }</b>. You can change that on the next page.
new-kind = What is it?
new-kind-incident = now, without notice
new-kind-maintenance = announced before it begins
new-kind-notice = no service is affected
new-title = Working title
new-title-hint = colleagues see it, and customers on the status page
new-title-example = Card payments fail in Europe
new-restricted = Only people I name may see it
new-restricted-hint = nobody else finds it, here or by a program; it stays off the status page and the banner
new-write = { $exercise ->
    [true] Practise: write the first update
   *[other] Write the first update
}
new-exercise-hint = An exercise goes to the outbox only. It stays an exercise for ever.
new-live-hint = Nothing is sent yet: you write, and a colleague reads and approves it.
new-no-kind = choose what it is

## Quick: the prepared message of what is broken

quick-heading = { $exercise ->
    [true] What would be broken?
   *[other] What is broken?
}
quick-practice = Nothing of it reaches a customer.
quick-components = What is broken
quick-trouble = customers hear that it is { $trouble }
quick-else = Something else…
quick-else-hint = or planned work, or something to know
quick-prepared-of = Prepared messages of { $name }
quick-show = Show the words
quick-prepared = Prepared message “{ $name }”
quick-waiting = <b>{ $why }</b> You can fill it in and ask for an approval of this one.
quick-not-approved = It is not approved yet: { $n ->
    [one] one more colleague has to read it
   *[other] two colleagues have to read it
}.
quick-expired = Its time was over on { $day }.
quick-retired = It was put away.
quick-not-alone = It is not for one person to send alone.
quick-read-whole = Read it whole
quick-approved = Approved in advance by { $by }.{ $n ->
    [0] { "" }
    [1] { " " }You fill in one thing.
    [2] { " " }You fill in two things.
    [3] { " " }You fill in three things.
   *[other] { " " }You fill in { $n } things.
}
# Who approved it, and when the last of them did: “Dana and Ben on 3 November”.
quick-approved-by = { $names } on { $day }
quick-goes-on = This goes on with “{ $title }”, open since { $since }.
quick-something-new = No, it is something new
quick-stage = Where are we?
quick-know-more = We know more already
quick-takes-number = a whole number, { $min } to { $max }
quick-takes-time = a time of day
quick-takes-text = at most { $n } characters
quick-promises = When do they hear from us next?
quick-after-sending = { $length } after sending
quick-show-chosen = Show the words with these choices
# Channels within a sentence, with “the” before the first of them.
quick-put = { $exercise ->
    [true] Practise: put it on the { $where }
   *[other] Put it on the { $where } now
}
quick-put-and-ask = { $exercise ->
    [true] Practise: put it there, and ask { $name } to approve it for { $channels }
   *[other] Put it there now, and ask { $name } to approve it for { $channels }
}
quick-put-and-ask-nobody = { $exercise ->
    [true] Practise: put it there, and ask a colleague to approve it for { $channels }
   *[other] Put it there now, and ask a colleague to approve it for { $channels }
}
quick-calls-nobody = Practice calls nobody.
quick-calls = { $name } is mailed at once{ $texted ->
    [true] { " " }and texted after { $minutes } min, if it is not opened
   *[other] { "" }
}.
quick-nobody-on-duty = Nobody who may approve it is on duty: it stands under Approvals, and nobody is called.
quick-ask-later = You can also ask after it is on the { $where }.
quick-ask = { $exercise ->
    [true] Practise: ask { $name } to approve it
   *[other] Ask { $name } to approve it
}
quick-ask-nobody = { $exercise ->
    [true] Practise: ask a colleague to approve it
   *[other] Ask a colleague to approve it
}
quick-write = Say it in other words: write it in full
quick-write-hint = A colleague reads and approves that.
quick-nothing-prepared = Nothing is prepared for { $name }
quick-nothing-prepared-hint = Write it now; a colleague reads and approves it. When this is over, prepare a message for the next time: then one person puts it on the website in a minute.
quick-write-about = Write about { $name }
quick-prepare = Prepare a message for { $name }
quick-choose = Choose, and you see the message that was prepared for it. Nothing is sent yet.
quick-all-prepared = All prepared messages
quick-words-exceeded = <b>Not by one person alone:</b> { $why } It waits for an approval when you send it.
quick-words-as-read = As customers see it, in each language

## Quick: after it was sent

quick-sent-lost = The connection is lost; this may be old. It catches up by itself.
quick-sent-not-asked = <b>It was not asked for the other channels.</b> { $why }
quick-sent-again = Look again
quick-sent-is-on = It is on the { $where }
quick-sent-goes-to = It goes to the { $where } now
quick-sent-waits = It waits for an approval
# $state: “is stopped”, “was taken down”.
quick-sent-state = It { $state }
quick-sent-none = this update was not sent by a prepared message
quick-sent-title = “{ $title }”
quick-sent-at = sent { $at }
quick-sent-by = by the prepared message “{ $playbook }”, approved in advance by { $approved }
quick-sent-queued = <b>Nothing is on the website yet.</b> What you chose lies outside what was approved in advance, so a colleague reads it first.
quick-sent-promised = Next update promised: { $time }
quick-sent-promised-where = It stands on the { $where }, too.
quick-sent-next = What to do next
quick-sent-as-approver = See it as the approver reads it
quick-sent-rest-approved = Approved for { $channels }
quick-sent-rest-as = as update { $n }
quick-sent-rest-watch = Watch it go out
quick-sent-rest-asked = <b>Asked for { $channels }</b>, as update { $n }: { $state }.
quick-sent-rest-read = Read it
quick-sent-ask = { $exercise ->
    [true] Practise: ask { $name } to approve it for { $channels }
   *[other] Ask { $name } to approve it for { $channels }
}
quick-sent-ask-nobody = { $exercise ->
    [true] Practise: ask a colleague to approve it for { $channels }
   *[other] Ask a colleague to approve it for { $channels }
}
quick-sent-same-words = The same words; nothing is posted twice.
quick-sent-go-on = Tell how it goes on
quick-sent-correct = Correct it or take it down
quick-sent-story = Its story
quick-sent-status-page = The status page, as customers see it

## Stop everything

stop-button = Stop everything
stop-button-start = Stopped: start again…
# $why: who or what stopped it.
held = <b>Nothing is sent:</b> { $why }. <a>{ $may_write ->
    [true] Look, and start again
   *[other] Look
}</a>
stop-heading-stopped = Everything is stopped
stop-heading-none = Nothing is stopped for all
stop-why = Nothing is sent and nothing starts by itself: { $why }.
stop-kept = Nothing was withdrawn. What was handed over before stays with its readers; the banner and the status page keep showing what they showed.
stop-running = { $n ->
    [0] Nothing is going out.
   *[other] { $n } going out or waiting for their time.
} “Stop everything” in the header stops all of it at once; nothing is withdrawn.
stop-start-again = Start again
stop-reason = Why is it right to start again?
stop-reason-hint = for the record
stop-start-new = Let new messages start again
stop-start-new-hint = New messages and timers start again.
stop-stays = What is listed below stays stopped.
stop-on-its-way = Stopped on its way
stop-send-on = Send on this one, to { $n } more
stop-let-start = Let this one start
stop-let-start-at = Let this one start at { $time }
stop-look-first = Look first
stop-none = Nothing was going out.
stop-others = New messages and timers then start again too{ $several ->
    [true] ; the others above stay stopped
   *[other] { "" }
}.
stop-start-all = Start everything again: all { $n }, to { $more } more
stop-restored = An administrator starts this again, because the database came from a copy: what was sent since may be sent a second time.
stop-may-not = Somebody who writes can start it again.
stop-one-by-one = Stopped one by one
stop-look-and-decide = Look and decide
stop-no-broadcast = the form names no broadcast
# $message: Update, Correction, …
stopped-message = { $message } { $n } · { $title }
stopped-have = { $have } of { $total } have it or may have it{ $more ->
    [0] { "" }
   *[other] ; { $more } more would get it, the last one after about { $takes }
}
stopped-stale = Its text promises an update for { $time }, which is over. Write the next update instead.

## Prepared messages

prepared-heading = Prepared messages
prepared-sub = Written in quiet times, read by two colleagues, and put on the website by one person when it counts.
prepared-prepare = Prepare a message
prepared-name = Name
prepared-about = About
prepared-stands = How it stands
prepared-until = Valid until
prepared-used = Last used
prepared-component-gone = a component that is gone
prepared-approved = approved
prepared-one-waits = one more has to approve it
prepared-two-wait = two have to approve it
prepared-expired = its time is over
prepared-retired = put away
prepared-read = Read and approve
prepared-never = never
prepared-none = Nothing is prepared yet
prepared-none-hint = Think of what is likely to break, and write what you will say then: the words stay, and a few choices are left open. Two colleagues read it now. At two in the night one person puts it on the website in a minute.
prepared-first = Prepare the first message
prepared-no-parts = Name the parts of your service first: they are what a message is about.
prepared-bare = Nothing is prepared for these
prepared-chooses = What the sender chooses
prepared-bounds = What it may do with no other yes
# Who may send it, alone or in a list.
prepared-who-person = one person alone
prepared-who-machine = a machine
prepared-who-timer = a timer

## A prepared message, read whole

prepared-one-about = about { $name }
prepared-one-about-gone = about a component that is gone
prepared-one-version = version { $version }, { $at }
prepared-one-version-by = version { $version } by { $name }, { $at }
prepared-one-used = last used { $at }
prepared-one-change = Change it
prepared-one-by-api = It tells of planned work, or of something to know. It is changed over the API.
prepared-one-practise = Practise with it
prepared-one-approved = Approved in advance by { $by }.
prepared-one-stopped = <b>{ $title }.</b> { $why } It cannot be approved like this.
prepared-one-stopped-at = <b>{ $title }: “{ $words }”.</b> { $why } It cannot be approved like this.
# $status: “works”, “down for some”.
prepared-one-component = the component { $status }
prepared-one-next = next update in { $lengths }
# With which values a text is shown.
prepared-one-with = With { $values }
prepared-one-every-text = every text
prepared-one-fixed = Nothing: the words are fixed.
prepared-one-takes-number = a whole number from { $min } to { $max }
prepared-one-takes-time = a time of day, { $from } to { $to } min from the sending
prepared-one-takes-text = at most { $n } characters of the form { $pattern }
prepared-one-sent-by = Sent by { $who }.
prepared-one-where = On the { $where }{ $most ->
    [0] { "" }
   *[other] , to at most { $most } people
}.
prepared-one-cost = Its texts may cost at most { $most }.
prepared-one-once-in = The same stage at most once in { $length }.
prepared-one-until = Until { $day }.
prepared-one-outside = Whatever lies outside waits for an approval, like any update.
prepared-one-approve = Approve it in advance
prepared-one-not-you = <b>Not you:</b> { $why }.
prepared-one-already = you approved it already; somebody else is the second
prepared-one-two = Two colleagues who wrote no word of it read every text here. If one letter changes, both yeses are void.
prepared-one-yes = I read it: approve it in advance
prepared-one-details = Details
prepared-one-digest = A yes binds to this digest over the words, the choices and the bounds.
prepared-one-away = Put it away
prepared-one-away-hint = Nothing is sent by it any more. What was sent keeps its record.
prepared-one-away-for-good = Put “{ $name }” away for good
prepared-one-no-button = there is no button { $name } here

## The form of a prepared message

prepared-edit-change = Change “{ $name }”
prepared-edit-voids = a change voids both approvals
prepared-edit-two-first = nothing is sent by it before two colleagues approved it
prepared-edit-name-hint = colleagues see it
prepared-edit-name-example = Payments fail
prepared-edit-choose = choose…
prepared-edit-urgent = How urgent?
prepared-edit-chooses-hint = Few things, each with a click. Give it a short name, and write <code>{"{"}name{"}"}</code> where it stands in the texts. Empty rows are left out; two more come with each save.
prepared-edit-how = How each kind is written
# Between <code> and </code> stands what is typed: the form reads “to”, “=” and “|” in every language.
prepared-edit-how-choice = <b>one of a few:</b> a line each, the label, then the words in { $languages }: <code>Payments fail = Payments are failing | Zahlungen schlagen fehl</code>
prepared-edit-how-number = <b>a whole number:</b> <code>1 to 100</code>
prepared-edit-how-time = <b>a time of day:</b> minutes from the sending, from and to: <code>-120 to 0</code>
prepared-edit-how-text = <b>a few words:</b> the most characters and a pattern: <code>20 [A-Za-z ]+</code>
prepared-edit-how-component = <b>a component:</b> a name a line; it gets the stage’s status, too
prepared-edit-question = Question { $n }
prepared-edit-question-example = What do customers see?
prepared-edit-short-name = Short name
prepared-edit-short-name-example = what
prepared-edit-kind = Kind
prepared-edit-takes = What it takes
prepared-edit-not-written = not written: the first language decides
prepared-edit-component-then = The component then
prepared-edit-next = Next update, in minutes
prepared-edit-options = What can they do meanwhile?
prepared-edit-option = Option { $n }
prepared-edit-option-why = Why we advise option { $n }
prepared-edit-because = because…
prepared-edit-advise = we advise it
prepared-edit-correction = The correction, if this turns out wrong
prepared-edit-correction-hint = empty takes the usual words
prepared-edit-who = Who may send it
prepared-edit-who-hint = A machine announces with a key, or from monitoring. A timer sends at the times that the schedule says.
prepared-edit-where = Where it may go so
prepared-edit-where-hint = The other channels are asked for, with the same words.
prepared-edit-most = The most people
prepared-edit-most-cost = The most that its texts may cost
prepared-edit-most-cost-hint = in { $currency }; empty for whatever they cost
prepared-edit-every = Minutes between two
prepared-edit-until = Last day on which it may be sent
prepared-edit-save = Save it, and see every text
prepared-edit-version-lost = the form has lost its version; open it again
# What is wrong with what was typed, as it was typed.
prepared-edit-bad-most = the most people is a whole number, not { $typed }
prepared-edit-bad-cost = the most that its texts may cost is an amount, like 250, not { $typed }
prepared-edit-bad-every = how often is a whole number, not { $typed }
prepared-edit-bad-next = { $typed } cannot be read: give minutes, like 30, 60
prepared-edit-no-until = choose the last day on which it may be sent
prepared-edit-no-component = choose the component that it is about
prepared-edit-bad-question = “{ $question }”: { $why }
prepared-edit-bad-range = give two numbers, like 1 to 100
prepared-edit-bad-number = { $typed } is no whole number
prepared-edit-bad-text = give the most characters and a pattern, like 20 [A-Za-z ]+
prepared-edit-bad-length = { $typed } is no number of characters
prepared-edit-bad-choice = { $typed } has words in { $n } languages, and there are { $known }: { $languages }
prepared-edit-bad-component = there is no component { $typed }; the components are { $names }

## An exercise

exercise-heading = { $ended ->
    [true] How the exercise went
   *[other] How the exercise goes
}
exercise-began = began { $at }
exercise-ended = ended { $at }, after { $took }
exercise-ended-by = ended { $at } by { $name }, after { $took }
exercise-so-far = { $took } so far
exercise-again = Practise again
exercise-first-draft = First text sent for approval
exercise-approval = Approved
exercise-first-message = First reader has it
exercise-last-message = Last reader has it
exercise-kept = Warnings kept, with a reason
exercise-blocked = Findings that stopped it
exercise-as-long = as long as last time
exercise-longer = { $length } longer than last time
exercise-faster = { $length } faster than last time
exercise-minutes-seconds = { $minutes } min { $seconds } s
exercise-end = End the exercise
exercise-end-hint = Its times are kept as they stand, beside the exercises before. What still goes to the outbox is stopped, and a text that is being written for it is dropped. Nothing that is live changes.
exercise-go-on = Go on practising
exercise-before = Beside the ones before
exercise-measured = Measured from the beginning
exercise-over-time = Over time
exercise-this = This one
exercise-this-so-far = So far
# For who cannot see the bars: “Approved, the earliest first: 4 min, then 3 min”.
exercise-spark = { $label }, the earliest first: { $said }
exercise-then = { $before }, then { $next }
exercise-not-reached = not reached
exercise-was-first = This was the first exercise that was ended; the next one stands beside it here.
exercise-is-first = No exercise was ended before; this one’s times will be the first.
exercise-every = Every exercise
exercise-first-reader = first reader after { $length }
exercise-nobody-reached = nobody was reached

## Every exercise

exercises-heading = Exercises
exercises-sub = How long each step took, from the beginning of the exercise. None of it reached a customer, and none of it counts among the promises.
exercises-practise = Practise (nothing is sent)
exercises-exercise = Exercise
exercises-ended = Ended
exercises-kept = Warnings kept
exercises-none = No exercise was ended yet
exercises-none-hint = Practise once, from “What is broken?” to the last message, and end it on its page: then its times stand here, for the next one to beat.

## History, and the tabs of what was and what comes

story-tabs = What was and what comes
history-heading = History
history-words = Words in the title, or in what was said
history-look = Look
history-filters = What, where it stands, when
history-kind = What it is
history-any-kind = Anything
history-state = Where it stands
history-any-state = Anywhere
history-component = Component
history-any-component = Any
history-practice = Practice
history-with-practice = With exercises
history-from = From
history-to = To
history-to-hint = that day too
history-what = What
history-began = Began
history-ended = Over
history-earlier = Earlier ones
history-not-looked = Nothing was looked for
history-no-earlier = No earlier one is like this
history-none-like = No incident is like this
history-none-like-hint = Each word has to stand somewhere, in full or in part. Try fewer words, or more days.
history-show-all = Show every incident
history-was-first = That was the first one
history-none = Nothing has happened yet
history-none-hint = Every incident stays here with its updates, its promises and what everybody got.
history-back = Back to Now
history-no-day = “{ $typed }” is no day; write it as 2026-11-22
history-no-component = there is no such component; choose from the list
history-no-state = there is no such state; choose from the list
history-no-kind = there is no such kind; choose from the list
history-turned-round = the last day is before the first; turn them round

## Schedule

schedule-heading = Schedule
schedule-heading-practice = Schedule of practice
schedule-sub = What is due, the nearest first, and what is announced.
schedule-real = The real thing
schedule-practice = Practice instead
schedule-late = { $away }, late
schedule-announced = Announced
schedule-in-its-text = its times stand in its text
schedule-you = you
schedule-nobodys = nobody’s: hand it to somebody
# A button, as it is read aloud: “Read it: Approval runs out, Payments fail”.
schedule-step = { $step }: { $what }
schedule-step-of = { $step }: { $what }, { $title }
schedule-write = Write it, or hand it over
schedule-story = Read its story
schedule-look = Look, or stop it
schedule-mark = Mark it as done
schedule-read = Read it
schedule-move = Move, cancel or start it
schedule-see-duty = See who is on duty
schedule-see-timer = See the timer
schedule-see-plan = See the plan
schedule-none = Nothing is due
schedule-none-hint = Here stand promised updates with whose they are, updates that start later, approvals that run out, planned work that customers were told of, and who is on duty until when.
schedule-duty-hint = Put somebody on duty first: then an approval that waits at night wakes them.
schedule-duty = Put somebody on duty
schedule-announce = Announce planned work

# Schedule: recurring notices and planned work, sent by timers.
timed-moment = { $weekday }, { $day } { $month } { $year }, { $time }
timed-zone = Time zone
timed-values = What the message asks for
timed-values-hint = A line for each, like what = Payments are slow. What is left out takes the usual value.
timed-exercise = Only practice: nothing of it leaves
timed-to-messages = Prepared messages
timed-last = { $step }, { $at }: { $outcome }
timed-late = { $late } late
timed-missed = { $n ->
    [one] one time before it was missed
   *[other] { $n } times before it were missed
}
timed_step-send = Last time
timed_step-announce = Announced when it was planned
timed_step-remind = Announced ahead
timed_step-begin = Begins
timed_step-end = Ends
timed_step-moved = Moved
timed_step-extended = Takes longer
timed_step-ended_early = Ended early
timed_step-cancelled = Cancelled
timed_outcome-pending = on its way
timed_outcome-sent = sent
timed_outcome-waits = waits for an approval
timed_outcome-kept = stopped by the checker, kept as a draft
timed_outcome-nothing = nothing to say: nobody was told before, or a person has ended it
timed_outcome-refused = not sent
timed_outcome-passed = something newer took its place
timers-title = Recurring notices
timers-none = Nothing is sent again and again.
timers-next = Next on { $at } ({ $away })
timers-over = It does not come any more
timers-until-short = until { $at }
timers-cancel = Cancel it
timers-cancel-of = Cancel { $name }
timers-add = Add a recurring notice
timers-would = Nothing was set up yet. It would be sent on:
timers-name = What we call it
timers-message = Prepared message
timers-message-hint = Two people approved it for timers. Whoever it concerns at each time gets it, within what they approved.
timers-no-message = No prepared message may be sent by a timer yet.
timers-cron = When
timers-cron-hint = Minute, hour, day of the month, month, day of the week. 0 9 * * 1 is each Monday at 9:00, 0 8 1 * * each first of a month at 8:00. A time that the clocks skip comes when they skip it; one that they show twice comes once.
timers-until = Until
timers-look = Show the next times
timers-go = Set it up
plans-title = Planned work
plans-none = No work is planned.
plans-from-until = { $from } to { $until }
plans-next = Next: { $step }, { $at } ({ $away })
plans-end = It is done now
plans-end-hint = Customers are told that it is over, and what it concerned works again.
plans-end-go = It is done, and tell them
plans-cancel = Cancel it
plans-cancel-hint = Whoever was told of it is told that it does not take place. Where nobody was told, nothing is sent.
plans-cancel-go = Cancel it, and tell those who were told
plans-move = Move it
plans-move-go = Move it, and tell those who were told
plans-move-hint = Whoever was told of the old times is told of the new ones. What lies ahead is timed anew.
plans-extend = It takes longer
plans-extend-go = Let it go on, and tell those who were told
plans-add = Plan work
plans-would = Nothing was planned yet. This would happen:
plans-message-hint = About planned work, approved by two people for timers.
plans-no-message = No prepared message about planned work may be sent by a timer yet.
plans-from = Begins
plans-until = Ends
plans-leads = Announced ahead
plans-leads-hint = How long before it begins, with commas between: 7d, 24h, 1h
plans-components = Components besides the message’s own
plans-later = Announce it only ahead, and not now
plans-look = Show what would happen
plans-go = Plan it
work-planned = lies ahead
work-under_way = goes on
work-over = over
work-cancelled = cancelled
weekday-1 = Mon
weekday-2 = Tue
weekday-3 = Wed
weekday-4 = Thu
weekday-5 = Fri
weekday-6 = Sat
weekday-7 = Sun

## Report

report-heading = Report
report-title = Report of { $month }
report-month = { $month } { $year }
report-only-exercises = Exercises only
report-sub = What customers were told.
report-real = The real thing
report-no-exercises = Exercises are not in it.
report-exercises = Only exercises
report-before = Month before
report-after = Month after
report-file = Download as CSV
report-cut = There was more than one report reads; these are the first of the month.
# These four stand below a large number: what it counts.
report-sent = updates sent; incidents told of: { $incidents }, corrections: { $corrections }
report-until-first = until the first update, the middle one of all
report-promises-kept = promises kept
report-messages = messages handed over of { $total }; { $confirmed } confirmed
# After the number of promises kept, and after that of late ones.
report-promises-holding = ({ $n } by “no news yet”)
report-promises-late = { $n } late
report-promises-missed = ({ $n } missed)
report-none-late = none late
report-by-part = By part of our service
report-part = Part
report-head-incidents = Incidents
report-head-updates = Updates
report-head-corrections = Corrections
report-head-kept = Promises kept
report-head-late = Late
report-head-first = First update after
report-head-handed = Handed over
report-head-confirmed = Confirmed
report-all = All
report-no-part = About no part
# The same on a narrow screen, before each number.
report-label-incidents = incidents
report-label-updates = updates
report-label-corrections = corrections
report-label-kept = promises kept
report-label-late = late
report-label-first = first update after
report-label-handed = handed over
report-label-confirmed = confirmed
report-of = { $n } of { $total }
report-hint = An update about two parts counts in both, and once in all. “Confirmed” is what networks tell us has arrived: mail says nothing of it, so the true number is higher. Restricted incidents are in no report.
report-none = Nothing was told in { $month }
report-none-hint = Once an update goes out, this page counts by part of your service: how soon customers heard of it, how many promises of a next update were kept, and how many messages arrived.
report-parts-first = Name the parts of your service first

## Import of people

import-heading = What came of the import
import-heading-early = The import ended early
import-by = by { $name }
import-took = took { $took }
import-people = People
# These three stand below their number.
import-good = { $n ->
   *[other] lines taken
}
import-bad = { $n ->
   *[other] lines not taken
}
import-removed = { $n ->
   *[other] people removed
}
import-not-taken = What was not taken
import-download = Download the bad lines
import-line = Line
import-why = Why
import-more = And { $n } more.
import-mend = Mend these lines in your file and import it again: lines that were taken already change nothing.
import-all-taken = Every line could be used.
import-form-heading = Import people
import-form-as-of = the list is as of { $at }
import-form-never = nothing was imported yet
import-form-replace = Remove everybody whom the file does not name
import-form-file = The file
import-form-file-hint = CSV, of any length
import-form-import = Import it
# {n} is filled in by the page.
import-form-sending = Sending and reading: {"{n}"} %. Keep this page open.
import-form-reading = All of it was sent; the last lines are being written.
import-form-lost = The connection was lost on the way. What was written stays; send the file again.
import-form-may-not = Somebody who writes can import.
import-form-looks = What the file looks like
# The columns are called so in every language.
import-form-columns = The first line names the columns. <b>customer_id</b> is needed: your own number for each person, by which they are known again at the next import.
import-form-sample =
    customer_id,name,email,phone,locale,time_zone,components,tags,plan
    4711,Maria Jensen,maria@example.org,+447700900123,en,Europe/London,Payments;Search,vip,pro
import-form-others = Every other column is kept as something that is known of people, to choose by. Several components or tags have a semicolon between them. A line that cannot be used is named with the reason, and the others are taken.
import-form-broken = the file broke off on its way; send it again
import-form-broken-form = the form broke off on its way; send it again
import-form-no-file = choose a CSV file first
import-form-not-yours = this form does not belong to your session; go back, reload the page and send it again
import-form-too-long = a field before the file is too long; reload the page and send the file again

## The story of an incident

incident-began = began { $at }
incident-ended = over { $at }
incident-how-it-went = How it went
incident-end-exercise = End the exercise
incident-said = What was said
incident-update = Update { $n } · { $status }
# Names stand after these two.
incident-written-by = written by
incident-approved-by = approved by
incident-handed-over = handed over to { $have } of { $total }{ $arrived ->
    [0] { "" }
   *[other] ; { $arrived } confirmed
}
incident-changed = What changed since update { $since }{ $n ->
    [0] { "" }
   *[other] { " " }({ $n })
}
incident-nothing-changed = Nothing that is read.
incident-kept = Warnings that were kept, and why ({ $n })
incident-quoted = “{ $words }”
incident-confirmed = Confirmed:
incident-kept-because = Kept, because:
incident-deeds = What was done with it ({ $n })
incident-nothing-said = Nothing was said yet.
incident-write-first = Write the first update: what happened, what it means for customers, and when they hear more.
incident-promises = Promises
incident-promises-kept = { $in_time } kept in time{ $holding ->
    [0] { "" }
   *[other] { " " }({ $holding } by “no news yet”)
}, { $late } late{ $missed ->
    [0] { "" }
   *[other] , { $missed } missed
}
incident-held = “no news yet” kept it at { $at }, because nobody wrote
incident-held-late = “no news yet” kept it at { $at }, { $length } late
incident-missed = missed
# $why: see why-enough.
incident-escalated = people were called at { $at }: { $why }
incident-promised-by = promised by update { $n }
incident-kept-by = update { $n } kept it at { $at }, in time
incident-kept-late-by = update { $n } kept it at { $at }, { $length } late
incident-kept-in-time = kept it at { $at }, in time
incident-kept-late = kept it at { $at }, { $length } late
incident-late = { $length } late
incident-open = open, { $away }
incident-hand-over = Hand over
incident-hand-over-to = Hand over to
incident-no-promise = No next update was promised yet. An update that says when the next one comes makes one, and it is shown here, kept or late.
incident-besides = What was done besides
# Who did something, where it was none of the people.
incident-at-the-server = Somebody at the server
incident-read-update = Read update { $n }
incident-go-on = Go on with update { $n }
incident-look-and-decide = Look and decide
incident-watch = Watch it go out
incident-write = { $exercise ->
    [true] Practise: write update { $n }
   *[other] Write update { $n }
}
incident-no-colleague = choose a colleague
incident-lost = the form names no incident

# Other deadlines of an incident.
deadlines-title = Other deadlines
deadlines-none = None. A regulator’s 72 hours, or a report that somebody waits for, can stand here: whose it is and who is on duty are reminded, and customers see nothing of it.
deadlines-done = done at { $at }
deadlines-late = late: it was due { $away }
deadlines-mark = Done
deadlines-reopen = Not done after all
deadlines-add = Add a deadline
deadlines-what = What has to be done
deadlines-example = Tell the regulator
deadlines-when = Until when ({ $zone })
deadlines-whose = Whose it is
deadlines-add-go = Add it
deadlines-no-time = give the day and the time until which it has to be done

## Words of many pages

button-save = Save
button-undo = Undo
# Between the members of a list, and before the last one where it is said so.
list-and = {" "}and{" "}
# Around words that somebody wrote.
quote-open = “
quote-close = ”

## Write

write-head = Update { $number } · { $title }
write-badge = { $exercise ->
    [true] Exercise
   *[other] Live
}
write-story = Its story
# {time} is filled in by the page.
write-saved-at = Saved {"{time}"}
write-saved-failed = Not saved yet. Your words are kept in this tab, and it is tried again.
write-saved-conflict = Not saved: a colleague saved meanwhile. Your words are kept in this tab.
write-saved-signed-out = Not saved: you are signed out. Your words are kept in this tab.
write-saved = Saved { $time }
write-versions = Version { $version }: all versions
write-conflict = A colleague saved this update while you were writing. Nothing of yours is lost.
write-conflict-see = See both, and choose
write-signed-out = You are signed out. <a>Sign in again</a>: your words come back with this page.
write-better = The better words are in.
write-test-failed = <b>The test did not go:</b> { $why }. { $sent } of { $of } went to { $to }.
write-test-went = The test went to { $to } at { $at }: { $texts ->
    [true] { $sent ->
        [one] 1 text message
       *[other] { $sent } text messages
    }
   *[other] { $sent ->
        [one] 1 mail
       *[other] { $sent } mails
    }
}, marked “TEST:”. Nobody else got it.
write-test-busy = the supplier is busy or pausing; try again in a minute
write-test-in-doubt = the supplier gave no answer; it may have arrived
write-submitted = It waits for approval. If you change a word, it becomes a draft again and has to be sent for approval once more. <a>Read it as the approver does</a>
write-returned = <b>Sent back:</b> { $reason }
write-status = Where are we?
write-told = What “{ $name }” is told
write-drop-group = Drop this group
write-options = What can they do meanwhile?
write-option = Option { $n }
write-option-why = Why we advise option { $n }
write-option-because = because…
write-option-advised = we advise it
write-more = Why, prevention, next steps, risks, links
write-links = Helpful links
write-link = What is behind link { $n }
write-link-example = How to pay by bank transfer
write-link-address = Address of link { $n }
write-link-address-example = https://
write-by-hand = Words by hand for one channel
write-by-hand-help = Empty: the text is made from the facts. Written here, it goes out as it is.
write-drop-language = Drop { $language }
write-add-language = Write it in { $language } too
write-next = When will they hear from us next?
write-next-hint = we remind you, and we keep it
write-next-hour = 1 hour
write-next-other = Another time…
write-next-none = No promise
write-next-time = Another time
write-next-late = The promised time cannot be kept.
write-next-works = Promise { $at } instead
write-next-last = The last one has it about { $at }, if it were sent now.
write-routes = How can they reach us?
write-routes-hint = none chosen: every way is named
write-route = { $overloaded ->
    [true] { $need }: { $how } (overloaded now)
   *[other] { $need }: { $how }
}
write-routes-none = No contact route is entered yet.
write-channels = Where does it go?
write-severity = How urgent is it?
# The staff sheet: what colleagues answer, say on the phone and leave unsaid.
sheet-head = For colleagues
sheet-help = What your colleagues answer. It is approved with the update and goes to their chat and mail alone: no customer reads it. Empty: nothing goes there.
sheet-nowhere = What your colleagues answer. It is approved with the update and stands on the incident’s page: no customer reads it. No chat or mail of theirs is set up.
sheet-write = Answers, what not to say, the phone
sheet-write-in = { $language }: answers, what not to say, the phone
sheet-answers = If they ask
sheet-question = Question { $n }
sheet-answer = Answer { $n }
sheet-avoid = Do not say
sheet-avoid-n = Not to be said { $n }
sheet-phone = Message for the phone line
sheet-phone-hint = to be recorded
sheet-abuse = If a caller becomes abusive
sheet-abuse-hint = what to say, and when to end the call
# Behind the name of a field: whose it is, and in which language.
sheet-for = for colleagues, { $language }
sheet-since = As of update { $n }, sent { $at }
sheet-newer = Customers were told more since, by update { $n }, which has no sheet. Read that first.
sheet-withdrawn = Update { $n } was taken back, and its sheet with it. Say nothing of it until there is a new one.
write-who = Who gets it
write-who-is = { $several ->
    [true] Who is “{ $name }”?
   *[other] People
}
write-everyone = { $several ->
    [true] Everyone else
   *[other] Everyone
}
write-subscribers = Subscribers of the affected services
write-subscribers-help = Who subscribed on the status page to other services only does not get it.
write-group-name = Name of the group
write-pasted = The pasted list of customer ids
write-stage = When does “{ $name }” start?
write-stage-percent = A later group starts when so many percent of the one before are handed over
write-stage-percent-hint = empty: 95
write-list = { $unmatched ->
    [0] The list for this incident: { $matched } found; forgotten on { $until }.
   *[other] The list for this incident: { $matched } found, <b>{ $unmatched } not found</b>; forgotten on { $until }.
}
write-list-look = Look at the list of customer ids…
write-list-give = Paste or upload a list of customer ids…
write-add-group = Tell another group something different
write-timing = How fast does it go?
write-night = People who sleep then
write-night-windows = { $windows }, on their own clock
write-night-correction = A correction wakes everybody who has it.
write-spread = Spread the messages over so many hours
write-spread-hint = empty: as fast as we can. For when many will call or sign in at once
write-services = Which services does it touch?
write-service-now = now: { $state }
write-service-stays = Stays as it is
write-services-none = No service is entered yet.
write-rare = Start later, required by law, the correction, “no news yet”
write-window-from = The work begins
write-window-until = It ends
write-start = Start at
write-start-hint = { $zone }; empty: as soon as it is approved
write-law = A law requires it
write-law-hint = then it goes to people who opted out, too; which law, and why
write-over-ceiling = Above the limit on cost or messages a day
write-over-ceiling-hint = the reason; the approver reads it
write-own-hint = { $language } · empty: the usual words
write-discard = Drop this draft
# What a group is called until its author names it.
write-new-group = group { $n }

# What the checker found, and what an approver asks for.
write-note = { $by } asks for a change
# Before the words that it is about, in quotation marks.
write-note-at = at
write-instead = Say: “{ $words }”
write-use = Use this
# Plain characters: l for ł, c for ć. $less: an amount of money.
write-plain = With plain characters in their place, more would fit into each part.
write-plain-parts = With plain characters in their place it has { $then ->
    [one] 1 part
   *[other] { $then } parts
}, not { $now }.
write-plain-cost = With plain characters in their place it has { $then ->
    [one] 1 part
   *[other] { $then } parts
}, not { $now }: about { $less } less.
write-confirmed = Who confirmed this, and when?
write-confirmed-example = Mira, payments desk, 10:46
write-kept = You keep this
write-keep = I keep this, because…
write-keep-reason = The reason
write-keep-reason-hint = the approver reads it

# Beside the facts: every text as its place shows it, and the numbers.
write-read-by = What { $name } reads, in { $language }
write-read = What customers read
write-mail-looks = How the mail is read
write-mail-look = The mail: { $look }
write-people = { $n } people
write-refreshed = list refreshed { $away }
write-never-imported = the list was never imported
write-last = The last one has it { $length } after the start.
write-last-cost = The last one has it { $length } after the start; it costs at most { $cost }.
# $parts: 2 parts. $without: numbers in countries that have no price in the configuration.
texts-cost = About { $cost } for { $n ->
    [one] 1 text
   *[other] { $n } texts
} of { $parts }{ $without ->
    [0] .
    [one] ; 1 number is in a country without a price.
   *[other] ; { $without } numbers are in countries without a price.
}
# Not every text has as many parts.
texts-parts = { $least } to { $most } parts
texts-parts-all = { $n ->
    [one] 1 part
   *[other] { $n } parts
}
write-unreached = { $n } get nothing at all: no address that may be written to, on any of these channels. <a>See them</a>
write-suppressed = { $n } { $channel } addresses must not be written to. <a>See who gets nothing there</a>
write-fallback = { $n } read it in another language than theirs ({ $language }).
write-groups = Who reads which
write-in-two = in two groups
write-in-two-stops = it cannot be sent like this
write-in-none = in none
write-in-none-nothing = they get nothing
write-in-none-see = { $n }: see them
write-in-two-examples = In two, for example: { $people }
write-in-none-examples = In none, for example: { $people }
write-groups-see = The groups side by side, and who is in which
write-facts = Same facts everywhere
write-facts-hint = What is not said on a channel, its readers do not know.
write-facts-table = Facts by channel
write-fact = Fact
write-together = Approved together with it
write-together-hint = The correction goes to exactly those who have this text, if it turns out wrong. “No news yet” is approved with it, and goes out by itself where nobody writes in time.

# The foot, and the buttons in it.
write-blocking = { $n } to fix
write-asking = { $n } to think about
write-ready = Ready
write-foot-ready = A colleague reads it before anything is sent.
write-foot-problem = Something cannot be used yet: see above.
write-foot-mend = Mend what is red, or keep it with a reason; then it can be sent for approval.
write-test-mail = Mail me a test
write-test-text = Text me a test
write-submit = { $exercise ->
    [true] Practise: send for approval
   *[other] Send for approval
}

# Who else is there.
write-open = { $name } has this open, seen { $away }.
write-newer = <b>{ $by } saved a newer version at { $at }.</b> Nothing of yours is lost:
write-newer-see = see both
write-you = You
write-program = A program

# What cannot be read.
write-no-version = this form does not say which version it was made from
write-no-undo = this form does not say what to take back
write-no-status = choose where we are
write-bad-start = the start time { $typed } cannot be read; use the form day and time
write-bad-window = the time of the planned work { $typed } cannot be read; use the form day and time
write-half-window = give both times of the planned work: when it begins and when it ends
write-bad-next = the time of the next update { $typed } cannot be read; use the form day and time
write-bad-spread = give the hours to spread it over as a number, like 4 or 0.5, not { $typed }
write-bad-percent = give the percentage as a whole number from 1 to 100

## What is said about time: who sleeps, how slowly it goes, who goes first

timing-now = { $channel }: { $n } people sleep at the start. They get it all the same, and may wake.
timing-morning = { $channel }: { $n } people will get it in their morning, if the incident is still open and nothing newer replaces it.
timing-morning-last = { $channel }: { $n } people will get it in their morning, the last about { $at }, if the incident is still open and nothing newer replaces it.
timing-not-at-all = { $channel }: { $n } people sleep and do not get it.
timing-spread = The messages to people are spread evenly over { $length }. Posts and pages go at once.
# $first: “employees”; $then: one or more of the next.
timing-order = { $first } first; { $then }, each when { $percent } % of the group before is handed over. Posts and pages go with “{ $own }”.
timing-then = then { $group }
timing-group = “{ $name }”
timing-window = { $channel } from { $from } to { $to }
timing-place-first = At once
timing-place-second = After those who start at once
timing-place = As number { $n }

## A text as its place shows it

text-part = part { $n } of { $of }
text-forcing = Without these, more would fit into each part:
text-post = post { $n } of { $of }
text-banner = A website with the banner on top
text-letter = the letter { $letter }
text-unseen = a character that is not seen ({ $number })
text-character = the character { $character } ({ $number })
text-size-parts = { $parts ->
    [one] 1 part
   *[other] { $parts } parts
} · { $used } of { $of } characters
text-size-posts = { $posts } posts · longest { $used } / { $of }
text-cost = { $least } to { $most }
text-addresses = { $n ->
    [one] 1 address
   *[other] { $n } addresses
}
text-places = { $n ->
    [one] 1 place
   *[other] { $n } places
}
text-last = last one in { $length }

## The groups side by side

groups-head = Side by side: update { $number }
groups-back = Back to the text
groups-who = Who reads which
groups-group = Group
groups-who-is = Who it is
groups-people = People
groups-some = Some of them
groups-everyone = everyone
groups-nobody = nobody
groups-in-two = In two groups
groups-in-two-stops = It cannot be sent like this: change who is in which
groups-in-two-none = nobody may be
groups-in-none = In none
groups-in-none-nothing = They get nothing
groups-in-none-none = nobody is left out
groups-for-all = shows everybody what the first group is told
groups-unwritten = Not written in this language.

## A list of customer ids

list-head = A list of customer ids for { $incident }
list-back = Back to the text
list-only = for the updates of this incident only
list-found = { $unmatched ->
    [0] { $matched } customers found
   *[other] { $matched } customers found, { $unmatched } not
}
list-given = { $by }, { $at }. It is forgotten on { $until }.
list-download = Download who was found
list-missing = Nobody has these customer ids, so nobody gets anything for them:
list-missing-unseen = Nobody has these customer ids, so nobody gets anything for them.
list-download-missing = Download all that were not found
list-used = This update goes by it
list-use = Tell only these { $n } people
list-choose = Back, and choose there
list-forget = Forget this list now
list-another = Another list in its place
list-who = Who is it?
list-ids = Customer ids
list-ids-hint = one a line, or between commas; of a table with a column customer_id, that column
list-file = … or out of a file
list-file-hint = text or CSV; it is put in above
list-forgotten = The list is frozen with each update that is sent for approval. It is forgotten after { $days } days.
list-give = Look them up
list-no-button = this form says nothing that can be done here
list-no-file = there is no such file

## Who gets nothing

# $on: on any channel, by email.
left_out-head = Who gets nothing { $on }
left_out-update = Update { $number } of { $incident }
left_out-now = { $waits ->
    [true] as of now; the numbers at the approval were counted when it was sent for approval
   *[other] as of now
}
left_out-download = Download all as CSV
left_out-which = Which of them
left_out-tab = Nothing { $on }
left_out-who = Who
left_out-customer = Customer
left_out-why = Why
left_out-first = From the beginning
left_out-next = The next ones
left_out-nobody = Nobody is left out
left_out-end = That was the end of the list
left_out-empty = Whoever has no address on a channel, opted out, or must not be written to for another reason, stands here with it.

## Versions of an update

versions-head = Versions of update { $number }
versions-back = Back to the text
versions-one = Version { $version }
versions-two = What became of version { $from } in version { $to }
versions-same = Nothing that is read differs between these two.
# The first is green, the second red and struck out, with a comma between them.
versions-came = Green came
versions-went = red went.
versions-every = Every version
versions-from = From
versions-to = to
versions-compare = Compare
versions-changed = { $n ->
    [0] not in the words
    [one] 1 change
   *[other] { $n } changes
}
versions-first = the first
versions-now = now
versions-restore = Go back to this
versions-back-hint = Going back makes a new version of the old words; nothing is dropped.
versions-back-submitted = What waits for approval has to be sent for approval again.
versions-none = this update has no version { $wanted }; it has 1 to { $last }
versions-no-version = this form does not say which version

# What versions differ in, besides the fields.
plain-status = Where we are
plain-severity = How urgent it is
plain-next = Next update
plain-window-from = Work begins
plain-window-until = Work ends
plain-start = Starts at
plain-channels = Where it goes
plain-night = People who sleep
plain-spread = Spread over
plain-law = A law requires it
plain-everyone = everyone
plain-who = Who is “{ $name }”
plain-correction = Correction
plain-holding = “No news yet”
plain-option-why = Why option { $n }
plain-link = Link { $n }
plain-by-hand = By hand for { $channel }

## Two people wrote

conflict-head = Two people wrote update { $number }
conflict-closed = This update is { $state } and can no longer be changed. Here is what you typed: copy what is needed, or write it into the next update.
conflict-both = { $clash ->
    [true] { $author } saved at { $at }, while you were writing. Nothing is lost: here are both, and where both of you wrote.
   *[other] { $author } saved at { $at }, while you were writing. Nothing is lost: here are both.
}
conflict-texts = Both texts
conflict-what = What
conflict-yours = Yours
conflict-theirs = { $author }: saved
conflict-clash = both
conflict-only = { $you ->
    [true] only you
   *[other] only { $author }
}
conflict-same = The words are the same; only something else differs.
conflict-incident = Go to the incident
conflict-merge = { $clash ->
    [true] Put both together, mine where both wrote
   *[other] Put both together
}
conflict-mine = Put mine over theirs
conflict-go-on = Go on with theirs
conflict-kept = Whatever you choose, every version is kept: <a>all versions</a>.

## Approvals

approvals-head = Approvals
approvals-update = Update { $number } · { $title }
approvals-exercise = Exercise
approvals-restricted = Restricted
approvals-by = by { $by }, { $away }
approvals-people = { $n } people
approvals-until = waits until { $at }
approvals-awaited = waiting for { $who } to sign
approvals-read = { $mine ->
    [true] Read and decide
   *[other] Read it
}
approvals-none = Nothing waits for a yes
approvals-none-hint = Whoever writes sends it here. Somebody else reads every text, types how many people it goes to, and sends it.
approvals-now = Back to Now

## Approve

approve-head = Approve update { $number } · { $title }
approve-badge = { $exercise ->
    [true] Exercise
   *[other] Live
}
approve-written = Written by { $by }, sent for approval at { $submitted }; waits until { $expires }. What you approve is exactly what is sent. <a>Details</a>
# $what: is overloaded now, was removed.
approve-route = <b>Since this was sent for approval, the contact route “{ $need }” { $what } ({ $at }).</b>
approve-route-public = The banner and the status page say so already.
approve-route-stays = The texts below stay as they were sent. If they should say it, return it: a new version says it by itself.
approve-outside = It was to go with no person, and waits for yours: { $why }
approve-late = <b>Too late for its promise.</b> The next update is promised for { $promised }, and the last reader would get this one at { $last }. It cannot be sent like this.
approve-late-return = Return it to { $by }: promise { $works } instead
approve-late-reason = The promised next update comes too early: the last reader would get this text after it. Promise { $at } instead.
approve-changes = What changes for customers since update { $number }
approve-first = This is the first word to customers
approve-to = To { $variant }
approve-as-on = As on: { $channel }
approve-promised = next update promised for <b>{ $at }</b>
approve-unpromised = no next update is promised
approve-starts = starts { $at }, { $away }
approve-law = <b>A law requires it,</b> so people who opted out get it too: { $law }
approve-kept = What the checker asks, and what { $by } says to it
approve-answer = { $confirmed ->
    [true] <b>Confirmed: </b>{ $reason }
   *[other] <b>Kept, because: </b>{ $reason }
}
approve-unanswered = No answer was given; it does not block.
approve-over-ceiling = <b>Above a limit, because:</b> { $reason }
approve-read = Read what goes out
# {n} is filled in by the page, as texts are opened.
approve-unread-of = {"{n}"} of { $of } texts are still unread
approve-language-to = { $language }, to { $variant }
approve-read-this = I read this
approve-note = Something here should change…
approve-note-words = Which words?
approve-note-words-hint = marked above, or copied; empty: the whole text
approve-note-text = What should change?
approve-note-help = It goes back with “Return to { $by }”, and stands at these words.
approve-samples = As people get it
approve-samples-same = everybody reads the same words; nothing in them differs by person.
# After a channel's name; the people to choose from follow.
approve-sample-to = to
approve-sample-invented = (invented: nobody on this list has one)
approve-sheet-goes = Approved together with the update. It goes to colleagues’ chat and mail, and stands on the incident’s page; no customer reads it.
approve-sheet-stays = Approved together with the update. It stands on the incident’s page; no customer reads it.
approve-together = Approved together with it
approve-correction = The correction
approve-correction-hint = If it turns out wrong, { $by } or any approver may send this alone, to exactly those who have it.
approve-holding-by = If there is no news by { $at }
approve-holding-again = And if there is still none by { $at }
approve-holding-hint = Goes out by itself, to these places only, unless an update is approved before.
approve-people-instead = Is there still nothing by { $at }, nothing more goes out by itself: whoever is on duty is called, then every approver.
approve-details = Details
approve-binds = Your yes binds to this digest over the kind, the content, every text, the list of people, the channels, the start time, the correction and “no news yet”. If one letter changes, it no longer counts.
approve-opened = { $name } opened { $n } of the { $of } texts that have to be read, the last one at { $at }.
approve-opened-none = Nobody has opened a text of it yet. Without scripts in the browser that is not noted; there the boxes ticked at the texts count.
approve-version = Version { $version } · broadcast { $broadcast }
approve-people = { $n } people
approve-list-refreshed = list refreshed { $at }, frozen { $frozen }
approve-list-frozen = frozen { $at }
approve-channel = Channel
approve-how-many = How many
approve-last = Last one in
approve-cost = Cost
approve-left-out = { $n } addresses are left out, because they must not be written to
# $on: by email.
approve-left-out-see = see who gets nothing { $on }
approve-nothing = { $n } people get nothing at all: <a>see them</a>.
approve-nothing-none = Nobody is left without it.
approve-in-none = { $n } people are in no group: <a>see them</a>.
approve-asleep = { $n ->
    [0] Some fall asleep while it goes out
   *[other] { $n } of these people are asleep
}
approve-proposed = as { $by } proposes
approve-night-now = { $n } may wake
approve-night-morning = { $n } get it then
approve-night-morning-last = { $n } get it then, the last about { $at }
approve-night-not-at-all = { $n } do not get it
approve-asleep-help = What you choose is a part of your yes. A correction wakes everybody who has the text.
approve-zones = By time zone
approve-zone = Where
approve-zone-clock = Clock there
approve-zone-until = Asleep until
approve-zone-unknown = not known, so ours
approve-signing = Who signs it first
# After the name of what is signed for.
approve-signed = signed by { $by } at { $at }
approve-awaited = <b>Waiting for { $name }</b> since { $since } ({ $away })
approve-nobody-signs = Nobody signs for { $name }; an administrator gives it to somebody under Settings.
approve-remark = Your remark
approve-remark-hint = may stay empty when you sign
approve-sign = Sign for { $name }
approve-only-remark = Only remark
approve-sign-help = You sign what you read above. You send nothing. If a word changes, you are asked again.
approve-send-head = { $exercise ->
    [true] Practise sending it
   *[other] Send it
}
approve-not-you = <b>Not you:</b> { $why }.
approve-not-you-hint = It stands under Approvals for your colleagues. To change it, <a>write on</a>.
approve-type-people = Type the number of people
approve-not-yet = <b>Not yet:</b> it waits for the signature of { $who }.
approve-send = { $exercise ->
    [true] Practise: send to { $n } people
   *[other] Send to { $n } people
}
# {n} is filled in by the page, as texts are opened.
approve-unread = {"{n}"} texts are still unread.
approve-return-note = Return it to { $by } with a note
approve-return-help = Notes that you wrote at the texts go along.
approve-return = Return to { $by }
approve-program = a program

# Who was called about it.
approve-chase-opened = { $name } opened it at { $at }.
approve-chase-practice = Practice calls nobody.
approve-chase-failed = { $by ->
    [text] { $name } could not be reached by text { $at }.
   *[mail] { $name } could not be reached by mail { $at }.
}
approve-chase-told = { $by ->
    [text] { $name } was texted { $at }, not opened.
   *[mail] { $name } was mailed { $at }, not opened.
}
approve-chase-next = { $by ->
    [text] Next: { $name }, by text { $at }.
   *[mail] Next: { $name }, by mail { $at }.
}
approve-chase-nobody = Nobody who may approve it is on duty: nobody is called.
approve-chase-nobody-else = Nobody else is on duty.

# What cannot be done.
approve-own = you sent it for approval; somebody else has to approve it
approve-no-time = the button names no time
approve-no-button = there is no button { $name } here
approve-no-number = type the number of people it goes to
approve-no-night = choose what is done about people who sleep
approve-note-unsent = you wrote a note on a text; return the update with it, or clear it before you send
approve-note-empty = you marked “{ $quote }”; say what should change there, or clear it
approve-all-unread = { $n } texts are still unread; open each of them and tick that you read it

## Going out

broadcast-lost = The connection is lost; these numbers may be old. It catches up by itself.
broadcast-reload = Reload the page to see how far it is.
# $happens: is going out, is stopped.
broadcast-update = Update { $number } { $happens }
broadcast-correction = The correction of update { $number } { $happens }
broadcast-holding = “No news yet” after update { $number } { $happens }
broadcast-approved = approved by { $by } at { $at }
broadcast-in-advance = { $names }, in advance
broadcast-starts = starts { $at }, { $away }
broadcast-corrected = its correction was sent
broadcast-stop = Stop sending ({ $have } may have it)
broadcast-send-on = { $exercise ->
    [true] Practise: send on ({ $have } may have it)
   *[other] Send on ({ $have } may have it)
}
broadcast-next-group = Start { $group } now
broadcast-correct = { $exercise ->
    [true] Practise: send the correction (to { $have } who may have it)
   *[other] Send the correction (to { $have } who may have it)
}
broadcast-take-down = Take it down… ({ $have } may have it)
broadcast-delete = Delete its posts… ({ $posts })
# $next and $now: “employees” and “partners”.
broadcast-groups = { $next } start when { $percent } % of { $now } is handed over.
broadcast-night = People who sleep: { $night }.
# After the number of those who have it.
broadcast-of-handed = of { $total } handed over
broadcast-arrived-hint = arrived, as far as networks tell us
broadcast-last-by = the last one expected, by { $channel }
broadcast-last-went = the last one went
broadcast-last-expected = the last one expected
broadcast-taken-down = taken down
# After a number.
broadcast-decide = need a decision
broadcast-decide-see = need a decision: <a>see them</a>
broadcast-by-channel = By channel
broadcast-arrived = arrived
broadcast-handed = handed over
broadcast-doubt = may have arrived
broadcast-failed = failed
broadcast-left-out = left out or stopped
broadcast-channel = Channel
broadcast-progress = Progress
broadcast-done = Done
broadcast-rate = A second
broadcast-last = Last one
broadcast-why = Why it waits, and who was left out
# The same beside the numbers, where the table has no room for its head.
broadcast-label-done = done
broadcast-label-rate = a second
broadcast-label-last = last one
broadcast-bar = { $handed } of { $total } handed over, { $arrived } of these arrived
# $outcome: failed, may have arrived.
broadcast-note = { $n } { $outcome }
broadcast-note-asleep = { $n } { $outcome }, or sleep
broadcast-note-morning = { $n } get it in their morning
broadcast-note-tries = { $n ->
    [one] 1 waits for another try
   *[other] { $n } wait for another try
}
broadcast-note-tries-next = { $n ->
    [one] 1 waits for another try, next { $away }
   *[other] { $n } wait for another try, next { $away }
}
broadcast-deleted = deleted at { $at }
broadcast-deleted-some = { $some } of { $total } deleted, the last at { $at }
broadcast-reach = Reach
broadcast-wrong = What went wrong, and what happens next
broadcast-what = What
broadcast-how-many = How many
broadcast-next = Next
broadcast-next-paused = tried again once it is sent on
broadcast-next-at = tried again { $away } by itself
broadcast-next-turn = tried again by itself as soon as it is its turn
broadcast-next-left = left as it is
broadcast-resend = Send again (some may get it twice)
broadcast-leave = Leave
broadcast-nothing = Nothing so far.
broadcast-undeleted = Posts that are to be deleted
broadcast-delete-failed = not tried again by itself
broadcast-delete-tried = last tried { $away }, tried again by itself
broadcast-deleting = being deleted
broadcast-delete-again = Try to delete it again
broadcast-otherwise = Of { $people ->
    [one] 1 person
   *[other] { $people } people
} whom it failed for, { $reached } got it on another channel; { $nothing ->
    [0] nobody got nothing
   *[other] { $nothing } got nothing
}.
broadcast-retry = Send again to the { $n } where it failed
broadcast-no-button = there is no button { $name } here

# Why a channel waits.
waits-takes = { $name } takes { $rate } a second
waits-share = { $n } % go by { $name }
waits-open = { $name } cannot be reached; one message tries it { $away }
waits-open-now = { $name } cannot be reached; one message is about to try it
waits-trying = { $name } could not be reached; one message is trying it now
waits-asked = { $name } asked us to wait; it goes on { $away }
waits-slow = { $name } is slow: it asked for less and gets { $rate } a second, more as it takes them

# The curve of who has it.
reach-said = How many have it: { $lines }.
reach-line = { $channel }: { $handed } of { $total } handed over
reach-line-last = { $channel }: { $handed } of { $total } handed over, the last one expected { $at }
reach-share = { $n }%
reach-now = now
reach-table = The same as a table
reach-when = When

## Before what cannot be taken back

sure-nothing = Do nothing
sure-correct = Send the correction?
sure-correct-what = The correction goes to { $have } who have the text, or may have it. What was not sent yet is not sent any more.
sure-correct-more = It was read and approved together with the text. It goes out at once, before everything else; the last one has it after about { $length }. Posts stay, and it replies to them.
sure-correct-button = { $exercise ->
    [true] Practise: send the correction to { $have }
   *[other] Send the correction to { $have }
}
sure-take-down = Take it down?
sure-take-down-what = What was not sent is not sent, and its banner and status page entries go. { $have } have it, or may have it; what is in mailboxes and on phones stays there.
sure-take-down-more = { $posts ->
    [0] It cannot be put back up. If the text is wrong, send the correction: everybody who has it is told.
   *[other] It cannot be put back up. If the text is wrong, send the correction: everybody who has it is told. Who saw a post that is gone asks what was hidden; who sees a reply knows what is true.
}
sure-down = { $exercise ->
    [true] Practise: take it down
   *[other] Take it down
}
sure-down-delete = { $exercise ->
    [true] Practise: take it down
   *[other] Take it down
}, and delete { $posts ->
    [one] its post
   *[other] its { $posts } posts
}
sure-down-leave = { $exercise ->
    [true] Practise: take it down
   *[other] Take it down
}, and leave { $posts ->
    [one] its post as it is
   *[other] its { $posts } posts as they are
}
sure-reply = { $exercise ->
    [true] Practise: keep
   *[other] Keep
} { $posts ->
    [one] its post
   *[other] its { $posts } posts
}, and reply with the correction (recommended)
sure-delete = Delete its posts?
sure-delete-what = Each post goes from the account that made it, so that replies to it lead nowhere.
sure-delete-what-unsent = Each post goes from the account that made it, so that replies to it lead nowhere. What was not sent is not sent any more.
sure-delete-more = It cannot be undone. Copies that others made stay. Mail and text messages stay with their readers.
sure-delete-button = { $exercise ->
    [true] Practise: delete
   *[other] Delete
} { $posts ->
    [one] its post
   *[other] its { $posts } posts
}
sure-resend = Send again to those who may have it?
sure-resend-what = { $n } may have it already; some of them get it twice.
sure-resend-more = Leaving it as it is means that some of them may never get it.
sure-resend-button = { $exercise ->
    [true] Practise: send again to { $n }
   *[other] Send again to { $n }
}

## One message to one person

delivery-exercise = Exercise
delivery-mail = As a mail program shows it
delivery-the-mail = The mail
delivery-try = { $later ->
    [true] Later, { $at }
   *[other] Try { $number }, { $at }
}
delivery-try-by = { $later ->
    [true] Later, { $at }, by { $provider }
   *[other] Try { $number }, { $at }, by { $provider }
}
delivery-broadcast = How the whole broadcast went

## Sign in

sign_in-title = Sign in · Onevoice
sign_in-heading = Sign in
sign_in-kept = Your session ended, and your words are still here. Sign in, and they go on where they were.
sign_in-email = Mail address
sign_in-password = Password
sign_in-go = Sign in
sign_in-other-site = this form was sent from another site; open the console and sign in there
sign_in-asked-elsewhere = this was asked from another site

## Sign in, second step

sign_in_code-title = Second step · Sign in · Onevoice
sign_in_code-heading = { $app ->
    [true] { $passkeys ->
        [0] Now the code from your phone
       *[other] Now the code from your phone, or your passkey
    }
   *[other] Now your passkey
}
sign_in_code-use-passkey = Use your passkey
sign_in_code-asking = Your device asks you now …
sign_in_code-cancelled = No passkey was given. Try again, or type a code.
sign_in_code-ended = The five minutes are over; start again.
sign_in_code-not-here = Type a code here: { $why }.
sign_in_code-passkeys-need = Passkeys need scripts, and a browser that knows them. Without them, type a code.
sign_in_code-elsewhere = Your passkeys belong to <a>{ $place }</a>. Sign in there, or type a code here.
sign_in_code-app = Code from your authenticator app
sign_in_code-recovery = A recovery code
sign_in_code-app-help = Six digits, a new one every 30 seconds. Phone not here? Type one of your recovery codes.
sign_in_code-recovery-help = For when your passkey is not here: one of the ten that you kept. Each lets you in once.
sign_in_code-go-with-code = Sign in with the code
sign_in_code-again = Start again

## Your second factor

factor-settings = Settings
factor-title = Your second factor
factor-codes-renewed = Your new recovery codes
factor-codes-first = It counts from now on. Keep these recovery codes
factor-codes-help = Each lets you in once when your phone or passkey is not there. <b>They are shown this once:</b> print them, or put them into your password manager.
factor-codes-kept = I have kept them
factor-point = 1. Point your authenticator app at this
factor-which-app = Any app that knows one-time codes will do: 2FAS, Aegis, Google or Microsoft Authenticator, 1Password.
factor-qr = QR code with the same key as below
factor-type-key = No camera? Type this key:
factor-prove = 2. Prove that it works
factor-digits = The six digits that it shows
factor-password = Your password, again
factor-confirm = Use it from now on
factor-another-key = Make another key
factor-required = <b>Approvals take a second factor here.</b> Set one of these up; it takes a minute.
factor-none = Only your password protects you. With a second factor, somebody who learns it still cannot sign in or approve in your name.
factor-passkeys = Passkeys
factor-passkeys-help = This device’s fingerprint, face or PIN, or a security key, in place of a code. There is nothing to type, and a site that only looks like this one cannot ask for it.
factor-passkey-name = Name
factor-passkey-added = Added
factor-passkey-used = Last used
factor-passkey-unused = not yet
factor-remove-one = Remove { $name }
factor-remove = Remove
factor-remove-proof = { $app ->
    [true] To remove one, a code from your phone
   *[other] To remove one, a recovery code
}
factor-or-passkey = or leave it empty: a passkey is asked for
factor-asking = Your device asks you now …
factor-cancelled = No passkey was given, and nothing was changed. Try again, or type a code.
factor-ended = Your session ended; reload the page.
factor-passkeys-need = Passkeys need scripts, and a browser that knows them. An authenticator app works everywhere.
factor-elsewhere = Passkeys belong to the console’s own address. Open <a>{ $place }</a> to add one.
factor-another = Another one
factor-name = A name for it
factor-name-example = My laptop
factor-add-another = Add another passkey
factor-add = Add a passkey
factor-not-made = No passkey was made. Try again, or take another device.
factor-known = This device or key has a passkey of yours already.
factor-app-counts = An authenticator app counts
factor-app-when = You are asked for its code when you sign in and at each approval.
factor-code = A code from your phone, or a recovery code
factor-renew = Make ten new recovery codes
factor-app-off = Turn the app off
factor-app = Authenticator app
factor-app-help = An app on your phone that shows six digits, a new number every 30 seconds. It works in every browser.
factor-app-begin = Set up an authenticator app
factor-recovery-codes = Recovery codes
factor-recovery-code = A recovery code
factor-left = { $n ->
    [0] <b>No recovery code is left;</b> make new ones.
    [one] { $n } recovery code is left.
   *[other] { $n } recovery codes are left.
}
factor-lost-phone = Lost the phone and the codes? Another administrator can take the second factor away, and you set it up again.
factor-lost-passkeys = Lost your passkeys and the codes? Another administrator can take the second factor away, and you set it up again.
factor-needs-scripts = a passkey needs scripts; allow them here, or set up an app

## Words that a session’s end did not lose

carry_on-title = Your words are still here
carry_on-help = Your session ended before this was sent. Nothing of it was saved yet.
carry_on-go = Go on where I was
carry_on-drop = Drop it

## What was refused

refused-unchanged = Nothing was changed.
refused-back = Back to Now
refused-file-elsewhere = this file was sent from another site; open the console and send it from there
refused-form-elsewhere = this form was sent from another site; open the console and send it from there
refused-form-large = this form has at most { $megabytes } MB
refused-form-of-another = this form does not belong to your session; go back, reload the page and send it again
refused-no-form = there is no form in this request
refused-no-button = there is no button { $name } here
# Between the items of a list.
join-comma = ,{" "}

## People

people-title = People
people-whole = The whole list
people-count = { $n ->
    [one] { $n } person on the list
   *[other] { $n } people on the list
}
people-as-of = as of { $time }
people-add = Add somebody
people-import = Import
people-segments = Who gets it
people-find = Find somebody
people-find-by = name, customer number, mail address or phone number
people-find-go = Find
people-who = Who
people-customer = Customer
people-addresses = Addresses
people-more = There may be more: type more of the name or number.
people-nobody = Nobody is found. Names, addresses and numbers are matched from the beginning of a word.
people-what = What did they get?
people-what-help = Find somebody to read every message that they got, word for word, with when and how it arrived.
people-empty = The list is empty.
people-import-it = Import it

## One of the people

person-customer = Customer { $id }
person-reads = reads { $language }
person-as-of = as of { $time }
person-edit = Edit
person-addresses = Addresses
person-may = may be written to
person-stopped = { $forever ->
    [true] Must not be written to: { $reason }, since { $since }, by { $by }.
   *[other] Must not be written to: { $reason }, since { $since }, until { $until }, by { $by }.
}
person-note = “{ $note }”
person-lift = Write to it again…
person-stop = Do not write to it any more…
person-lift-why = Why is it right to write to it again?
person-stop-why = Who asked for it, and when?
person-reason = Reason, for the record
person-lift-go = Write to it again
person-stop-go = Do not write to it any more
person-no-address = No address: this person gets nothing.
person-known = What is known
person-subscribed = Subscribed on the status page
person-subscribed-how = { $code ->
    [true] Confirmed { $at } by the code in a text, in { $language }. They agreed to:
   *[other] Confirmed { $at } by the link in a mail, in { $language }. They agreed to:
}
person-every-component = all
person-tags = tags
person-components = services
person-messages = What they were sent
person-no-message = Nothing was ever sent to them.
person-more = These are the latest; older ones are in the record.
person-no-such-address = this person has no such address
person-message = { $what } { $number }

## Add or edit a person

person_edit-title-edit = Edit a person
person_edit-title-add = Add a person
person_edit-back = Back to the person
person_edit-people = People
person_edit-import-wins = an import that replaces the list writes over what is changed here
person_edit-customer = Customer number
person_edit-customer-hint = your own, for life
person_edit-known = Edit them
person_edit-name = Name
person_edit-email = Mail addresses
person_edit-email-hint = one a line
person_edit-sms = Mobile numbers
person_edit-sms-hint = one a line, with +
person_edit-locale = Language
person_edit-time-zone = Time zone
person_edit-time-zone-hint = like { $zone }
person_edit-components = What they use
person_edit-with-commas = with commas between
person_edit-tags = Tags
person_edit-attributes = What else is known
person_edit-attributes-hint = one a line: plan = pro
person_edit-save = Save
person_edit-add = Add this person
person_edit-sure = Yes, this one
person_edit-remove = Remove from the list
person_edit-remove-help = Who is removed gets nothing any more. What they were sent stays in the record without their name.
person_edit-may-not = Somebody who writes can do this.
person_edit-number-taken = somebody has this customer number already; find and edit them, or give another number
person_edit-not-sure = tick the box beside the button to remove this person
person_edit-attributes-wrong = write one a line, as name = value: plan = pro

## Who gets it

segments-title = Who gets it
segments-count = { $n ->
    [one] { $n } person on the list
   *[other] { $n } people on the list
}
segments-find = Find somebody
segments-new = Name a new group
segments-name = Name
segments-filter = Who is in it
segments-people = People now
segments-none = Everyone gets everything so far
segments-none-help = Name a group, and an update can say something different to it: those who are affected, and those who are not.
segments-first = Name the first group

## One group of people

segment-new = A new group
segment-all = Who gets it
segment-saved = saved { $time }
segment-unsaved = not saved yet
segment-name = Name
segment-name-example = Payments in Europe
segment-filter = Who is in it
segment-join-all = Everyone for whom all of these are true
segment-join-any = Everyone for whom any of these is true
segment-condition = Condition { $n }
segment-condition-field = Condition { $n }: what is looked at
segment-choose = Choose …
segment-choose-people = { $n ->
    [one] ({ $n } person)
   *[other] ({ $n } people)
}
segment-condition-how = Condition { $n }: how it compares
segment-condition-value = Condition { $n }: value
segment-condition-drop = Take out condition { $n }
segment-drop = Take out
segment-add = Add a condition
segment-filter-hint = words over what is known of people
segment-look = Count it, do not save
segment-as-text = Write it as text
segment-as-rows = Choose in a form
segment-save = Save this group
segment-delete = Delete it
segment-try = Try it on people
segment-who = Somebody you know
segment-who-hint = name, customer number, address; empty: some of each
segment-try-go = Try it
segment-missing = there is no such segment
segment-never-saved = it was never saved

## A group: the values that there are

segment_values-people = { $n ->
    [one] { $n } person
   *[other] { $n } people
}
segment_values-among = Among { $n } of { $of } people:

## A group: as text

segment_text-as = As text:
segment_text-more = It says more than the form can show, so it is written as text.

## A group: how many are in it

segment_count-unfinished = Not finished yet: it cannot be counted.
segment_count-people = { $n ->
    [one] { $n } person
   *[other] { $n } people
}
segment_count-everyone = everyone, as of now
segment_count-now = as of now
segment_count-unreached = { $n ->
    [one] { $n } of them has no address that may be written to
   *[other] { $n } of them have no address that may be written to
}

## A group: tried on people

segment_tried-nobody = Nobody is found. Names, addresses and numbers are matched from the beginning of a word.
segment_tried-in = in it
segment_tried-out = not in it
segment_tried-why = { $nothing ->
    [true] <code>{ $condition }</code> does not hold; they have nothing there
   *[other] <code>{ $condition }</code> does not hold; they have: <b>{ $theirs }</b>
}

## Channels

channels-title = Channels
channels-help = Who carries what, and how they do. Sign-ins are checked every day.
channels-routes = How customers reach us
channels-components = Parts of our service
channels-outbox = Outbox
channels-webhooks = Webhooks
channels-lost = The connection is lost; these numbers may be old. It catches up by itself.
channels-reload = Reload the page to see how it goes on.

## Channels: how each does

channels_live-unwritable = Outcomes cannot be written down at the moment, so nothing is sent. Look at the disk.
channels_live-by = by { $name } ({ $kind })
channels_live-own = Onevoice serves it itself
channels_live-stays = stays in the house
channels_live-now = { $rate } a second now
channels_live-nothing-now = Nothing goes just now
channels_live-wait = { $n ->
    [one] { $n } waits
   *[other] { $n } wait
}
channels_live-rate = at most { $rate } a second
channels_live-no-rate = as fast as it takes them
channels_live-share = carries { $percent } % of the { $channel }
channels_live-ends = { $over ->
    [true] It ended { $time } ({ $away }).
   *[other] It ends { $time } ({ $away }).
}
channels_live-wrong = What went wrong, last { $time }
channels_live-trouble = { $often ->
    [true] <b>{ $what }</b>, { $times } times since { $since }, last { $away }
   *[other] <b>{ $what }</b>, { $away } ({ $at })
}
channels_live-own-words = Its own words
channels_live-limits = Limits
channels_live-limit = { $rate } a second, { $burst } at once
channels_live-no-limit = No limit of messages a second
channels_live-domain = { $rate } a second to one mail domain
channels_live-connections = { $n ->
    [one] { $n } connection
   *[other] { $n } connections
}
channels_live-receipts = It reports what arrived
channels_live-no-receipts = It does not report what arrived
channels_live-last-check = The last check said: <code>{ $detail }</code>
channels_live-test-failed = <b>Your test of { $time } did not go:</b> { $why }.
channels_live-test-went = <b>Your test went to { $to } at { $time }.</b>
channels_live-test-look = Look there whether it arrived.
channels_live-test-stays = It stays in the house, so nothing arrives: this supplier only stands for a real one.
channels_live-check-one = Check now: the sign-in of { $name }
channels_live-check = Check now
channels_live-test-one = Send a test to me by { $name }
channels_live-test = Send a test to me
channels_live-no-phone = No test: your phone number is not entered under <a>Settings</a>.
channels_live-no-test = No test: customers would see it at once. Practise instead.
channels_live-none = Nothing can be sent yet
channels_live-none-help = No channel is configured. Whoever runs Onevoice adds a [[provider]] to the configuration: a mail relay, an SMS gateway, an account.
# Why a test did not go.
channels_live-test-busy = it is busy or pausing; try again in a minute
channels_live-test-in-doubt = it gave no answer; the test may have arrived
# What happens with a supplier, and what happens next.
channels_live-tries-at = Nothing is tried until { $time }, then one message to see.
channels_live-tries-now = One message is on its way, to see whether it works again.
channels_live-waits-until = Waits until { $time }.
channels_live-slowed = { $rising ->
    [true] It asked us to go slower: { $rate } a second for now, rising by itself.
   *[other] It asked us to go slower: { $rate } a second for now.
}
channels_live-moved = { $broken ->
    [true] { $name } does not answer; { $ways }.
   *[other] { $name } is slow; { $ways }.
}
channels_live-moved-to = { $percent } % now go by { $name }
channels_live-unchecked = Not checked yet: this happens by itself, half a minute after the start.
channels_live-needs-none = Needs no sign-in.
channels_live-accepted = Sign-in accepted, { $away }.
channels_live-checked = { $what }, { $away }.
# A channel in few words.
channels_live-chip-several = { $channel } ({ $name })
channels_live-chip-ends = { $channel } sign-in ends { $away }
channels_live-chip-tries-at = { $channel }: nothing is tried until { $time }
channels_live-chip = { $channel }: { $what }
channels_live-chip-moved = { $broken ->
    [true] { $channel }: { $name } does not answer; { $ways }
   *[other] { $channel }: { $name } is slow; { $ways }
}

## How customers reach us

routes-title = How customers reach us
routes-help = The contact routes. They stand in every text and on the status page; while one is overloaded, on the banner too.
routes-new = Another way
routes-wording = { $overloaded ->
    [true] Customers read now: “{ $wording }”
   *[other] While it is overloaded it says: “{ $wording }”
}
routes-no-wording = No words are approved for while it is overloaded.
routes-missing = Not written in: { $languages }
routes-is-overloaded = overloaded now
routes-free = It is fine again
routes-overload = Overloaded now
routes-change-one = Change { $name }
routes-change = Change
routes-overload-help = “Overloaded now” is one click by one person, and one click takes it back. The banner and the status page change at once, and so does what is written from then on. What was sent for approval or goes out does not change; whoever is asked to approve it is told.
routes-none = Nobody knows how to reach you yet
routes-none-help = Add the phone number for what is urgent first, then another way for everything else.
routes-first = Add the first way
routes-no-such = there is no such contact route

## A contact route

route_edit-title-change = Change a contact route
route_edit-all = How customers reach us
route_edit-change = Change “{ $name }”
route_edit-new = Another way to reach us
route_edit-how = How?
route_edit-how-hint = phone number, mail address or https address
route_edit-place = Place in the list
route_edit-need = What is it best for?
route_edit-need-example = Urgent payments
route_edit-label = What is it called?
route_edit-may-stay-empty = may stay empty
route_edit-label-example = Chat
route_edit-hours = When does somebody answer?
route_edit-hours-example = 8–20 h
route_edit-wording = What is said while it is overloaded?
route_edit-wording-example = Many are calling; the chat is faster
proposal-alone = There is only you, so it counts at once. As soon as a second person is added, every change takes two people.
route_edit-two = It counts once somebody else who approves has read it. Its words for while it is overloaded are approved with it, so that one click is enough then.
proposal-save = Save it
proposal-propose = Propose it
route_edit-remove = Remove it
route_edit-remove-help = New messages and the status page name it no more. What was sent keeps it.
proposal-remove-now = Remove it
proposal-propose-removal = Propose to remove it

## Parts of our service

components-title = Parts of our service
components-help = As customers know them: an update says which of them it is about, and the status page how each does.
components-new = Another part
components-change-one = Change { $name }
components-change = Change
components-how-they-do = How a part does is said by an update, never here.
components-none = No part of your service has a name yet
components-none-help = Name what customers use, in their words: “Card payments”, not “auth-gw-2”. Three to ten are enough.
components-first = Name the first part

## A part of our service

component_edit-title-change = Change a part of our service
component_edit-all = Parts of our service
component_edit-change = Change “{ $name }”
component_edit-new = Another part of our service
component_edit-name = Name
component_edit-name-hint = as customers know it
component_edit-name-example = Card payments
component_edit-description = What is it?
component_edit-may-stay-empty = may stay empty
component_edit-group = Heading
component_edit-place = Place in the list
component_edit-two = It counts once somebody else who approves has read it.
component_edit-remove = Remove it
component_edit-remove-help = The status page names it no more, and segments that ask for it find nobody by it.
component_edit-missing = there is no such component

## What is proposed

proposal-heading = { $what }: { $noun } “{ $name }”
proposal-by = by { $name }, { $away }
proposal-remove = Remove
proposal-new = New
proposal-change = Change
proposal-operator = the operator
proposal-route = It stands in every new message and on the status page as soon as it counts. What was submitted does not change.
proposal-component = It stands on the status page as soon as it counts. How it does stays as updates have said.
proposal-accept = Make it count
proposal-take-back = Take it back
proposal-decline = Decline it
proposal-waits-for-another = It waits for somebody else who approves.
proposal-waits = It waits for somebody who approves.

## Outbox

outbox-title = Outbox
outbox-help-exercise = What customers would have got in exercises, and did not.
outbox-help = What stayed in the house: exercises, and suppliers that keep messages here. As its readers would see it.
outbox-all = All channels
outbox-more = More
outbox-exercise = Exercise
outbox-subscribe = About subscribing
outbox-mail = Mail to { $address }
outbox-plain = As plain text
outbox-none = Nothing yet
outbox-none-help = Practise once: every mail, text message, post and banner of an exercise lands here, and nowhere else.
outbox-practise = Practise (nothing is sent)
outbox-no-message = there is no such message
outbox-no-mail = this message is no mail

## Settings

settings-title = Settings
settings-who = Signed in as { $name } ({ $email }), who { $role }
settings-sign-out = Sign out
settings-factor = Your second factor
settings-factor-on = You are asked for it when you sign in and at each approval.
settings-factor-off = None: only your password protects you.
settings-factor-change = Passkeys, app and recovery codes
settings-factor-set-up = Set it up
settings-own = Your password and sessions
settings-own-help = Another password, and where you are signed in.
settings-own-change = Change, or see them
settings-duty = On duty
settings-duty-nobody = <b>Nobody is on duty now.</b> What waits for an approval stands under Approvals, and nobody is called.
settings-duty-help = Called when something waits for an approval: by mail, then by text, then the next one, { $n } min apart, until somebody opens it.
settings-duty-order = Order
settings-duty-who = Who
settings-duty-from = From
settings-duty-until = Until
settings-duty-now = now
settings-duty-remove-one = Take { $name } off duty
settings-duty-remove = Take off
settings-duty-more = Put somebody on duty
settings-duty-who-hint = those who may approve
settings-duty-place = Called as number
settings-duty-add = Put on duty
settings-colleagues = Colleagues
settings-you = { $name } (you)
settings-signs-for = signs for { $what }
settings-no-phone = no phone
settings-no-factor = no second factor
settings-no-access = no access any more
settings-name = Name
settings-phone = Phone
settings-phone-hint = texted when an approval waits
settings-role = What may they do?
settings-signs = Reads and signs for
settings-save = Save
settings-reset = Take the second factor away
settings-deactivate = Take access away
settings-activate = Give access again
settings-new-password = New password
settings-set-password = Set it, and sign them out
settings-another = Another colleague
settings-email = Mail address
settings-may-stay-empty = may stay empty
settings-first-password = First password
settings-password-length = 12 characters or more
settings-add = Add them
settings-sign-offs = Sign-offs
settings-sign-offs-help = These have to be read and signed before an update can be approved.
settings-sign-off-who = Who signs
settings-sign-off-kinds = For
settings-sign-off-severities = Severity
settings-no-sign-off = Nobody but an approver has to read an update. A legal reader, for one, is asked for under <code>approval.sign_off</code> in the configuration.
settings-every-kind = every kind
settings-every-severity = every severity
settings-choose-role = choose what they may do
settings-no-person = there is no such person
settings-own-access = nobody changes their own access; ask another administrator

## Your password and sessions

own-settings = Settings
own-title = Your password and sessions
own-another = Another password
own-password = Your password of now
own-new-password = The new one
own-password-length = 12 characters or more
own-change = Change it, and sign out elsewhere
own-sessions = Where you are signed in
own-here = Here
own-elsewhere = Somewhere else
own-session = since { $began }, last used { $used }
own-others-help = Do you not know one of them? End them, and change your password.
own-end-others = Sign out everywhere else
own-no-others = Nowhere else. A session ends by itself after eight hours without use, and after a day in any case.
own-changed = Your new password counts. Wherever else you were signed in, you are asked for it.
own-ended = You are signed in here, and nowhere else.

## What people wrote back

replies-heading = What people wrote back
replies-sub = Answers to text messages, as they came. Each is forgotten after { $days ->
    [one] a day
   *[other] { $days } days
}.
replies-help-desk = They are handed on to { $to } too.
replies-everything = Every reply
replies-open = { $n ->
    [0] Nothing to see to
   *[other] { $n } to see to
}
replies-none-open = Somebody has seen to each of them.
replies-none = Nobody has written back yet. What people answer to a text message stands here, with the incident it is about.
replies-many = There are more; they come up as you see to these.
replies-done = Seen to
replies-earlier = Earlier ones
replies-latest = Back to the latest
# In place of a number.
replies-erased = Somebody whose data was erased
# $to is our number.
replies-to = { $channel } to { $to }
replies-stray = had got no message of ours
replies-stop = They asked for no more messages, and get none.
replies-start = They asked for messages again, and get them.
replies-help = They asked who writes.
replies-answered = They were answered.
replies-answer-waits = The answer is on its way.
replies-answer-failed = The answer could not be sent.
replies-forwarded = Handed on to { $to }.
replies-on-its-way = On its way to { $to }.
replies-not-forwarded = It could not be handed on to { $to }: see to it here.
replies-handled = Seen to by { $name }, { $at }.
replies-handle = I have seen to it
replies-open-again = Open it again
replies-count = { $n ->
    [one] 1 reply
   *[other] { $n } replies
}
# Behind the number of replies.
replies-count-open = , { $n } to see to

## Who may see an incident

incident_who-title = Who may see it
incident_who-restricted = Restricted
incident_who-only = Only the people ticked here. Nobody else finds it: not here, not in mails, not by a program. It stays off the status page and the banner.
incident_who-second-person = It cannot be approved yet: it takes a second person who approves. Name one here.
incident_who-sign-offs = Nobody named here signs for { $what }.
incident_who-on-duty = No approver who is on duty is named: nobody is called when it waits for a yes.
incident_who-everybody = Everybody who has access to Onevoice.
incident_who-named = Named people
incident_who-you = { $name } (you)
incident_who-named-by = named by { $name }, { $time }
incident_who-save = Save who may see it
incident_who-open = Show it to everybody again
incident_who-open-help = Shown again, what was sent to the status page and the banner stands there again too.
incident_who-restrict = Let only some people see it
incident_who-restrict-help = You are one of them. It also leaves the status page and the banner at once, if it stands there.
incident_who-besides = And besides you
incident_who-restrict-go = Let only these people see it
incident_who-names-nobody = the form names nobody

## Restricted incidents that an administrator does not see

hidden-title = Restricted incidents that you do not see
hidden-help = Only named people see them. Where nobody is left who can go on, name a colleague, or yourself. Those who see it read that you did.
hidden-number = Number { $id }
hidden-opened = opened { $time }
hidden-people = { $n ->
    [one] { $n } person sees it
   *[other] { $n } people see it
}
hidden-who = Who may see number { $id }
hidden-name-one = Let them see number { $id }
hidden-name = Let them see it

## Proving, at a yes, that it is you

proof-no-factor = Approvals take a second factor here, and you have none. <a>Set one up</a>; it takes a minute.
proof-code = Code from your phone
proof-recovery-code = A recovery code
proof-code-or-passkey = or leave it empty: your passkey is asked for
proof-passkey-asking = Your device asks you now …
proof-passkey-cancelled = No passkey was given, and nothing was sent. Try again, or type a code.
proof-passkey-ended = Your session ended. Sign in again in another tab, and come back.
proof-passkey-not = Type a code here: { $why }.
proof-passkey-scripts = Passkeys need scripts, and a browser that knows them. Without them, type a code.
proof-passkey-elsewhere = Your passkeys belong to <a>{ $origin }</a>. Approve there, or type a code here.
proof-password = Your password, again

## Programs that are told what happens

webhooks-title = Webhooks
webhooks-help = Programs that are told what happens. Their addresses and keys stand in the configuration. Events are kept for { $days ->
    [one] a day
   *[other] { $days } days
}.
webhooks-channels = Channels
webhooks-none = No program is told
webhooks-none-hint = A ticket system or a chat bot can hear when an incident opens, an update goes out or a promise is missed: [[webhooks.endpoint]] in the configuration says which.
endpoint-well = on
endpoint-failing = takes nothing now
endpoint-off = switched off
webhooks-told-all = Is told everything
webhooks-told = Is told
webhooks-exercises = practice too
webhooks-restricted = restricted incidents too
webhooks-off = { $gone ->
    [true] Switched off { $time }, because it answered that it is gone.
   *[other] Switched off { $time }, because it took nothing for days.
} What happens waits for it until somebody switches it on.
webhooks-failing = It has taken nothing since { $time }. Each event is tried again for three days.
webhooks-taken = Last took one { $time }
webhooks-none-taken = Has taken none yet
webhooks-waiting = { $n ->
    [one] 1 waits
   *[other] { $n } wait
}
webhooks-failed = { $n ->
    [one] 1 was given up
   *[other] { $n } were given up
}
webhooks-trouble = What the last call came to
webhooks-enable = Switch it on
webhooks-test = Send a test
webhooks-latest = The latest events
webhooks-incident = incident { $n }
event-waiting = waits
event-delivered = taken
event-failed = given up
webhooks-attempts = { $n ->
    [one] after 1 try
   *[other] after { $n } tries
}
webhooks-next = next { $time }
webhooks-again = Send again
webhooks-again-one = Send { $what } of { $time } again
