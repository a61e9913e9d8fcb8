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
channel-banner = Website banner
channel-status_page = Status page

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
due-start = Starts
due-approval = Approval runs out
due-maintenance = Planned work
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
layout-routes = Contact routes
layout-prepared = Prepared messages
layout-settings = Settings
layout-status-page = Status page, as customers see it
bare-back = To the console

## — K2 —

## Words of many pages

button-save = Save
button-undo = Undo
# Between the members of a list, and before the last one where it is said so.
list-comma = ,{" "}
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
write-who = Who gets it
write-who-is = { $several ->
    [true] Who is “{ $name }”?
   *[other] People
}
write-everyone = { $several ->
    [true] Everyone else
   *[other] Everyone
}
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
write-together-hint = The correction goes to exactly those who have this text, if it turns out wrong. “No news yet” is approved with it; for now nothing sends it by itself.

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
approve-together = Approved together with it
approve-correction = The correction
approve-correction-hint = If it turns out wrong, { $by } or any approver may send this alone, to exactly those who have it.
approve-holding = If there is no news
approve-holding-by = If there is no news by { $at }
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
approve-no-factor = Approvals take a second factor here, and you have none. <a>Set one up</a>; it takes a minute.
approve-code = Code from your phone
approve-recovery-code = A recovery code
approve-code-or-passkey = or leave it empty: your passkey is asked for
approve-passkey-asking = Your device asks you now …
approve-passkey-cancelled = No passkey was given, and nothing was sent. Try again, or type a code.
approve-passkey-ended = Your session ended. Sign in again in another tab, and come back.
approve-passkey-not = Type a code here: { $why }.
approve-passkey-scripts = Passkeys need scripts, and a browser that knows them. Without them, type a code.
approve-passkey-elsewhere = Your passkeys belong to <a>{ $origin }</a>. Approve there, or type a code here.
approve-password = Your password, again
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
