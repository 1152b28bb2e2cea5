"""Logs: one JSON object a line on standard output, with nothing in it that identifies a patient.

The rule is an allow-list. A key that is not named here never reaches the log, and neither does a
value that looks like free text or like a telephone number, whatever its key. Messages of
libraries keep their fixed wording and lose what was filled into it; of an exception only its type
and the places in the code remain, since its text may quote a row of the database.
"""

from __future__ import annotations

import json
import logging
import re
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TextIO
from uuid import UUID

import structlog

if TYPE_CHECKING:
    from types import TracebackType

    from structlog.typing import EventDict, WrappedLogger

ALLOWED_KEYS: Final = frozenset(
    {
        "attempts",
        "call_sid",
        "clinic_id",
        "error",
        "error_code",
        "event",
        "kind",
        "known_device",
        "lane",
        "level",
        "location",
        "logger",
        "mac",
        "message_id",
        "message_sid",
        "ms",
        "node",
        "process",
        "reason",
        "repeated",
        "route",
        "rows",
        "seal",
        "status",
        "ticket",
        "ticket_id",
        "timestamp",
        "trace",
        "turn",
        "withheld",
        "worker_id",
    }
)
"""Every key a log line may have. Add one only for what can never identify a patient: no answer,
name, number or date of birth, and no internal id of a patient or visit either."""

WITHHELD: Final = "[withheld]"
"""Stands where a value was refused."""

IN_FULL: Final = frozenset({("gunicorn.error", "arbiter"), ("gunicorn.error", "gthread")})
"""Loggers and modules of libraries whose messages tell of their own life (a port, a worker that
died) and never of a request, unless they run over several lines and quote an exception."""

_CODE_WORD = re.compile(r"[a-z][a-z0-9_.]{0,79}")
_PLAIN = re.compile(r"[A-Za-z0-9_./:<>\-]{0,200}")
_SEVEN_DIGITS = re.compile(r"\d(?:[-._/:]?\d){6}")
_DATE = re.compile(
    r"(?<!\d)(?:(?:19|20)\d\d([-./])\d{1,2}\1\d{1,2}"
    r"|\d{1,2}([-/])\d{1,2}\2(?:\d\d){1,2}"
    r"|\d{1,2}\.\d{1,2}\.(?:19|20)\d\d)(?!\d)"
)
_SID = re.compile(r"[A-Z]{2}[0-9a-f]{32}")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_PLACEHOLDER = re.compile(r"%(?:\(\w+\))?[#0\- +]*[\d*]*(?:\.[\d*]+)?[a-zA-Z]")

# Seven digits are the shortest telephone number, so a smaller number cannot be one.
_SMALLEST_TELEPHONE_NUMBER = 1_000_000

# Names that a machine gave itself; a container's may well have seven digits in a row.
_MACHINE_NAMES = frozenset({"mac", "trace", "worker_id"})

_FRAMES = 25


def configure_logging(stream: TextIO | None = None, *, level: int = logging.INFO) -> None:
    """Send structlog's and the standard library's logs to `stream` (standard output) as JSON.

    level: the least that our own code logs, as the standard library counts; libraries: WARNING.

    Also takes over what Python would print about an unhandled exception. Call it once, first
    thing in every process; calling it again replaces the stream.
    """
    output = stream if stream is not None else sys.stdout
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            _only_code_words,
            _exception_as_places,
            keep_what_is_allowed,
            _timestamp,
            _json_line,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(file=output),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(output)
    handler.setFormatter(LibraryFormatter())
    # At INFO several libraries write lines for every request they make or serve. gunicorn, which
    # tells of its processes there, sets its own logger's level.
    logging.basicConfig(handlers=[handler], level=max(level, logging.WARNING), force=True)
    # Where a line cannot be formatted, the standard library would print its arguments.
    logging.raiseExceptions = False
    sys.excepthook = _log_unhandled
    threading.excepthook = _log_unhandled_in_thread


def keep_what_is_allowed(_logger: WrappedLogger, _method: str, line: EventDict) -> EventDict:
    """A structlog processor: drop unknown keys, mask unsafe values, name the keys concerned."""
    kept: dict[str, Any] = {}
    withheld: list[str] = []
    for key, value in line.items():
        if key not in ALLOWED_KEYS:
            # A key is a word of the code, unless somebody unpacked a form into the call.
            withheld.append(key if _CODE_WORD.fullmatch(key) else WITHHELD)
        elif key in _MACHINE_NAMES or _is_safe(value):
            kept[key] = str(value) if isinstance(value, UUID) else value
        else:
            kept[key] = WITHHELD
            withheld.append(key)
    if withheld:
        kept["withheld"] = sorted(withheld)
    return kept


