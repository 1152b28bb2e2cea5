"""Twilio's REST API: the texts and calls that we place, the list of all calls, recordings.

What sets an account up stands in account.py.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from itertools import takewhile
from typing import Any

from ivr.carrier.answers import STATUSES, answered
from ivr.carrier.http import API, HttpClient, client_of
from ivr.messages.telephony import CarrierError, ListedCall, ListedText, Recording, Trouble

_NOT_FOUND = 404

_OVER = frozenset({"completed", "busy", "failed", "no-answer", "canceled"})

_PAGE = 1000
"""Calls asked for at a time: the most that Twilio gives."""

_TEXTS_A_PAGE = 200
"""Texts that came in, asked for at a time: more than come in half an hour."""

_OUT_OF_ORDER = timedelta(minutes=5)
"""By how much texts of a list may stand out of order [a judgement]."""

_TEXTS = 100
"""Texts to one number that are looked at, the newest first: nobody gets as many in two hours."""


class TwilioRest:
    """A client of one Twilio account, for use by one thread.

    api_base_url: in place of Twilio's own address: the local phone company, or a proxy.
    timeout_seconds: for the connection, and again for each wait for the answer's next bytes.
    Every method raises CarrierError. None of them tries twice: whether it is safe to, only the
    caller knows.
    """

    def __init__(
        self,
        account_sid: str,
        auth_token: str,
        api_base_url: str | None = None,
        timeout_seconds: float = 5,
    ) -> None:
        self._http = HttpClient(api_base_url, timeout_seconds)
        self._recordings = f"{API}/Accounts/{account_sid}/Recordings"
        self._sign_in = (account_sid, auth_token)
        self._client = client_of(account_sid, auth_token, self._http)

    def send_sms(self, *, to: str, from_: str, body: str, status_callback: str | None) -> str:
        """Hand over a text message; return its MessageSid. Numbers are E.164."""
        return self._created(
            self._client.messages.create,
            to=to,
            from_=from_,
            body=body,
            status_callback=status_callback,
        )

    def place_call(
        self,
        *,
        to: str,
        from_: str,
        url: str,
        status_callback: str | None,
        timeout_seconds: int,
        detect_machine: bool = False,
    ) -> str:
        """Ring `to` for so many seconds; `url` answers what they hear. Return the CallSid."""
        detection = {"machine_detection": "DetectMessageEnd"} if detect_machine else {}
        return self._created(
            self._client.calls.create,
            to=to,
            from_=from_,
            url=url,
            status_callback=status_callback,
            timeout=timeout_seconds,
            **detection,
        )

    def hang_up(self, call_sid: str) -> None:
        """End a call, ringing or connected."""
        self._created(self._client.calls(call_sid).update, status="completed")

    def list_calls(
        self, *, since: datetime, to: str | None = None, from_: str | None = None
    ) -> list[ListedCall]:
        """The calls to or from a number that began at `since` (aware UTC) or later, all of them."""
        day = _day_of(since)
        wanted = {"to": to, "from_": from_}

        def ask() -> list[ListedCall]:
            calls = self._client.calls.list(
                start_time_after=day,
                page_size=_PAGE,
                **{name: number for name, number in wanted.items() if number is not None},
            )
            return [listed for call in calls if (listed := _listed(call)).started_at >= since]

        return answered(ask)

    def list_texts(self, *, since: datetime, to: str, from_: str) -> list[ListedText]:
        """The texts to a number that were taken at `since` (aware UTC) or later."""

        # Twilio's own filter is by when they were sent, and one that waits to be has no such time.
        def ask() -> list[ListedText]:
            texts = self._client.messages.list(to=to, from_=from_, limit=_TEXTS)
            return [listed for one in texts if (listed := _listed_text(one)).created_at >= since]

        return answered(ask)

    def list_received(self, *, since: datetime, to: str) -> list[ListedText]:
        """The texts that came in to a number of ours at `since` (aware UTC) or later, all."""
        day = _day_of(since)

        def ask() -> list[ListedText]:
            # The newest first [Twilio]: what is older than that need not be fetched.
            newest = self._client.messages.stream(
                to=to, date_sent_after=day, page_size=_TEXTS_A_PAGE
            )
            new = takewhile(lambda one: one.date_created >= since - _OUT_OF_ORDER, newest)
            received = [_listed_text(one) for one in new if one.direction == "inbound"]
            return [one for one in received if one.created_at >= since]

        return answered(ask)

    def recording(self, sid: str) -> Recording:
        """A recording, whole: two minutes of it are 2 MB."""
        # The library reads every answer as text.
        answer = answered(lambda: self._http.fetch(f"{self._recordings}/{sid}.wav", self._sign_in))
        if not answer.ok:
            kind = STATUSES.get(answer.status_code, Trouble.CARRIER_TROUBLE)
            raise CarrierError(kind, http_status=answer.status_code)
        content_type = answer.headers.get("Content-Type", "")
        if not content_type.startswith("audio/"):
            raise CarrierError(Trouble.CARRIER_TROUBLE, http_status=answer.status_code)
        return Recording(answer.content, content_type)

    def delete_recording(self, sid: str) -> None:
        """Delete a recording; one that is gone already is no error."""
        try:
            answered(lambda: self._client.recordings(sid).delete())
        except CarrierError as error:
            if error.http_status != _NOT_FOUND:
                raise

    def _created(self, request: Callable[..., Any], **fields: Any) -> str:
        sid = answered(lambda: request(**fields).sid)
        if not sid:
            raise CarrierError(Trouble.CARRIER_TROUBLE)
        return str(sid)


def _listed(call: Any) -> ListedCall:
    # A call that nobody answered may have no start of its own.
    started_at: datetime = call.start_time or call.date_created
    ended_at: datetime | None = None
    if call.status in _OVER:
        ended_at = call.end_time or started_at + timedelta(seconds=int(call.duration or 0))
    return ListedCall(
        sid=str(call.sid),
        from_number=str(call._from),  # noqa: SLF001  # `from` is a keyword; there is no other name
        to_number=str(call.to),
        started_at=started_at,
        ended_at=ended_at,
        parent_sid=call.parent_call_sid or None,
    )


def _listed_text(one: Any) -> ListedText:
    return ListedText(
        sid=str(one.sid),
        from_number=str(one.from_),
        to_number=str(one.to),
        body=one.body or "",
        created_at=one.date_created,
    )


def _day_of(instant: datetime) -> datetime:
    """Twilio compares days, in UTC; whoever asks compares the time of day."""
    return datetime.combine(instant.astimezone(UTC).date(), time(), UTC)
