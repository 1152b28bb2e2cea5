"""What makes time pass: by a test's command, or by itself."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Protocol

from ivr.simulator.exchange import Exchange, Job
from ivr.simulator.timeline import Appointment, ManualClock


class Driver(Protocol):
    """Works off what an exchange has to do."""

    def settle(self) -> None: ...

    def close(self) -> None: ...


class ManualDriver:
    """Does everything that follows from what happened, on the caller's thread.

    Speech, pauses and webhooks run by themselves, and the clock moves along with them; what
    waits for a person (silence in a <Gather>, a phone that rings on) happens only by ``fire`` or
    ``elapse``, and what a caller in a queue hears goes on only as far as the time passes. While
    ``held`` is true nothing but webhooks runs by itself.
    """

    def __init__(self, exchange: Exchange, clock: ManualClock) -> None:
        self._exchange = exchange
        self._clock = clock
        self._driving = threading.RLock()
        self.held = False

    def settle(self) -> None:
        with self._driving:
            while self._one_step():
                pass

    def fire(self, appointment: Appointment) -> None:
        """Let the time pass until this appointment, and do it and all that follows."""
        with self._driving:
            self._pass(appointment.at, with_waits=False)
            with self._exchange.lock:
                if not appointment.cancelled:
                    self._keep(appointment)
            self.settle()

    def elapse(self, seconds: float) -> None:
        """Let time pass for everybody: everything due happens, in order, silences included."""
        with self._driving:
            self.settle()
            with self._exchange.lock:
                end = self._clock.now() + timedelta(seconds=seconds)
            self._pass(end, with_waits=True)
            with self._exchange.lock:
                self._clock.move_to(end)
            self.settle()

    def close(self) -> None:
        """Nothing runs by itself: there is nothing to stop."""

    def _pass(self, end: datetime, *, with_waits: bool) -> None:
        """Do everything that is due until then, in order."""
        while True:
            while self._one_job():
                pass
            with self._exchange.lock:
                appointment = self._exchange.timeline.next(until=end, with_waits=with_waits)
                if appointment is None:
                    return
                self._keep(appointment)

    def _one_step(self) -> bool:
        if self._one_job():
            return True
        with self._exchange.lock:
            now, timeline = self._clock.now(), self._exchange.timeline
            coming = timeline.next(
                until=now if self.held else None, with_waits=False, with_idle=False
            )
            # Whoever waits in a queue hears on until then, and no longer.
            due = timeline.next(until=coming.at if coming else now, with_waits=False)
            if due is None:
                return False
            self._keep(due)
            return True

    def _one_job(self) -> bool:
        with self._exchange.lock:
            if not self._exchange.jobs:
                return False
            job = self._exchange.jobs.popleft()
        answer = self._exchange.sender.send(job.request)
        with self._exchange.lock:
            job.then(answer)
        return True

    def _keep(self, appointment: Appointment) -> None:
        self._clock.move_to(appointment.at)
        appointment.cancel()
        appointment.action()


class RealTimeDriver:
    """Lets time pass as it does; webhooks run beside each other on threads of their own.

    ``pace`` is how many seconds of the exchange's clock pass in one of the machine's. With
    ``waits_for_people`` nobody is rushed: a caller's silence and a phone that rings last until the
    control interface ends them.
    """

    def __init__(
        self,
        exchange: Exchange,
        *,
        webhooks_at_once: int = 16,
        pace: float = 1,
        waits_for_people: bool = False,
    ) -> None:
        self._exchange = exchange
        self._pace = pace
        self._with_waits = not waits_for_people
        self._pool = ThreadPoolExecutor(webhooks_at_once, thread_name_prefix="webhook")
        self._stopped = False
        self._thread = threading.Thread(target=self._run, name="exchange", daemon=True)
        self._thread.start()

    def settle(self) -> None:
        """Everything happens in its own time: there is nothing to hurry."""

    def close(self) -> None:
        with self._exchange.lock:
            self._stopped = True
            self._exchange.lock.notify_all()
        self._thread.join()
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _run(self) -> None:
        lock = self._exchange.lock
        with lock:
            while not self._stopped:
                while self._exchange.jobs:
                    self._pool.submit(self._work, self._exchange.jobs.popleft())
                now = self._exchange.clock.now()
                timeline = self._exchange.timeline
                due = timeline.next(until=now, with_waits=self._with_waits)
                if due is not None:
                    due.cancel()
                    self._guarded(due.action)
                    continue
                coming = timeline.next(with_waits=self._with_waits)
                lock.wait((coming.at - now).total_seconds() / self._pace if coming else None)

    def _work(self, job: Job) -> None:
        answer = self._exchange.sender.send(job.request)
        with self._exchange.lock:
            self._guarded(lambda: job.then(answer))

    def _guarded(self, action: Callable[[], None]) -> None:
        try:
            action()
        except Exception as error:  # noqa: BLE001  # one call's fault must not stop the others
            self._exchange.refuse(0, f"A fault in the phone company itself: {error!r}")
