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

## — K3 —

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
