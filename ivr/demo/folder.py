"""The demonstration's folder: its secrets, made once, and the files made from them."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from ivr.clinics.definition import ClinicFile

DESK_LOGIN = "desk"

PATIENT_PHONES = {"+15125550123": "A patient", "+15125550124": "Another patient"}

STAFF_PINS = {"ana-ruiz": "294617", "sam-lee": "730582"}
"""Person on call of the demo clinic -> the PIN that opens the line's staff menu to their phone.

Printed on the screen and in the README: nobody can call this line but from the local phone company.
"""

# Without 0 and o, 1 and l and i: the password is typed off a terminal.
_LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"


class DemoError(Exception):
    """The demonstration cannot start or go on. The text says why and what to do."""


@dataclass(frozen=True)
class Secrets:
    """What is secret about one demonstration; none of it is worth anything elsewhere."""

    account_sid: str
    auth_token: str = field(repr=False)
    secret_key: str = field(repr=False)
    desk_password: str = field(repr=False)


@contextmanager
def sole_use_of(folder: Path) -> Iterator[None]:
    """Make `folder` where it is missing and keep other demonstrations out of it meanwhile.

    Raises DemoError where one runs there already, or where it cannot be made.
    """
    try:
        (folder / "log").mkdir(parents=True, exist_ok=True)
        lock = (folder / "demo.lock").open("w", encoding="utf-8")
    except OSError as error:
        raise DemoError(
            f"{folder} cannot be used ({error.strerror}): name another with --folder"
        ) from None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DemoError(
                f"A demonstration is already running in {folder}: stop it with Ctrl-C where it "
                "runs, or name another folder with --folder, and other ports with PORT and "
                "PHONE_PORT."
            ) from None
        yield


def secrets_in(folder: Path) -> Secrets:
    """The demonstration's secrets, made on the first start. Raises DemoError for a spoilt file."""
    path = folder / "demo.json"
    if not path.exists():
        made = Secrets(
            account_sid="AC" + secrets.token_hex(16),
            auth_token=secrets.token_hex(16),
            secret_key=secrets.token_urlsafe(48),
            desk_password="-".join(
                "".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(4)
            ),
        )
        write_private(path, asdict(made))
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
        return Secrets(**{one.name: str(stored[one.name]) for one in fields(Secrets)})
    except (OSError, ValueError, KeyError, TypeError):
        raise DemoError(f"{path} cannot be read: delete it, and it is made anew") from None


def phone_company(clinics: Sequence[ClinicFile], base_url: str, account: Secrets) -> dict[str, Any]:
    """The configuration of the local phone company: the clinics' lines and everybody's phones."""
    lines = {one.numbers.line: one for one in clinics}
    phones: dict[str, tuple[str, str]] = {}
    for one in clinics:
        for person in one.on_call:
            phones.setdefault(person.number, (f"{person.name}, on call", "staff"))
        phones.setdefault(one.numbers.desk, ("Front desk", "staff"))
        phones.setdefault(one.numbers.fallback_on_call, ("On-call fallback", "staff"))
    for number, label in PATIENT_PHONES.items():
        phones.setdefault(number, (label, "patient"))
    return {
        "account_sid": account.account_sid,
        "auth_token": account.auth_token,
        "numbers": [
            {
                "phone_number": number,
                "friendly_name": clinic.name,
                "voice_url": f"{base_url}/voice/incoming",
                "voice_fallback_url": f"{base_url}/voice/fallback",
                "status_callback": f"{base_url}/voice/status",
                "sms_url": f"{base_url}/sms/incoming",
                "sms_fallback_url": f"{base_url}/sms/incoming",
            }
            for number, clinic in lines.items()
        ],
        "phones": [
            {"number": number, "label": label, "kind": kind}
            for number, (label, kind) in sorted(phones.items(), key=lambda one: one[1][1])
            if number not in lines
        ],
    }


def write_private(path: Path, content: Mapping[str, Any]) -> None:
    """Write `content` as JSON, whole or not at all, in a file that only its owner may read."""
    draft = path.with_suffix(".draft")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(content, file, indent=2, ensure_ascii=False)
    draft.replace(path)