class LibraryFormatter(logging.Formatter):
    """Turns a record of the standard library's logging into the same kind of line."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as one line of JSON."""
        line: EventDict = {
            "level": record.levelname.lower(),
            "logger": record.name,
            "process": record.process,
            "location": f"{_short(record.pathname)}:{record.lineno}",
        }
        if record.exc_info:
            line["exc_info"] = record.exc_info
        line = keep_what_is_allowed(None, "", _exception_as_places(None, "", line))
        # After the check for words of the code, which prose can never pass.
        line["event"] = _library_message(record)
        return _json_line(None, "", _timestamp(None, "", line))


def _library_message(record: logging.LogRecord) -> str:
    if (record.name, record.module) in IN_FULL and "\n" not in record.getMessage():
        return record.getMessage()
    if not record.args or not isinstance(record.msg, str):
        # Nothing tells fixed wording from a text that was put together before it came here.
        return f"a message of {record.name}; its wording stands at the location"
    arguments = list(record.args) if isinstance(record.args, tuple) else []
    return _PLACEHOLDER.sub(lambda _: _mask(arguments.pop(0) if arguments else None), record.msg)


def _mask(value: object) -> str:
    return str(value) if isinstance(value, int | float) and _is_safe(value) else "…"


def _is_safe(value: object) -> bool:
    if value is None or isinstance(value, bool | UUID):
        return True
    if isinstance(value, int | float):
        return abs(value) < _SMALLEST_TELEPHONE_NUMBER
    if isinstance(value, str):
        without_ids = _UUID.sub("", _SID.sub("", value))
        identifies = _SEVEN_DIGITS.search(without_ids) or _DATE.search(without_ids)
        return bool(_PLAIN.fullmatch(value)) and not identifies
    return False


def _only_code_words(_logger: WrappedLogger, _method: str, line: EventDict) -> EventDict:
    # An event is a fixed word such as "turn_answered": a sentence may have a name in it.
    if not _CODE_WORD.fullmatch(str(line.get("event"))):
        line["event"] = WITHHELD
    return line


def _exception_as_places(_logger: WrappedLogger, _method: str, line: EventDict) -> EventDict:
    given = line.pop("exc_info", None)
    if not given:
        return line
    error: object = given
    if isinstance(given, tuple):
        error = given[1]
    elif not isinstance(given, BaseException):
        error = sys.exc_info()[1]
    if isinstance(error, BaseException):
        line["error"] = "<".join(_types(error))
        line["trace"] = _places(error.__traceback__)
    return line


def _types(error: BaseException) -> list[str]:
    """The error's type, then that of its cause, and so on: never their texts."""
    names: list[str] = []
    current: BaseException | None = error
    while current is not None and len(names) < 5:
        names.append(type(current).__qualname__)
        current = current.__cause__ or (
            None if current.__suppress_context__ else current.__context__
        )
    return names


def _places(traceback: TracebackType | None) -> list[str]:
    places: list[str] = []
    while traceback is not None:
        code = traceback.tb_frame.f_code
        places.append(f"{_short(code.co_filename)}:{traceback.tb_lineno} {code.co_name}")
        traceback = traceback.tb_next
    return places[-_FRAMES:]


def _short(filename: str) -> str:
    """The last three parts: enough to find a module, nothing about the machine."""
    return "/".join(Path(filename).parts[1:][-3:])


def _timestamp(_logger: WrappedLogger, _method: str, line: EventDict) -> EventDict:
    line["timestamp"] = datetime.now(UTC).isoformat(timespec="milliseconds")
    return line


def _json_line(_logger: WrappedLogger, _method: str, line: EventDict) -> str:
    first = {key: line.pop(key) for key in ("timestamp", "level", "event") if key in line}
    return json.dumps({**first, **line}, ensure_ascii=False)


def _log_unhandled(
    kind: type[BaseException], error: BaseException, traceback: TracebackType | None
) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return
    structlog.get_logger(__name__).critical(
        "unhandled_exception", exc_info=(kind, error, traceback)
    )


def _log_unhandled_in_thread(event: threading.ExceptHookArgs) -> None:
    if event.exc_value is not None:
        _log_unhandled(event.exc_type, event.exc_value, event.exc_traceback)
