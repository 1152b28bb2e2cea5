"""Names, numbers and choices that will not do."""

from __future__ import annotations

from scheduling import (
    booking,
    contact,
    holds,
    offers,
    other_recalls,
    patients,
    pumps,
    recall_calls,
    retention,
    visits,
)
from scheduling.errors import (
    InvalidInput,
    StaffOnly,
    StaleVersion,
    UnsuitablePhone,
    UnsuitableText,
)
from scheduling.waitlist import answering
from tests.scheduling.bad_input.case import (
    LONG,
    NOBODY,
    Case,
    case,
)
from tests.scheduling.sample import request

_TEXTS = {
    "10,000 characters": LONG,
    "nothing": "",
    "blanks": " \u00a0 ",
    "a null": "Ann\0Lee",
    "a new line": "Ann\nLee",
    "half a pair": "half a pair \ud83d",
}

_PHONES = {
    "without a country": "512 555 0111",
    "10,000 digits": "+1512555011" + "1" * 10_000,
    "digits of another script": "+١٥١٢٥٥٥٠١١١",
    "an emergency number": "911",
    "nobody's area": "+15550100",
    "no country's code": "+9991234567",
    "a zero too many": "+4402079460958",
    "blanks in it": "+1 512 555 0111",
}

# Each way once; that the others look at all is seen by one.
TEXTS = [
    *(
        case(patients.register_patient, f"a name of {what}", UnsuitableText, name=text)
        for what, text in _TEXTS.items()
    ),
    *(
        case(call, f"{name} of 10,000 characters", UnsuitableText, **{name: LONG})
        for call, name in (
            (patients.update_patient, "name"),
            (patients.update_patient, "preferred_name"),
            (patients.update_patient, "interpreter_language"),
            (contact.record_consent, "source"),
            (pumps.register_pump, "label"),
            (visits.cancel, "reason"),
            (holds.hold, "holder"),
        )
    ),
    case(holds.hold, "holder of nothing", UnsuitableText, holder=""),
]

PHONES = [
    *(
        case(patients.register_patient, f"a phone {what}", UnsuitablePhone, phone=number)
        for what, number in _PHONES.items()
    ),
    *(
        case(call, f"{name} nobody has", UnsuitablePhone, **{name: "+15550100"})
        for call, name in (
            (patients.find_by_phone, "number"),
            (contact.add_phone, "number"),
            (contact.remove_phone, "number"),
            (booking.book_hold, "callback_number"),
            (answering.accept, "callback_number"),
        )
    ),
]

CHOICES = [
    case(patients.register_patient, "a language not spoken", InvalidInput, language="tlh"),
    case(patients.update_patient, "a language not spoken", InvalidInput, language=LONG),
    case(patients.update_patient, "a field of the system", InvalidInput, merged_into_id=NOBODY),
    case(contact.record_consent, "no such kind", InvalidInput, kind="fax"),
    case(contact.consent_of, "no such kind", InvalidInput, kind=LONG),
    case(recall_calls.record_attempt, "no such outcome", InvalidInput, outcome=LONG),
    case(other_recalls.drop, "not a slug", InvalidInput, reason="Moved to Ann's"),
    case(other_recalls.drop, "not by staff", StaffOnly, request=request()),
    case(offers.find_slots, "no slots at all", InvalidInput, limit=0),
    case(offers.find_slots, "a refill for nobody", InvalidInput, visit_type_key="refill"),
    case(retention.past_retention, "no years", InvalidInput, years=0),
    case(visits.confirm, "a version long gone", StaleVersion, version=0),
    case(patients.update_patient, "a version long gone", StaleVersion, version=0),
    case(pumps.correct_pump, "a version long gone", StaleVersion, version=0),
    case(pumps.retire_pump, "a version long gone", StaleVersion, version=0),
    case(other_recalls.finish, "a version long gone", StaleVersion, version=0),
]

CASES: list[Case] = [*TEXTS, *PHONES, *CHOICES]
