"""Calls that the product asks for over REST, and what it does to calls that run."""

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from ivr.simulator.dialling import Dialling
from ivr.simulator.execution import Execution
from ivr.simulator.faults import RestError
from ivr.simulator.leg import Leg, Subscription

if TYPE_CHECKING:
    from ivr.simulator.exchange import Exchange


@dataclass(frozen=True)
class CallOrder:
    """A call to place: what POST Calls.json said. ``timeout_s`` is how long it may ring."""

    from_number: str
    to_number: str
    url: str = ""
    method: str = "POST"
    twiml: str = ""
    fallback_url: str = ""
    timeout_s: int = 60
    machine_detection: str = ""
    subscription: Subscription | None = None


def place(exchange: "Exchange", order: CallOrder) -> Leg:
    """Queue a call; it rings once the request has been answered."""
    leg = exchange.new_leg(
        from_number=order.from_number,
        to_number=order.to_number,
        direction="outbound-api",
        subscription=order.subscription,
    )
    execution = Execution(leg, fallback_url=order.fallback_url)

    def answered() -> None:
        if order.machine_detection and leg.phone:
            machine = (
                "machine_end_beep"
                if order.machine_detection == "DetectMessageEnd"
                else "machine_start"
            )
            leg.answered_by = machine if leg.phone.is_machine else "human"
        if order.twiml:
            execution.start_with(order.twiml.encode())
        else:
            execution.start("outgoing call", order.url, method=order.method)

    leg.when_answered = answered

    def ring() -> None:
        if not leg.is_over:
            exchange.ring(leg, order.timeout_s)

    exchange.later(timedelta(0), ring)
    exchange.changed()
    return leg


def stop(leg: Leg, status: str) -> None:
    """End a call as POST Calls/{sid}.json with Status asks: completed or canceled.

    Raises RestError for another status. A call that is over stays as it was.
    """
    if status not in {"completed", "canceled"}:
        raise RestError(400, 20001, f"Status {status!r} is not completed or canceled.")
    if status == "completed" or leg.answered_at is None:
        leg.end("canceled" if leg.answered_at is None else "completed")


def redirect(leg: Leg, *, url: str, method: str, twiml: str) -> None:
    """Send a running call to another document.

    Raises RestError (21220) where the call does not run.
    """
    if leg.is_over or leg.answered_at is None:
        raise RestError(400, 21220, "Call is not in-progress. Cannot redirect.")
    dialled_by = leg.parent.execution if leg.parent else None
    if dialled_by and isinstance(dialled_by.dialling, Dialling):
        dialled_by.dialling.release(leg)
    leg.part()
    execution = leg.execution
    if execution is None or leg.parent is not None:
        # A whisper's end would connect the called party; the new document's end hangs up.
        if execution is not None:
            execution.stop()
        execution = Execution(leg)
    if twiml:
        execution.start_with(twiml.encode())
    else:
        execution.start("redirected by REST", url, method=method)
