"""The whole call, top to bottom, in the order a caller meets it.

What each node says is in prompts/ (and, for clinical sentences, in the clinic's own content);
what a Do runs is in actions/. Urgent words ("nurse", "emergencia", …) lead to URGENT from every
prompt and `0` leads to PERSON; neither is repeated below. `callnow flow` draws this file.
"""

from __future__ import annotations

from ivr.call.nodes import (
    AGAIN,
    BACK,
    MEANT,
    STAFF_FACT,
    Ask,
    Choice,
    Do,
    Entry,
    Flow,
    Hangup,
    Intent,
    Limit,
    Menu,
    Queue,
    Transfer,
)

GREETING = (
    Menu(
        "main",
        (
            Choice("1", "urgent", "urgent"),
            Choice("2", "appointments", "appointments"),
            Choice("3", "about", "about"),
            Choice("4", "hours", "hours"),
            Choice("5", "staff", "staff", needs=STAFF_FACT),
            Choice("9", "spanish", "main", language="es"),
            Choice("9", "english", "main", language="en"),
        ),
        open=True,
    ),
)

# The ticket is stored before the first ring, and hanging up never closes it.
URGENT = (
    Do(
        "urgent",
        "open_ticket",
        {
            "unknown": "urgent_about",
            "known": "urgent_next",
            "danger": "urgent_danger",
            "accepted": "urgent_again",
        },
        speaks=True,
    ),
    # Triage, once, and it only raises: whoever says nothing, or nothing we know, is rung for.
    Menu(
        "urgent_about",
        (
            Choice("1", "danger", "urgent_danger", facts={"category": "danger"}),
            Choice("2", "alarm", "urgent_known", facts={"category": "alarm"}),
            Choice("3", "symptom", "urgent_known", facts={"category": "symptom"}),
            Choice("4", "question", "urgent_question", facts={"category": "question"}),
        ),
        on_silence="urgent_next",
        on_confusion="urgent_next",
        zero="urgent_next",
        after_tries="urgent_next",
    ),
    # "Hang up now and call 911", twice; who stays on the line is connected all the same.
    Do("urgent_danger", "classify", {"classified": "urgent_next"}, speaks=True, again_after=3),
    Do("urgent_known", "classify", {"classified": "urgent_next"}),
    Do("urgent_question", "find_callback_time", {"found": "same_day", "none": "urgent_next"}),
    Menu(
        "same_day",
        (Choice("1", "now", "urgent_next"), Choice("2", "wait", "leave_to_desk")),
        on_silence="urgent_next",
        on_confusion="urgent_next",
        zero="urgent_next",
        after_tries="urgent_next",
    ),
    Do(
        "leave_to_desk",
        "leave_to_desk",
        {"left": "same_day_promised", "no_number": "same_day_number", "urgent": "urgent_next"},
    ),
    Ask("same_day_number", Entry.PHONE, "leave_to_desk", after_tries="urgent_next"),
    Hangup("same_day_promised", promises=True),
    # The plan's people, one after the other.
    Do(
        "urgent_next",
        "ring_next_on_call",
        {
            "ring": "urgent_ring",
            "taken": "urgent_number",
            "everybody": "urgent_everybody",
            "nobody": "urgent_waiting",
        },
        limit=Limit(8, "urgent_number"),
    ),
    Transfer(
        "urgent_ring",
        answered="urgent_outcome",
        no_answer="urgent_next",
        busy="urgent_next",
        failed="urgent_next",
        whisper=True,
    ),
    # A finished Dial proves only that a phone was picked up, maybe by its voicemail.
    Do(
        "urgent_outcome",
        "was_accepted",
        {"accepted": "urgent_done", "taken": "urgent_number", "not_accepted": "urgent_next"},
    ),
    # Everybody's phone is called at once, each by a call of its own: the key that accepts fetches
    # the caller from here, so that one voicemail cannot win.
    Queue("urgent_everybody", bridged="urgent_bridged", left="urgent_left"),
    Do(
        "urgent_bridged",
        "was_connected",
        {"accepted": "urgent_done", "not_accepted": "urgent_next"},
    ),
    Do(
        "urgent_left",
        "left_the_queue",
        {"taken": "urgent_number", "called": "urgent_waiting", "not_called": "urgent_reopen"},
        limit=Limit(2, "urgent_waiting"),
    ),
    Menu(
        "urgent_again",
        (
            Choice("1", "ring", "urgent_reopen"),
            Choice("2", "main", "main"),
        ),
        on_silence="urgent_reopen",
        after_tries="urgent_reopen",
    ),
    Do("urgent_reopen", "ring_again", {"again": "urgent_next", "taken": "urgent_number"}),
    Menu(
        "urgent_waiting",
        (
            Choice("1", "ring", "urgent_reopen"),
            Choice("2", "number", "urgent_ask_number"),
        ),
        on_silence="urgent_number",
        after_tries="urgent_number",
    ),
    # Where somebody accepted when a page called them, they call back: all that is left is where.
    Do(
        "urgent_number",
        "promise_urgent_callback",
        {"known": "urgent_promised", "unknown": "urgent_ask_number"},
        limit=Limit(3, "urgent_no_number"),
    ),
    Ask("urgent_ask_number", Entry.PHONE, "urgent_keep_number", after_tries="urgent_no_number"),
    Do("urgent_keep_number", "keep_urgent_number", {"kept": "urgent_promised"}),
    Hangup("urgent_promised", promises=True),
    Hangup("urgent_no_number", promises=True),
    Hangup("urgent_done"),
)

