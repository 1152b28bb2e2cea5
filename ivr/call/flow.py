"""The whole call, top to bottom, in the order a caller meets it.

What each node says is in prompts/ (and, for clinical sentences, in the clinic's own content);
what a Do runs is in actions/. Urgent words ("nurse", "emergencia", …) lead to URGENT from every
prompt and `0` leads to PERSON; neither is repeated below. `callnow flow` draws this file.
"""

from __future__ import annotations

from collections.abc import Mapping

from ivr.call.nodes import (
    AGAIN,
    BACK,
    MEANT,
    STAFF_FACT,
    Ask,
    Choice,
    Do,
    Entry,
    Fetch,
    Flow,
    Hangup,
    Intent,
    Limit,
    Menu,
    Node,
    Queue,
    Record,
    Transfer,
)
from ivr.call.topics import TOLD_OF_THE_TEXT, by_voice, parts, topic
from ivr.call.understanding.intents import REPORT_DEATH

# Where words lead that ask for something else than a menu offers. What each sounds like stands in
# prompts/*/intents.toml; of two that were said equally the first one counts.
WISHES = (
    # Before all others, see hearing.py: who says so asks for no visit of their own.
    Intent(REPORT_DEATH, "after_a_death", facts={"deceased": "yes"}),
    Intent("cancel_visit", "verify", facts={"wish": "cancel"}),
    Intent("move_visit", "verify", facts={"wish": "move"}),
    Intent("confirm_visit", "verify", facts={"wish": "confirm"}),
    Intent("running_late", "verify", facts={"wish": "late"}),
    Intent("waitlist", "verify", facts={"wish": "waitlist"}),
    Intent("book_refill", "verify", facts={"wish": "refill"}),
    Intent("hear_visit", "verify", facts={"wish": "hear"}),
    Intent("book_consultation", "ask_name"),
    Intent("hours", "find_hours"),
    Intent("address", "directions"),
    Intent("message", "message"),
    Intent("other_language", "person", facts={"interpreter": "yes"}),
    Intent("person", "person"),
)

ABOUT_PUMPS = (
    Intent("pump_preparation", "preparing.allergies"),
    Intent("pump_recovery", "recovery.care"),
    Intent("pump_risks", "risks.any"),
    Intent("pump_benefits", "benefits.life"),
    Intent("pump_info", "overview.what"),
)

