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
nowhere = there is no page at this address; it may have been cut short when it was copied