SLOTS = (
    Choice("1", "first", "hold_slot", facts={"chosen": "1"}, needs="slot_1"),
    Choice("2", "second", "hold_slot", facts={"chosen": "2"}, needs="slot_2"),
    Choice("3", "third", "hold_slot", facts={"chosen": "3"}, needs="slot_3"),
    Choice("4", "another", "other_times"),
)

FROM_THE_START = {"wish_from": "", "wish_until": "", "wish_part": ""}

# What may be said wherever slots are read out, beside days ("anything on Friday?").
IN_WORDS = (
    Intent("later", "later_slots"),
    Intent("earlier", "find_slots", facts=FROM_THE_START),
    Intent("other_times", "other_times"),
)

BOOK_CONSULTATION = (
    Menu(
        "appointments",
        (
            Choice("1", "book", "ask_name"),
            Choice("2", "other", "person"),
            Choice("3", "main", "main"),
        ),
        open=True,
    ),
    Ask(
        "ask_name",
        Entry.NAME,
        "confirm_name",
        skip=Choice("1", "skip", "ask_birth", facts={"name": ""}),
    ),
    Menu(
        "confirm_name",
        (Choice("1", "yes", "ask_birth"), Choice("2", "no", "ask_name")),
    ),
    Ask("ask_birth", Entry.DATE_OF_BIRTH, "confirm_birth"),
    Menu(
        "confirm_birth",
        (Choice("1", "yes", "own_number"), Choice("2", "no", "ask_birth")),
    ),
    Do("own_number", "offer_own_number", {"known": "confirm_own", "unknown": "ask_number"}),
    Menu(
        "confirm_own",
        (Choice("1", "yes", "find_slots"), Choice("2", "no", "ask_number", facts={"phone": ""})),
    ),
    Ask("ask_number", Entry.PHONE, "confirm_number"),
    Menu(
        "confirm_number",
        (Choice("1", "yes", "find_slots"), Choice("2", "no", "ask_number", facts={"phone": ""})),
    ),
    Do("find_slots", "find_slots", {"found": "offer_slots", "none": "no_slots"}),
    Menu(
        "offer_slots",
        SLOTS,
        wait_seconds=10,
        needs="slot_1",
        by_date="find_wished",
        said=IN_WORDS,
    ),
    Do("later_slots", "find_later_slots", {"found": "offer_slots", "none": "no_later_slots"}),
    Menu(
        "no_later_slots",
        (
            Choice("1", "earlier", "find_slots", facts=FROM_THE_START),
            Choice("2", "day", "ask_day"),
            Choice("3", "desk", "person"),
        ),
        by_date="find_wished",
    ),
    # Another time than those read out, by key; by voice it can be said at once.
    Menu(
        "other_times",
        (
            Choice("1", "later", "later_slots"),
            Choice("2", "earlier", "find_slots", facts=FROM_THE_START),
            Choice("3", "part", "part_of_day"),
            Choice("4", "day", "ask_day"),
        ),
        needs="slot_1",
        by_date="find_wished",
    ),
    Menu(
        "part_of_day",
        (
            Choice("1", "mornings", "find_wished", facts={"wish_part": "1", "date": ""}),
            Choice("2", "afternoons", "find_wished", facts={"wish_part": "2", "date": ""}),
            Choice("3", "any", "find_wished", facts={"wish_part": "", "date": ""}),
        ),
        by_date="find_wished",
    ),
    Ask("ask_day", Entry.DATE, "find_wished"),
    Do(
        "find_wished",
        "find_wished",
        {
            "found": "offer_slots",
            "which": "which_day",
            "nearest": "nearest_slots",
            "none": "no_slots",
        },
    ),
    # "Next Tuesday" may be this week's or the one after: nobody can know but the caller.
    Menu(
        "which_day",
        (
            Choice("1", "first", "find_wished", facts={"which_day": "1"}),
            Choice("2", "second", "find_wished", facts={"which_day": "2"}),
            Choice("3", "other", "ask_day"),
        ),
        needs="day_1",
        by_date="find_wished",
    ),
    Menu(
        "nearest_slots",
        (*SLOTS[:2], Choice("3", "another", "other_times")),
        wait_seconds=10,
        needs="slot_1",
        by_date="find_wished",
        said=IN_WORDS,
    ),
    # From here the slot is theirs: the hold lasts while they listen, and ends if they hang up.
    Do(
        "hold_slot",
        "hold_slot",
        {"held": "read_back", "taken": "slot_taken", "none": "no_slots"},
    ),
    Menu(
        "slot_taken",
        SLOTS,
        wait_seconds=10,
        needs="slot_1",
        by_date="find_wished",
        said=IN_WORDS,
    ),
    Menu(
        "read_back",
        (Choice("1", "book", "book"), Choice("2", "other", "find_slots")),
        needs="hold_id",
    ),
    Do(
        "book",
        "book",
        {"booked": "booked", "taken": "slot_taken", "none": "no_slots", "full": "no_more_bookings"},
    ),
    Menu(
        "booked",
        (Choice("1", "repeat", "booked"), Choice("2", "main", "main")),
        on_silence="goodbye",
        open=True,
    ),
    Menu("no_slots", (Choice("1", "callback", "leave_number"), Choice("2", "main", "main"))),
    Menu(
        "no_more_bookings",
        (Choice("1", "callback", "leave_number"), Choice("2", "main", "main")),
    ),
)

