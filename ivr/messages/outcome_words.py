"""What the desk reads of a message that did not arrive: what it was, why, and what to do.

Whole sentences, so that another language may turn them as it must; ivr.frontdesk has the Spanish.
By the value of an Outcome, or by the kind of a message.
"""

from __future__ import annotations

# Without annotations: the tests read the sentences off these dictionaries.
OUTCOME = {
    "wants_change": "Wants another time",
    "wants_person": "Wants to speak with somebody",
    "opted_out": "Opted out of texts and calls",
    "bad_number": "The number is mistyped: no telephone can have it",
    "no_calls": "The telephone company cannot call that number",
    "no_route": "The number cannot be reached from our line",
    "no_such_phone": "The number does not exist any more",
    "no_texts": "The number takes no texts",
    "landline": "A landline, or a phone whose company takes no texts",
    "unreachable": "The phone is off or out of reach",
    "busy": "The line was busy",
    "nobody_answered": "Nobody answered the call",
    "call_ended": "The call was ended before anybody answered",
    "call_failed": "The call did not get through",
    "heard_nothing": "Picked up, and heard nothing of us",
    "blocked": "The phone blocks us",
    "filtered": "Held back as spam by a carrier",
    "unexplained": "Did not arrive, and no carrier says why",
    "not_registered": "Our number may not send texts yet",
    "country_closed": "Our account may not text that country",
    "carrier_trouble": "The telephone company had trouble",
    "throttled": "We sent more than the telephone company takes at a time",
    "queue_full": "Too much was waiting at the telephone company",
    "our_account": "The telephone company refused our account",
    "suspended": "Our account at the telephone company is suspended",
    "undecided": "May have been sent or not",
    "too_late": "Could not be sent in time",
    "enough": "The number has had enough messages today",
    "no_number": "No number on file",
    "no_consent": "Has not agreed to texts or calls",
    "deceased": "The patient has died",
    "confirmed": "Confirmed",
    "heard": "Picked up, and pressed nothing",
    "left_message": "Left a message",
    "delivered": "Delivered, no answer yet",
    "sent": "Sent",
    "waiting": "Waiting to be sent",
}
"""How it stands, or why it did not arrive."""

NEXT = {
    "wants_change": "Call, and find another time: the visit stands until then.",
    "wants_person": "Call them back.",
    "opted_out": "Call yourself; for texts to go on, they must text START to our number.",
    "bad_number": "Call another number, and correct this one.",
    "no_calls": "Call it from the desk's own phone, and correct it where it is wrong.",
    "no_route": "Call it from the desk's own phone, or another number.",
    "no_such_phone": "Call another number, and ask for the new one.",
    "no_texts": "Call it, and ask for a cell phone or whether we may call.",
    "landline": "Call it, since it may ring all the same, and ask whether we may call it.",
    "unreachable": "Call later today, or another number.",
    "busy": "Call again in a few minutes.",
    "nobody_answered": "Call later today, or another number.",
    "call_ended": "Call: the phone may not have rung for long.",
    "call_failed": "Look whether the number is right, and call it yourself.",
    "heard_nothing": "Call: they were told nothing, and may wonder who called.",
    "blocked": "Call yourself, and ask them to let our number through.",
    "filtered": "Call, and tell whoever runs the system: our texts are taken for spam.",
    "unexplained": "Call: nobody can say whether another text would arrive.",
    "not_registered": "Call, and tell whoever runs the system: the number must be registered.",
    "country_closed": "Call, and tell whoever runs the system: that country must be allowed.",
    "carrier_trouble": "Call: it was tried as often as makes sense.",
    "throttled": "Call, and tell whoever runs the system: more is sent than the account may.",
    "queue_full": "Call: it is not sent again.",
    "our_account": "Call, and tell whoever runs the system: the account is refused.",
    "suspended": "Call, and tell whoever runs the system: the account must be opened again.",
    "undecided": "Call, and ask whether it arrived: we send nothing twice.",
    "too_late": "Call now: the visit is near.",
    "enough": "Call them, where it matters.",
    "no_number": "Look for a number, and ask for one at the next visit.",
    "no_consent": "Call yourself, and ask whether we may text or call.",
}
"""What the desk does next for a patient, where it has to do anything."""

ABOUT = {
    "answer_sms": "The answer to their urgent text did not arrive.",
    "link_sms": "The link that a caller asked for did not arrive.",
    "visit_sms": "The text about what was done to the visit on {when} did not arrive.",
    "reminder_sms": "The reminder by text of the visit on {when} did not arrive.",
    "reminder_call": "The reminder by phone of the visit on {when} reached nobody.",
    "unreminded": "Nobody was reminded of the visit on {when}.",
    "offer_sms": "The text that a time from the waitlist is kept for them did not arrive.",
    "offer_call": "The call that a time from the waitlist is kept for them reached nobody.",
    "recall_sms": "The text that it is time for the next appointment did not arrive.",
    "recall_call": "The call that it is time for the next appointment reached nobody.",
    "page_sms": "A text to on-call staff about an urgent call did not go out.",
    "page_call": "A call to on-call staff about an urgent call did not go out.",
    "hang_up": "A phone that rings for an urgent call could not be told to stop.",
    "trial_call": "The test call did not go out.",
    "delete_recording": "The recording {sid} of a deleted patient could not be deleted.",
}
"""What it was. "unreminded" is no message: there was none."""

THEN = {
    "offer_sms": "Answer for them on the page of the waitlist, while the time is kept.",
    "offer_call": "Answer for them on the page of the waitlist, while the time is kept.",
    "recall_sms": "Book it with them: see Recalls.",
    "recall_call": "Book it with them: see Recalls.",
}
"""Where the desk goes on."""

STAFF_NEXT = {
    "number": "Reach them another way, and correct their number.",
    "opted_out": "Reach them another way: they must text START to our number to be paged again.",
    "operator": "Reach them another way, and tell whoever runs the system: pages do not go out.",
    "other": "Reach them another way: a caller may be waiting.",
}
"""What the desk does next for a page. By who has to mend it."""

TRIAL_NEXT = {
    "number": "No caller was waiting: correct the number, and ring it again to try.",
    "operator": "No caller was waiting: tell whoever runs the system.",
    "other": "No caller was waiting: ring it again to try.",
}

NOT_FOR_A_PERSON_NEXT = {
    "hang_up": "Tell whoever answers it that the call is taken.",
    "delete_recording": "Tell whoever runs the system: it has to be deleted by hand.",
}

WHY = {
    "plain": "{why}.",
    "code": "{why} (the telephone company's code {code}).",
}
"""How a reason stands in a note."""
