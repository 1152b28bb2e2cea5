"""What a text that comes in is answered with, in English and Spanish. Pure.

Spanish stays inside the GSM alphabet, as in wording.py. Nothing says what a visit is for.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from ivr.messages.patients.wording import as_texted


class Reply(StrEnum):
    """What is answered. URGENT names a ticket; NO_RECORDS is for when the database is away."""

    CONFIRMED = "confirmed"
    WHICH_CONFIRMED = "which_confirmed"
    WHICH_CHANGED = "which_changed"
    WHICH_MEANT = "which_meant"
    CHANGE = "change"
    SLOTS = "slots"
    NO_LATER = "no_later"
    MOVED = "moved"
    PERSON = "person"
    OUTDATED = "outdated"
    IS_CANCELLED = "is_cancelled"
    OFFER_TAKEN = "offer_taken"
    OFFER_PASSED = "offer_passed"
    OFFER_GONE = "offer_gone"
    RECEIVED = "received"
    ENOUGH = "enough"
    NO_MORE_TEXTS = "no_more_texts"
    HELP = "help"
    NOT_RECEIVED = "not_received"
    URGENT = "urgent"
    URGENT_NO_RECORDS = "urgent_no_records"


@dataclass(frozen=True, slots=True)
class Answered:
    """What to answer.

    when: the visits or times it speaks of, in words. stands: the visit that times are texted for,
    likewise. desk_calls: by when the desk calls, of PERSON and CHANGE, see desk_promise. for_desk:
    what the desk has to know beside the text itself; None where nobody has to do anything. ticket:
    the number to quote, of URGENT.
    asked: what the answer asks back, see which_visit.Asked; None where it asks nothing.
    """

    reply: Reply
    language: str
    when: str = ""
    for_desk: str | None = None
    ticket: int | None = None
    stands: str = ""
    desk_calls: str = ""
    asked: dict[str, object] | None = None


_IF_URGENT = {
    "en": "If it is urgent, call {phone} and press 1. In an emergency call 911.",
    "es": "Si es urgente, llame al {phone} y oprima 1. En una emergencia llame al 911.",
}

_DESK_CALLS = {
    "en": "the front desk will call you by {by}.",
    "es": "la clínica le llamará a más tardar el {by}.",
}
_DESK_CALLS_LATER = {
    "en": "the front desk opens {opens} and will call you by {by}.",
    "es": "la clínica abre el {opens} y le llamará a más tardar el {by}.",
}
_DESK_CALLS_SOME_TIME = {
    "en": "the front desk will call you when it is open.",
    "es": "la clínica le llamará cuando abra.",
}

_REPLIES = {
    "en": {
        Reply.CONFIRMED: "{clinic}: thank you. We expect you {when}. To change it, reply 2 or "
        "call {phone}.",
        Reply.WHICH_CONFIRMED: "{clinic}: which appointment do you confirm? Reply with its letter, "
        "or ALL. {when}. Nothing is confirmed until you do. Questions: {phone}.",
        Reply.WHICH_CHANGED: "{clinic}: which appointment do you want to change? Reply with its "
        "letter. {when}. 0: the front desk calls you. Each stands until you choose.",
        Reply.WHICH_MEANT: "{clinic}: do you answer about the new time that we keep for you, or "
        "about an appointment that you have? Reply with its letter. {when}. Nothing is done until "
        "you do.",
        Reply.CHANGE: "{clinic}: to choose another time now, call {phone}. Otherwise {desk_calls} "
        "Until then your appointment {when} stands.",
        Reply.SLOTS: "{clinic}: these times are free, and kept for you for 15 minutes. Reply "
        "with the number. {when}. MORE: later times. 0: the front desk calls you. Your appointment "
        "{stands} stands until you choose.",
        Reply.NO_LATER: "{clinic}: we have no later times than those of our last text. Reply with "
        "the number of one of them: {when}. 0: the front desk calls you. Your appointment {stands} "
        "stands until you choose.",
        Reply.MOVED: "{clinic}: moved. We expect you {when}. Questions: {phone}.",
        Reply.PERSON: "{clinic}: {desk_calls} {if_urgent}",
        Reply.OUTDATED: "{clinic}: your appointment is no longer as our last text said, so nothing "
        "was changed. Call {phone} to hear when it is; the front desk has your text, too.",
        Reply.IS_CANCELLED: "{clinic}: yes, your appointment of {when} is cancelled. For a new one "
        "call {phone}, or reply 2 and the front desk calls you.",
        Reply.OFFER_TAKEN: "{clinic}: it is yours. We expect you {when}. Questions: {phone}.",
        Reply.OFFER_PASSED: "{clinic}: noted. You keep your place in line, and nothing else "
        "changes.",
        Reply.OFFER_GONE: "{clinic}: that time is no longer free. You keep your place in line; we "
        "tell you of the next one. Questions: {phone}.",
        Reply.RECEIVED: "{clinic}: the front desk will read this when it is open. {if_urgent}",
        Reply.ENOUGH: "{clinic}: you will get no more answers by text for an hour, and no text "
        "changes anything until then. The front desk reads what you write. {if_urgent}",
        Reply.NO_MORE_TEXTS: "{clinic}: you will get no more texts from us. {if_urgent}",
        Reply.HELP: "{clinic}: we text about appointments. Call {phone} for anything else. Reply 9 "
        "or STOP to opt out. {if_urgent}",
        Reply.NOT_RECEIVED: "{clinic}: we could not take your text. Please call us. {if_urgent}",
        Reply.URGENT: "{clinic}: if this is an emergency, call 911 now. We are calling our "
        "on-call staff about your text, number {ticket}. Do not wait for it: call {phone} and "
        "press 1.",
        Reply.URGENT_NO_RECORDS: "{clinic}: if this is an emergency, call 911 now. We may not "
        "reach our staff about this text. Call {phone} now and press 1.",
    },
    "es": {
        Reply.CONFIRMED: "{clinic}: gracias. Le esperamos el {when}. Para cambiarla, responda 2 "
        "o llame al {phone}.",
        Reply.WHICH_CONFIRMED: "{clinic}: ¿qué cita confirma? Responda con su letra, o TODAS. "
        "{when}. Hasta entonces no queda confirmada ninguna. Tel. {phone}.",
        Reply.WHICH_CHANGED: "{clinic}: ¿qué cita quiere cambiar? Responda con su letra. {when}. "
        "0: le llama la clínica. Todas siguen en pie hasta que elija.",
        Reply.WHICH_MEANT: "{clinic}: ¿responde sobre la hora nueva que le guardamos, o sobre una "
        "cita que ya tiene? Responda con su letra. {when}. Hasta entonces no se hace nada.",
        Reply.CHANGE: "{clinic}: para elegir otra hora ahora, llame al {phone}. Si no, "
        "{desk_calls} Mientras tanto, su cita del {when} sigue en pie.",
        Reply.SLOTS: "{clinic}: hay lugar a estas horas, y se lo guardamos 15 minutos. Responda "
        "con el número. {when}. MAS: horas posteriores. 0: le llama la clínica. Su cita del "
        "{stands} sigue en pie hasta que elija.",
        Reply.NO_LATER: "{clinic}: no hay horas después de las de nuestro último texto. Responda "
        "con el número de una de ellas: {when}. 0: le llama la clínica. Su cita del {stands} sigue "
        "en pie hasta que elija.",
        Reply.MOVED: "{clinic}: cambiada. Le esperamos el {when}. Tel. {phone}.",
        Reply.PERSON: "{clinic}: {desk_calls} {if_urgent}",
        Reply.OUTDATED: "{clinic}: su cita ya no es como decía nuestro texto, así que no se cambió "
        "nada. Llame al {phone} para saber cuándo es; la clínica también tiene su texto.",
        Reply.IS_CANCELLED: "{clinic}: sí, su cita del {when} está cancelada. Para una nueva llame "
        "al {phone}, o responda 2 y le llama la clínica.",
        Reply.OFFER_TAKEN: "{clinic}: la hora es suya. Le esperamos el {when}. Tel. {phone}.",
        Reply.OFFER_PASSED: "{clinic}: anotado. Usted conserva su lugar en la lista, y nada más "
        "cambia.",
        Reply.OFFER_GONE: "{clinic}: esa hora ya no está libre. Usted conserva su lugar en la "
        "lista; le avisamos de la próxima. Tel. {phone}.",
        Reply.RECEIVED: "{clinic}: la clínica leerá esto cuando abra. {if_urgent}",
        Reply.ENOUGH: "{clinic}: durante una hora no recibirá más respuestas por texto, y ningún "
        "texto cambia nada hasta entonces. La clínica lee lo que escriba. {if_urgent}",
        Reply.NO_MORE_TEXTS: "{clinic}: no recibirá más textos de nosotros. {if_urgent}",
        Reply.HELP: "{clinic}: le escribimos sobre sus citas. Para lo demás llame al {phone}. "
        "Responda 9 o STOP para no recibir textos. {if_urgent}",
        Reply.NOT_RECEIVED: "{clinic}: no pudimos recibir su texto. Por favor, llámenos. "
        "{if_urgent}",
        Reply.URGENT: "{clinic}: en una emergencia, llame al 911 ahora. Estamos llamando al "
        "personal de guardia por su texto, número {ticket}. No espere: llame al {phone} y "
        "oprima 1.",
        Reply.URGENT_NO_RECORDS: "{clinic}: en una emergencia, llame al 911 ahora. Quizá "
        "no podamos avisar a nuestro personal por este texto. Llame ahora al {phone} y oprima 1.",
    },
}


NEW_TIME = {"en": "the new time, {when}", "es": "la hora nueva, {when}"}
"""An offered time, where it is told apart from appointments."""

APPOINTMENT = {"en": "the appointment, {when}", "es": "la cita, {when}"}
"""An appointment, beside an offered time."""


def reply_text(answered: Answered, *, clinic: str, phone: str) -> str:
    """The words of an answer.

    clinic: its neutral name. phone: the line, E.164. Raises KeyError for another language.
    """
    if_urgent = _IF_URGENT[answered.language].format(phone=phone)
    said = _REPLIES[answered.language][answered.reply].format(
        clinic=clinic,
        phone=phone,
        when=answered.when,
        stands=answered.stands,
        desk_calls=answered.desk_calls,
        ticket=answered.ticket,
        if_urgent=if_urgent,
    )
    return as_texted(said)


def desk_calls(language: str, by: str = "", opens: str = "") -> str:
    """The sentence that says by when the desk calls.

    by, opens: see wording.in_words(); "" where nobody knows, or where the desk is there now.
    Raises KeyError for another language.
    """
    if not by:
        return _DESK_CALLS_SOME_TIME[language]
    sentence = _DESK_CALLS_LATER if opens else _DESK_CALLS
    return sentence[language].format(by=by, opens=opens)