ABOUT_THE_PUMP = (
    Menu(
        "about",
        (
            Choice("1", "facts", "about_facts"),
            Choice("2", "book", "ask_name"),
            Choice("3", "main", "main"),
        ),
        open=True,
    ),
    Menu(
        "about_facts",
        (
            Choice("1", "overview", "about"),
            Choice("2", "book", "ask_name"),
            Choice("3", "main", "main"),
        ),
        open=True,
    ),
)

HOURS = (
    Menu(
        "hours",
        (Choice("1", "book", "ask_name"), Choice("2", "main", "main")),
        open=True,
    ),
)

# Asking for a person always says first: "if this is urgent, press 1 now".
PERSON = (
    Menu(
        "person",
        (
            Choice("1", "urgent", "urgent"),
            Choice("2", "desk", "desk"),
            Choice("3", "clinician", "urgent", facts={"category": "clinician"}),
        ),
        on_silence="desk",
        after_tries="desk",
    ),
    Do("desk", "is_desk_open", {"open": "ring_desk", "closed": "desk_closed"}),
    Transfer(
        "ring_desk",
        answered="goodbye",
        no_answer="desk_busy",
        busy="desk_busy",
        failed="desk_busy",
        whisper=False,
    ),
    Menu(
        "desk_closed",
        (Choice("1", "urgent", "urgent"), Choice("2", "callback", "leave_number")),
        on_silence="leave_number",
        after_tries="leave_number",
    ),
    Menu(
        "desk_busy",
        (Choice("1", "urgent", "urgent"), Choice("2", "callback", "leave_number")),
        on_silence="leave_number",
        after_tries="leave_number",
    ),
    Do("leave_number", "offer_own_number", {"known": "confirm_leave", "unknown": "ask_leave"}),
    Menu(
        "confirm_leave",
        (Choice("1", "yes", "keep_callback"), Choice("2", "no", "ask_leave", facts={"phone": ""})),
        on_silence="keep_callback",
        after_tries="keep_callback",
    ),
    Ask("ask_leave", Entry.PHONE, "keep_callback", after_tries="keep_callback"),
    Do(
        "keep_callback",
        "request_callback",
        {"kept": "callback_promised", "no_number": "callback_not_possible"},
    ),
    Hangup("callback_promised", promises=True),
    Hangup("callback_not_possible"),
)

# Only who calls from a registered staff number is offered this, and only a PIN opens it: a caller
# ID can be forged, and a nurse's husband may borrow her phone. All else stays as it is for them.
NOT_LET_IN = (Choice("1", "urgent", "urgent"), Choice("2", "main", "main"))