GREETING = (
    Menu(
        "main",
        (
            Choice("1", "urgent", "urgent"),
            Choice("2", "appointments", "begun"),
            Choice("3", "about", "topics"),
            Choice("4", "hours", "find_hours"),
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

FROM_THE_START = {"wish_from": "", "wish_until": "", "wish_part": "", "wish_not": ""}

CONSULTATION = {"sought_type": "", "sought_pump": "", "moving": "", **FROM_THE_START}
"""Forgets the refill, or the visit to be moved, that slots were looked for before in this call."""

SLOTS = (
    Choice("1", "first", "hold_slot", facts={"chosen": "1"}, needs="slot_1"),
    Choice("2", "second", "hold_slot", facts={"chosen": "2"}, needs="slot_2"),
    Choice("3", "third", "hold_slot", facts={"chosen": "3"}, needs="slot_3"),
    Choice("4", "another", "other_times"),
)

# What may be said wherever slots are read out, beside days ("anything on Friday?").
IN_WORDS = (
    Intent("later", "later_slots"),
    Intent("earlier", "find_slots", facts=FROM_THE_START),
    Intent("other_times", "other_times"),
)

# New patients, and who books a consultation only, say who they are below; whoever asks for what
# stands in a record is verified first, and what they want is kept as the fact `wish`.
APPOINTMENTS = (
    Menu(
        "appointments",
        (
            Choice("1", "book", "ask_name"),
            Choice("2", "refill", "verify", facts={"wish": "refill"}),
            Choice("3", "visits", "verify", facts={"wish": "hear"}),
            Choice("4", "main", "main"),
        ),
        spoken=(
            Choice("", "confirm", "verify", facts={"wish": "confirm"}),
            Choice("", "move", "verify", facts={"wish": "move"}),
            Choice("", "cancel", "verify", facts={"wish": "cancel"}),
            Choice("", "late", "verify", facts={"wish": "late"}),
            Choice("", "sooner", "verify", facts={"wish": "waitlist"}),
        ),
        open=True,
    ),
)

BOOK_CONSULTATION = (
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
        (
            Choice("1", "yes", "own_number", facts=CONSULTATION),
            Choice("2", "no", "ask_birth"),
        ),
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
    Do("find_slots", "find_slots", {"found": "offer_slots", "none": "nothing_free"}),
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
            "none": "nothing_free",
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
        {
            "held": "read_back",
            "held_to_move": "read_back_move",
            "taken": "slot_taken",
            "none": "nothing_free",
        },
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
        {
            "booked": "may_text",
            "taken": "slot_taken",
            "none": "nothing_free",
            "full": "no_more_bookings",
        },
    ),
    Menu(
        "booked",
        (Choice("1", "repeat", "booked"), Choice("2", "main", "main")),
        on_silence="goodbye",
        open=True,
    ),
    Do(
        "nothing_free",
        "what_was_sought",
        {"consultation": "no_slots", "refill": "refill_to_staff", "move": "no_other_time"},
    ),
    Menu("no_slots", (Choice("1", "callback", "leave_number"), Choice("2", "main", "main"))),
    Menu(
        "no_more_bookings",
        (Choice("1", "callback", "leave_number"), Choice("2", "main", "main")),
    ),
)

# Whether reminders may be texted: asked where a visit has just been arranged, once in a call, of
# whoever has not answered yet. A no is remembered; silence is neither, and is asked another time.
ARRANGED = {
    "booked": "booked",
    "moved": "visit_moved",
    "waitlist": "on_waitlist",
    "offer": "offer_taken",
}

CONSENT = (
    Do("may_text", "may_ask_to_text", {"ask": "ask_to_text", **ARRANGED}),
    Menu(
        "ask_to_text",
        (
            Choice("1", "yes", "keep_text_answer", facts={"text_answer": "yes"}),
            Choice("2", "no", "keep_text_answer", facts={"text_answer": "no"}),
        ),
        on_silence="keep_text_answer",
        after_tries="keep_text_answer",
        needs="text_about",
    ),
    Do("keep_text_answer", "keep_text_answer", ARRANGED),
)

# Two identifiers before anything of a patient's is heard or changed; caller ID is neither. What
# was wrong is never told, and after the third try, or when locked out, a person takes over.
VERIFY = (
    Do(
        "verify",
        "may_verify",
        {"known": "wished", "ask": "who_calls", "refused": "not_verified"},
    ),
    Menu(
        "who_calls",
        (
            Choice("1", "self", "verify_birth", facts={"proxy": ""}),
            Choice("2", "other", "verify_birth", facts={"proxy": "yes"}),
        ),
    ),
    Ask("verify_birth", Entry.DATE_OF_BIRTH, "verify_contact"),
    Ask("verify_birth_again", Entry.DATE_OF_BIRTH, "verify_contact"),
    Ask("verify_contact", Entry.PHONE_OR_NAME, "verify_check"),
    Do(
        "verify_check",
        "check_identity",
        {
            "right": "wished",
            "wrong": "verify_birth_again",
            "refused": "not_verified",
            "several": "not_verified",
        },
    ),
    Menu(
        "not_verified",
        (Choice("1", "urgent", "urgent"), Choice("2", "desk", "desk")),
        on_silence="desk",
        zero="desk",
        after_tries="desk",
    ),
    Do(
        "wished",
        "follow_wish",
        {
            "overdue": "refill_overdue",
            "overdue_offer": "overdue_offer",
            "offer": "waitlist_offer",
            "refill": "refill",
            "visits": "hear_visit",
            "none": "no_visits",
            "move": "move",
            "cancel": "cancel",
            "waitlist": "waitlist_when",
            "late": "how_late",
            "not_today": "no_visit_today",
        },
    ),
    Menu(
        "overdue_offer",
        (Choice("1", "now", "refill_overdue"), Choice("2", "go_on", "wished")),
        on_silence="refill_overdue",
        on_confusion="refill_overdue",
        after_tries="refill_overdue",
    ),
)

BOOK_REFILL = (
    Do(
        "refill",
        "refill_standing",
        {
            "slots": "find_slots",
            "number": "own_number",
            "booked": "your_visit",
            "early": "refill_early",
            "by_staff": "refill_to_staff",
            "overdue": "refill_overdue",
        },
    ),
    Do("refill_overdue", "pass_to_on_call", {"passed": "urgent"}, speaks=True),
    # Kept on the desk's list before it is said, so that hanging up loses nothing.
    Do(
        "refill_to_staff",
        "leave_refill_to_desk",
        {"left": "refill_by_staff", "overdue": "refill_overdue"},
    ),
    Menu(
        "refill_by_staff",
        (
            Choice("1", "urgent", "urgent"),
            Choice("2", "desk", "desk"),
            Choice("3", "main", "main"),
        ),
        on_silence="desk",
        after_tries="desk",
    ),
    Menu(
        "refill_early",
        (Choice("1", "desk", "person"), Choice("2", "main", "main")),
    ),
)

VISIT_KNOWN = "visit_id"

YOUR_VISITS = (
    Do(
        "hear_visit",
        "next_visit",
        {"visit": "your_visit", "end": "no_more_visits", "none": "no_visits"},
    ),
    Menu(
        "your_visit",
        (
            Choice("1", "confirm", "confirm_visit"),
            Choice("2", "move", "move"),
            Choice("3", "cancel", "cancel"),
            Choice("4", "more", "visit_more"),
        ),
        spoken=(
            Choice("", "next", "hear_visit"),
            Choice("", "late", "late"),
            Choice("", "sooner", "waitlist_when"),
        ),
        needs=VISIT_KNOWN,
    ),
    Menu(
        "visit_more",
        (
            Choice("1", "next", "hear_visit"),
            Choice("2", "sooner", "waitlist_when"),
            Choice("3", "main", "main"),
            Choice("4", "late", "late", needs="visit_today"),
        ),
        needs=VISIT_KNOWN,
    ),
    Menu(
        "no_more_visits",
        (
            Choice("1", "again", "hear_visit", facts={"heard": ""}),
            Choice("2", "main", "main"),
        ),
    ),
    Menu(
        "no_visits",
        (
            Choice("1", "book", "ask_name"),
            Choice("2", "refill", "refill"),
            Choice("3", "main", "main"),
        ),
    ),
    # The desk was quicker: what it made of the visit is heard before anything else is done to it.
    Do(
        "visit_changed",
        "look_again",
        {"visit": "your_visit", "gone": "visit_gone"},
        speaks=True,
    ),
    Menu(
        "visit_gone",
        (
            Choice("1", "others", "hear_visit", facts={"heard": ""}),
            Choice("2", "desk", "person"),
            Choice("3", "main", "main"),
        ),
    ),
    Do(
        "confirm_visit",
        "confirm_visit",
        {"confirmed": "visit_confirmed", "changed": "visit_changed", "gone": "visit_gone"},
    ),
    Menu(
        "visit_confirmed",
        (
            Choice("1", "repeat", "visit_confirmed"),
            Choice("2", "next", "hear_visit"),
            Choice("3", "main", "main"),
        ),
        on_silence="goodbye",
        needs=VISIT_KNOWN,
    ),
)

# The old time stands until the new one is stored: both change hands in one transaction.
MOVE_VISIT = (
    Do(
        "move",
        "look_for_another_time",
        {"ready": "find_slots", "gone": "visit_gone"},
        speaks=True,
    ),
    Menu(
        "read_back_move",
        (
            Choice("1", "move", "move_visit"),
            Choice("2", "other", "find_slots"),
            Choice("3", "keep", "keep_visit"),
        ),
        needs="hold_id",
    ),
    Do(
        "move_visit",
        "move_visit",
        {
            "moved": "may_text",
            "taken": "slot_taken",
            "none": "nothing_free",
            "changed": "visit_changed",
            "gone": "visit_gone",
        },
    ),
    Do("keep_visit", "keep_visit", {"stands": "your_visit"}),
    Menu(
        "visit_moved",
        (
            Choice("1", "repeat", "visit_moved"),
            Choice("2", "next", "hear_visit"),
            Choice("3", "main", "main"),
        ),
        on_silence="goodbye",
        needs=VISIT_KNOWN,
    ),
    Menu(
        "no_other_time",
        (
            Choice("1", "sooner", "waitlist_when"),
            Choice("2", "desk", "person"),
            Choice("3", "main", "main"),
        ),
        needs=VISIT_KNOWN,
    ),
)

CANCEL_VISIT = (
    Do(
        "cancel",
        "may_cancel",
        {"ask": "cancel_sure", "refill": "refill_stands", "gone": "visit_gone"},
    ),
    Menu(
        "cancel_sure",
        (Choice("1", "cancel", "cancel_visit"), Choice("2", "keep", "your_visit")),
        needs=VISIT_KNOWN,
    ),
    Do(
        "cancel_visit",
        "cancel_visit",
        {
            "cancelled": "visit_cancelled",
            "refill": "refill_stands",
            "changed": "visit_changed",
            "gone": "visit_gone",
        },
    ),
    Menu(
        "visit_cancelled",
        (
            Choice("1", "others", "hear_visit", facts={"heard": ""}),
            Choice("2", "book", "ask_name"),
            Choice("3", "main", "main"),
        ),
        on_silence="goodbye",
    ),
    # A refill that is given up without another one in its place may let a pump run dry.
    Menu(
        "refill_stands",
        (
            Choice("1", "move", "move"),
            Choice("2", "insist", "leave_cancelling"),
            Choice("3", "keep", "your_visit"),
        ),
        needs=VISIT_KNOWN,
    ),
    Do(
        "leave_cancelling",
        "leave_cancelling_to_desk",
        {"left": "cancelling_left", "gone": "visit_gone"},
    ),
    Menu(
        "cancelling_left",
        (Choice("1", "desk", "desk"), Choice("2", "main", "main")),
        on_silence="goodbye",
        needs=VISIT_KNOWN,
    ),
)

RUNNING_LATE = (
    Do(
        "late",
        "may_be_late",
        {"today": "how_late", "not_today": "no_visit_today", "gone": "visit_gone"},
    ),
    Menu(
        "how_late",
        (
            Choice("1", "ten", "tell_desk_of_delay", facts={"late": "10"}),
            Choice("2", "twenty", "tell_desk_of_delay", facts={"late": "20"}),
            Choice("3", "thirty", "tell_desk_of_delay", facts={"late": "30"}),
        ),
        needs=VISIT_KNOWN,
    ),
    Do(
        "tell_desk_of_delay",
        "tell_desk_of_delay",
        {"told": "delay_told", "not_today": "no_visit_today", "gone": "visit_gone"},
    ),
    Menu(
        "delay_told",
        (Choice("1", "desk", "desk"), Choice("2", "main", "main")),
        on_silence="goodbye",
    ),
    Menu(
        "no_visit_today",
        (
            Choice("1", "visits", "hear_visit", facts={"heard": ""}),
            Choice("2", "desk", "person"),
            Choice("3", "main", "main"),
        ),
    ),
)

AFTER_AN_OFFER = (
    Choice("1", "go_on", "wished", says="offer.go_on"),
    Choice("2", "main", "main", says="offer.main"),
)

WAITLIST = (
    Menu(
        "waitlist_when",
        (
            Choice("1", "morning", "join_waitlist", facts={"day_part": "morning"}),
            Choice("2", "afternoon", "join_waitlist", facts={"day_part": "afternoon"}),
            Choice("3", "any", "join_waitlist", facts={"day_part": "any"}),
            Choice("4", "keep", "your_visit"),
        ),
        needs=VISIT_KNOWN,
    ),
    Do("join_waitlist", "join_waitlist", {"joined": "may_text", "gone": "visit_gone"}),
    Menu(
        "on_waitlist",
        (Choice("1", "repeat", "on_waitlist"), Choice("2", "main", "main")),
        on_silence="goodbye",
        needs=VISIT_KNOWN,
    ),
    # A freed time is held for whoever phones just then: they hear it before what they call for.
    Menu(
        "waitlist_offer",
        (
            Choice("1", "take", "take_offer"),
            Choice("2", "refuse", "refuse_offer"),
            Choice("3", "later", "wished"),
        ),
        needs="offer_id",
    ),
    Do(
        "take_offer",
        "take_offer",
        {"taken": "may_text", "gone": "offer_gone", "by_staff": "offer_by_staff"},
    ),
    Menu(
        "offer_taken",
        (
            Choice("1", "repeat", "offer_taken"),
            Choice("2", "visits", "hear_visit", facts={"heard": ""}),
            Choice("3", "main", "main"),
        ),
        on_silence="goodbye",
        needs=VISIT_KNOWN,
    ),
    Menu(
        "offer_by_staff",
        (Choice("1", "desk", "desk"), Choice("2", "go_on", "wished")),
        on_silence="desk",
        after_tries="desk",
    ),
    Do("refuse_offer", "refuse_offer", {"refused": "offer_refused", "gone": "offer_gone"}),
    Menu("offer_refused", AFTER_AN_OFFER, on_silence="wished"),
    Menu("offer_gone", AFTER_AN_OFFER, on_silence="wished"),
)

# Topic -> its parts, in the order in which they are told. A part is a sentence or two in the
# clinic's procedure.en.toml and procedure.es.toml, under [topic]; after it come the same four keys.
TOPICS: Mapping[str, tuple[str, ...]] = {
    "overview": ("what", "amount", "who", "times", "after"),
    "procedure": ("trial", "catheter", "pocket", "pump", "connecting", "closing"),
    "benefits": ("life", "relief", "effects", "opioids", "daily", "program", "reversible"),
    "risks": ("any", "common", "medicine", "surgery", "pump", "commitment"),
    "preparing": ("allergies", "thinners", "fasting", "clothes"),
    "recovery": ("care", "hospital", "weeks", "adjusting", "refills"),
    "calling": ("infection", "weakness"),
}

# When to call the doctor: here key 1 is the urgent line.
URGENT_TOPIC = "calling"

ABOUT_THE_PUMP: tuple[Node, ...] = (
    Menu(
        "topics",
        (
            topic(TOPICS, "overview", key="1"),
            topic(TOPICS, "procedure", key="2"),
            topic(TOPICS, "benefits", key="3"),
            Choice("4", "more", "more_topics"),
        ),
        spoken=by_voice(TOPICS, "risks", "preparing", "recovery", "calling"),
        said=WISHES,
    ),
    Menu(
        "more_topics",
        (
            topic(TOPICS, "risks", key="1"),
            topic(TOPICS, "preparing", key="2"),
            topic(TOPICS, "recovery", key="3"),
            topic(TOPICS, "calling", key="4"),
        ),
        spoken=by_voice(TOPICS, "overview", "procedure", "benefits"),
        said=WISHES,
    ),
    *parts(TOPICS, urgent=URGENT_TOPIC, said=WISHES),
    # "Text me this": never without a yes in this call, and to no number that asked us to stop.
    Do("text_this", "offer_text", {"known": "text_consent", "unknown": "text_number"}),
    Ask("text_number", Entry.PHONE, "text_consent", fact="text_to", needs="texting"),
    Menu(
        "text_consent",
        (
            Choice("1", "yes", "send_text"),
            Choice("2", "no", BACK, facts={"texting": "", "text_to": ""}),
            Choice("3", "other", "text_number"),
        ),
        needs="texting",
    ),
    Do(
        "send_text",
        "text_page",
        {
            "now": "text_sent",
            "morning": "text_at_eight",
            "opted_out": "text_opted_out",
            "enough": "text_enough",
        },
    ),
    Menu("text_sent", TOLD_OF_THE_TEXT, needs="text_to"),
    Menu("text_at_eight", TOLD_OF_THE_TEXT, needs="text_to"),
    Menu("text_opted_out", TOLD_OF_THE_TEXT, needs="text_to"),
    Menu("text_enough", TOLD_OF_THE_TEXT, needs="text_to"),
)

# Who hung up in the middle of booking goes on there, if they know the date of birth they gave. Who
# does not begins anew, in the words in which everybody begins.
RESUMING = (
    Do("begun", "find_begun_booking", {"begun": "resume", "none": "appointments"}),
    Menu(
        "resume",
        (
            Choice("1", "go_on", "resume_birth"),
            Choice("2", "anew", "appointments", facts={"resume": "", "resume_over": "yes"}),
        ),
        needs="resume",
    ),
    Ask("resume_birth", Entry.DATE_OF_BIRTH, "resume_check"),
    Do(
        "resume_check",
        "resume_booking",
        {"number": "own_number", "slots": "find_slots", "anew": "appointments"},
    ),
)

HOURS = (
    Do("find_hours", "find_desk_hours", {"found": "hours"}),
    Menu(
        "hours",
        (
            Choice("1", "directions", "directions"),
            Choice("2", "message", "message"),
            Choice("3", "book", "ask_name"),
            Choice("4", "main", "main"),
        ),
        open=True,
    ),
    Menu(
        "directions",
        (
            Choice("1", "again", "directions"),
            Choice("2", "message", "message"),
            Choice("3", "main", "main"),
        ),
    ),
)

# The one place where a call is recorded, and it says so first. Whoever hangs up in the middle has
# left their message all the same: the carrier reports it, and it is filed with their number.
MESSAGE = (
    Menu(
        "message",
        (Choice("1", "urgent", "urgent"), Choice("2", "record", "message_how")),
        on_silence="message_how",
        after_tries="message_how",
    ),
    # What will not be transcribed is asked for in a few words before: an urgent one among them
    # leads to help, as it does everywhere.
    Do(
        "message_how",
        "how_to_record",
        {"transcribed": "message_record", "asked": "message_about", "unread": "message_record"},
        speaks=True,
    ),
    Ask(
        "message_about",
        Entry.WORDS,
        "message_record",
        fact="message_about",
        on_silence="message_record",
        after_tries="message_record",
    ),
    Record("message_record", recorded="keep_message", empty="message_again"),
    Record("message_again", recorded="keep_message", empty="leave_number"),
    Do(
        "keep_message",
        "keep_message",
        {"known": "message_number", "unknown": "ask_message_number"},
    ),
    Menu(
        "message_number",
        (
            Choice("1", "yes", "keep_message_number"),
            Choice("2", "no", "ask_message_number", facts={"phone": ""}),
        ),
        on_silence="keep_message_number",
        after_tries="keep_message_number",
    ),
    Ask(
        "ask_message_number",
        Entry.PHONE,
        "keep_message_number",
        after_tries="keep_message_number",
    ),
    Do(
        "keep_message_number",
        "keep_message_number",
        {"kept": "message_left", "no_number": "message_without_number"},
    ),
    Menu("message_left", (Choice("1", "main", "main"),), on_silence="message_done"),
    Hangup("message_done", promises=True),
    Hangup("message_without_number"),
)

# Asking for a person always says first: "if this is urgent, press 1 now".
PERSON = (
    Menu(
        "person",
        (
            Choice("1", "urgent", "urgent"),
            Choice("2", "desk", "desk"),
            Choice("3", "clinician", "urgent", facts={"category": "clinician"}),
            Choice("4", "another_language", "desk", facts={"interpreter": "yes"}),
        ),
        on_silence="desk",
        after_tries="desk",
    ),
    Menu(
        "after_a_death",
        (Choice("1", "urgent", "urgent"), Choice("2", "desk", "desk")),
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
        announces=True,
    ),
    Menu(
        "desk_closed",
        (
            Choice("1", "urgent", "urgent"),
            Choice("2", "message", "message"),
            Choice("3", "callback", "leave_number"),
        ),
        on_silence="leave_number",
        after_tries="leave_number",
    ),
    Menu(
        "desk_busy",
        (
            Choice("1", "urgent", "urgent"),
            Choice("2", "message", "message"),
            Choice("3", "callback", "leave_number"),
        ),
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
        {
            "waits": "staff_fetch",
            "accepted": "staff_call",
            "taken": "staff_others",
            "closed": "staff_closed",
        },
    ),
    # The caller is still on the line, told that everybody is being called.
    Fetch("staff_fetch", talked="staff_theirs", gone="staff_in_vain"),
    Do(
        "staff_in_vain",
        "came_in_vain",
        {"theirs": "staff_call", "put_back": "staff_accept"},
        limit=Limit(3, "staff_tickets"),
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

# Where we call: a patient is reminded of a visit. A key of the phone that we called may confirm,
# and no more; whoever wants another time says who they are first, as in any call.
REMINDED = (
    Menu(
        "reminder",
        (
            Choice("1", "confirm", "reminder_confirm"),
            Choice("2", "change", "reminder_change", facts={"wish": "move"}),
            Choice("9", "stop", "reminder_stop"),
        ),
        zero="reminder_person",
        after_tries="reminder_unanswered",
    ),
    Do(
        "reminder_confirm",
        "confirm_reminded",
        {"confirmed": "reminder_confirmed", "changed": "reminder_changed"},
    ),
    Hangup("reminder_confirmed"),
    Do("reminder_change", "note_change", {"noted": "verify"}),
    Do("reminder_person", "note_person", {"noted": "person"}),
    Do("reminder_stop", "stop_reminding", {"stopped": "reminder_stopped"}),
    Hangup("reminder_stopped"),
    # The visit stands, and the desk's list says that nobody answered.
    Hangup("reminder_unanswered", promises=True),
    Hangup("reminder_changed", promises=True),
)

# Where we call: a freed time is kept for somebody who waits. A key of the phone that we called
# takes it, as an answer to our text does.
OFFERED = (
    Menu(
        "offer_call",
        (
            Choice("1", "take", "offer_call_take"),
            Choice("2", "refuse", "offer_call_refuse"),
            Choice("9", "stop", "offer_call_stop"),
        ),
        after_tries="offer_call_unanswered",
        needs="offer_id",
    ),
    Do(
        "offer_call_take",
        "take_called_offer",
        {
            "taken": "offer_call_taken",
            "gone": "offer_call_gone",
            "by_staff": "offer_call_by_staff",
        },
    ),
    Menu(
        "offer_call_taken",
        (Choice("1", "repeat", "offer_call_taken"),),
        on_silence="goodbye",
        needs=VISIT_KNOWN,
    ),
    Menu(
        "offer_call_by_staff",
        (Choice("1", "desk", "desk"),),
        on_silence="desk",
        after_tries="desk",
    ),
    Do(
        "offer_call_refuse",
        "refuse_called_offer",
        {"refused": "offer_call_refused", "gone": "offer_call_gone"},
    ),
    Hangup("offer_call_refused"),
    Hangup("offer_call_gone"),
    # They keep their place in line, and the desk's page of the waitlist shows what they were told.
    Hangup("offer_call_unanswered", promises=True),
    Do("offer_call_stop", "stop_offering", {"stopped": "calls_stopped"}),
)

# Where we call: somebody has to come back for a refill. What to book comes after two identifiers.
RECALLED = (
    Menu(
        "recall_call",
        (
            Choice("1", "book", "verify", facts={"wish": "refill"}),
            Choice("2", "callback", "leave_number"),
            Choice("9", "stop", "recall_call_stop"),
        ),
        after_tries="recall_call_unanswered",
    ),
    Do("recall_call_stop", "stop_recalling", {"stopped": "calls_stopped"}),
    # The desk has them on its list of calls in time, whatever became of this one.
    Hangup("recall_call_unanswered", promises=True),
    Hangup("calls_stopped"),
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

# "Socorro" is a name and a cry for help. Whoever says it where a name was asked for is asked which;
# whoever then says nothing, or anything else, is helped.
NAME_OR_URGENT = (
    Menu(
        "urgent_or_name",
        (Choice("1", "urgent", "urgent"), Choice("2", "name", MEANT)),
        wait_seconds=5,
        on_silence="urgent",
        on_confusion="urgent",
        zero="urgent",
        after_tries="urgent",
        needs="meant",
    ),
)

# Said once, in good time before a call has gone on for so long that it is ended.
LONG_CALL = (
    Menu(
        "long_call",
        (
            Choice("1", "go_on", AGAIN),
            Choice("2", "desk", "person"),
            Choice("3", "message", "message"),
        ),
        on_silence=AGAIN,
    ),
)

GOODBYE = (Hangup("goodbye"), Hangup("too_long"))

# The clock never cuts these short: they end by themselves, or lead back to the others.
UNTIMED = (*URGENT, *MESSAGE, *PERSON, *STAFF, *ENTRY_HELP, *ASK_BACK, *NAME_OR_URGENT, *LONG_CALL)

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
    another_language="person.another_language",
    help="entry_help",
    ask_back="did_you_mean",
    urgent_or_name="urgent_or_name",
    long_call="long_call",
    untimed=frozenset(node.name for node in UNTIMED),
    intents=(*WISHES, *ABOUT_PUMPS),
    entries=("reminder", "offer_call", "recall_call"),
    too_long="too_long",
    nodes=(
        *GREETING,
        *URGENT,
        *APPOINTMENTS,
        *RESUMING,
        *BOOK_CONSULTATION,
        *CONSENT,
        *VERIFY,
        *BOOK_REFILL,
        *YOUR_VISITS,
        *MOVE_VISIT,
        *CANCEL_VISIT,
        *RUNNING_LATE,
        *WAITLIST,
        *ABOUT_THE_PUMP,
        *HOURS,
        *MESSAGE,
        *PERSON,
        *STAFF,
        *REMINDED,
        *OFFERED,
        *RECALLED,
        *ENTRY_HELP,
        *ASK_BACK,
        *NAME_OR_URGENT,
        *LONG_CALL,
        *GOODBYE,
    ),
)
