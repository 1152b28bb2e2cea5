"""Plays a page: real phones on the local phone company, signed webhooks, a real database."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import httpx

from ivr.simulator.testing import Handset, NothingToDoError, PhoneCompany
from tests.calls.course import CompanyTime
from tests.calls.town import Town
from tests.golden.page import WRONG, Page, Step, keys_of
from tests.golden.people import GIVEN
from tests.product import BACKUP, DESK_PHONE, LINE, NURSE, PATIENT, SUPERVISOR, Product

ZONE = ZoneInfo("America/Chicago")

AUDIBLE = frozenset({"speech", "audio", "person", "ringing"})

NUMBERS: Mapping[str, str] = {
    "patient": PATIENT,
    "daughter": "+15125550143",
    "stranger": "+15125550144",
    "nurse": NURSE,
    "backup": BACKUP,
    "supervisor": SUPERVISOR,
    "desk": DESK_PHONE,
}


def play(page: Page, database_url: str) -> Page:
    """The same page with what is heard now. The database holds the demo clinic and nothing else."""
    clock = CompanyTime(page.begins_at.replace(tzinfo=ZONE).astimezone(ZoneInfo("UTC")))
    product = Product.start(database_url, clock=clock, loaded=False)
    with ExitStack() as stack:
        stack.callback(product.database.dispose)
        http = stack.enter_context(
            httpx.Client(
                transport=httpx.WSGITransport(app=product.app),
                base_url=product.settings.public_base_url,
            )
        )
        company = PhoneCompany(Town.company_config(product), http=http, start=clock.now)
        clock.company = company
        town = Town(product, company)
        for given in page.given:
            GIVEN[given](town)
        stage = _Stage(town)
        return replace(page, steps=[stage.play(step) for step in page.steps])


class _Stage:
    def __init__(self, town: Town) -> None:
        self._town = town
        self._phones = {who: town.company.phone(number) for who, number in NUMBERS.items()}
        self._ringing: set[str] = set()
        self._in_call: set[str] = set()
        self._texts = dict.fromkeys(NUMBERS, 0)
        self._heard: dict[tuple[str, str], int] = {}

    def play(self, step: Step) -> Step:
        phone = self._phones.get(step.who)
        wrong = []
        try:
            if phone is None:
                self._without_a_phone(step)
            else:
                _ACTIONS[step.does](phone, step.what)
        except NothingToDoError as error:
            wrong.append(f"{WRONG} cannot be done now: {error}")
        heard = [*wrong, *self._heard_by(step.who), *self._heard_elsewhere(step.who), *self._seen()]
        if self._town.company.refused:
            heard.append(f"{WRONG} refused by the carrier: {self._town.company.refused}")
        return replace(step, heard=heard)

    def _without_a_phone(self, step: Step) -> None:
        if step.who == "worker":
            self._town.let_the_worker_work()
            return
        number, unit = step.what.split()
        seconds = timedelta(**{f"{unit.rstrip('s')}s": int(number)}).total_seconds()
        self._town.company.elapse(seconds)

    def _heard_by(self, who: str) -> list[str]:
        return self._new_to(who) if who in self._phones else []

    def _heard_elsewhere(self, who: str) -> list[str]:
        return [
            f"{other} hears: {line}"
            for other in self._phones
            if other != who
            for line in self._new_to(other)
        ]

    def _new_to(self, who: str) -> list[str]:
        """What this phone has heard since the last step, its own keys and words left out."""
        call = self._phones[who].current_call
        if call is None:
            return []
        transcript = call.transcript
        new = transcript[self._heard.get((who, call.sid), 0) :]
        self._heard[who, call.sid] = len(transcript)
        return [one.text for one in new if one.kind in AUDIBLE]

    def _seen(self) -> list[str]:
        """What has changed at all the phones."""
        seen = []
        for who, phone in self._phones.items():
            if phone.ringing and who not in self._ringing:
                seen.append(f"* {who}'s phone rings")
            if not phone.in_call and who in self._in_call:
                seen.append(f"* {who}'s call has ended")
            for text in phone.texts[self._texts[who] :]:
                seen += [f"* {who} gets a text: {text.body}"]
            self._texts[who] = len(phone.texts)
            _keep(self._ringing, who, here=phone.ringing)
            _keep(self._in_call, who, here=phone.in_call)
        return seen


def _keep(those: set[str], who: str, *, here: bool) -> None:
    if here:
        those.add(who)
    else:
        those.discard(who)


def _presses(phone: Handset, what: str) -> None:
    phone.press(*keys_of(what))


_ACTIONS: Mapping[str, Callable[[Handset, str], object]] = {
    "calls": lambda phone, _: phone.call(LINE),
    "calls without a number": lambda phone, _: phone.call(LINE, withhold_number=True),
    "presses": _presses,
    "says": lambda phone, what: phone.say(what),
    "is silent": lambda phone, _: phone.stay_silent(),
    "hangs up": lambda phone, _: phone.hang_up(),
    "answers": lambda phone, _: phone.answer(),
    "lets it ring": lambda phone, _: phone.let_ring(),
    "rejects": lambda phone, _: phone.reject(),
    "texts": lambda phone, what: phone.send_sms(LINE, what),
}