STAFF = (
    Do(
        "staff",
        "may_key_pin",
        {
            "known": "staff_tickets",
            "ask": "staff_pin",
            "no_pin": "staff_no_pin",
            "refused": "staff_refused",
            "locked": "staff_locked",
        },
    ),
    Ask("staff_pin", Entry.PIN, "staff_check"),
    Ask("staff_pin_again", Entry.PIN, "staff_check"),
    Do(
        "staff_check",
        "check_pin",
        {
            "right": "staff_tickets",
            "wrong": "staff_pin_again",
            "refused": "staff_refused",
            "locked": "staff_locked",
        },
    ),
    Menu("staff_no_pin", NOT_LET_IN),
    Menu("staff_refused", NOT_LET_IN),
    Menu("staff_locked", NOT_LET_IN),
    Do("staff_tickets", "count_open_tickets", {"counted": "staff_next"}, speaks=True),
    Do(
        "staff_next",
        "next_open_ticket",
        {
            "nobodys": "staff_free",
            "theirs": "staff_theirs",
            "others": "staff_others",
            "none": "staff_end",
        },
    ),
    Menu(
        "staff_free",
        (Choice("1", "accept", "staff_accept"), Choice("2", "next", "staff_next")),
    ),
    Menu(
        "staff_theirs",
        (
            Choice("1", "call", "staff_call", needs="staff_phone"),
            Choice("2", "next", "staff_next"),
            Choice("3", "close", "staff_close"),
        ),
    ),
    Menu(
        "staff_others",
        (Choice("1", "again", "staff_others"), Choice("2", "next", "staff_next")),
    ),
    Menu("staff_end", (Choice("1", "again", "staff_tickets"), Choice("2", "main", "main"))),
    Do(
        "staff_accept",
        "accept_ticket",
        {"accepted": "staff_call", "taken": "staff_others", "closed": "staff_closed"},
    ),
    Do(
        "staff_call",
        "find_number_to_call",
        {"known": "staff_ring", "unknown": "staff_theirs", "not_theirs": "staff_tickets"},
    ),
    Transfer(
        "staff_ring",
        answered="staff_called",
        no_answer="staff_unreached",
        busy="staff_unreached",
        failed="staff_unreached",
        whisper=False,
        ring_seconds=30,
    ),
    Do("staff_called", "keep_called_back", {"kept": "staff_theirs"}),
    Menu(
        "staff_unreached",
        (Choice("1", "again", "staff_call"), Choice("2", "ticket", "staff_theirs")),
    ),
    Menu(
        "staff_close",
        (
            Choice("1", "helped", "staff_closing", facts={"disposition": "helped"}),
            Choice("2", "sent_to_911", "staff_closing", facts={"disposition": "sent_to_911"}),
            Choice("3", "booked", "staff_closing", facts={"disposition": "booked"}),
            Choice("4", "other", "staff_close_other"),
        ),
    ),
    Menu(
        "staff_close_other",
        (
            Choice("1", "not_reached", "staff_closing", facts={"disposition": "not_reached"}),
            Choice("2", "no_need", "staff_closing", facts={"disposition": "no_need"}),
            Choice("3", "keep", "staff_theirs"),
        ),
    ),
    Do("staff_closing", "close_ticket", {"closed": "staff_closed", "not_theirs": "staff_tickets"}),
    Menu("staff_closed", (Choice("1", "tickets", "staff_tickets"), Choice("2", "main", "main"))),
)

# `*` while keying a number clears it and opens this.
ENTRY_HELP = (
    Menu(
        "entry_help",
        (
            Choice("1", "urgent", "urgent"),
            Choice("2", "back", BACK),
            Choice("3", "more_time", AGAIN),
        ),
        on_silence=AGAIN,
    ),
)

# What was heard badly is asked back before anything is done about it; urgent words never wait.
ASK_BACK = (
    Menu(
        "did_you_mean",
        (Choice("1", "yes", MEANT), Choice("2", "no", BACK)),
        needs="meant",
    ),
)

# Where words lead that ask for something else than the menu offers. What each sounds like stands in
# prompts/*/intents.toml.
INTENTS = (
    Intent("book_consultation", "ask_name"),
    Intent("book_refill", "appointments"),
    Intent("hear_visit", "appointments"),
    Intent("confirm_visit", "appointments"),
    Intent("move_visit", "appointments"),
    Intent("cancel_visit", "appointments"),
    Intent("waitlist", "appointments"),
    Intent("running_late", "appointments"),
    Intent("pump_preparation", "about"),
    Intent("pump_recovery", "about"),
    Intent("pump_risks", "about"),
    Intent("pump_benefits", "about"),
    Intent("pump_info", "about"),
    Intent("hours", "hours"),
    Intent("address", "hours"),
    Intent("message", "person"),
    Intent("other_language", "person", facts={"interpreter": "yes"}),
    Intent("person", "person"),
)

GOODBYE = (Hangup("goodbye"), Hangup("too_long"))

FLOW = Flow(
    start="main",
    opening=("emergency", "emergency@es", "welcome"),
    urgent="urgent",
    categories={
        "danger": "urgent_about.danger",
        "alarm": "urgent_about.alarm",
        "symptom": "urgent_about.symptom",
        "clinician": "person.clinician",
    },
    person="person",
    help="entry_help",
    ask_back="did_you_mean",
    intents=INTENTS,
    too_long="too_long",
    nodes=(
        *GREETING,
        *URGENT,
        *BOOK_CONSULTATION,
        *ABOUT_THE_PUMP,
        *HOURS,
        *PERSON,
        *STAFF,
        *ENTRY_HELP,
        *ASK_BACK,
        *GOODBYE,
    ),
)
