"""What boards cost that stay open while nothing happens: twenty of them, asking for news.

The processor's time of all web processes and of the database's server where there is one; each
board a browser of its own, signed in, on a connection it keeps.
"""

from __future__ import annotations

import asyncio
import html
import re
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
import psutil

from scheduling.database import Database
from tests.bench.receptionist import LOGIN, PASSWORD, hire
from tests.bench.servers import OURS, serving
from tests.bench.stores import Store, migrated, stores
from tests.frontdesk.office import version_of
from tests.product import load_demo_clinic

BOARDS = 20
WATCHED_SECONDS = 30
GOAL_PERCENT = 2


def run() -> None:
    """Measure on both databases and print the table."""
    print(f"\n{BOARDS} boards that stay open while nothing happens; in % of one core.")
    print(f"Goal: {GOAL_PERCENT} %.\n")
    print("| database | asked, per s | web processes | the database's server |")
    print("|---|---:|---:|---:|")
    with stores() as both, TemporaryDirectory(prefix="callnow-bench-") as folder:
        for store in both:
            print(_row(store, Path(folder)), flush=True)


@dataclass(frozen=True)
class _Spent:
    """Since these processes began. processor: seconds."""

    asked: int
    at: float
    web: float
    server: float


@dataclass
class _Board:
    """One open page. news: the address it asks; every: seconds between two askings."""

    browser: httpx.AsyncClient
    news: str
    every: float
    asked: int = 0

    async def stay_open(self) -> None:
        while True:
            answer = await self.browser.get(self.news)
            if answer.status_code != httpx.codes.NO_CONTENT:
                raise RuntimeError(f"an idle board was answered {answer.status_code}")
            self.asked += 1
            await asyncio.sleep(self.every)


def _row(store: Store, folder: Path) -> str:
    url = migrated(store, "idle_boards")
    database = Database(url)
    database.write(load_demo_clinic)
    hire(database, "demo", datetime.now(UTC))
    database.dispose()
    with serving(OURS, url, folder) as port:
        before, after = asyncio.run(_watched(port))
    passed = after.at - before.at
    web, server = after.web - before.web, after.server - before.server
    return (
        f"| {store.name} | {(after.asked - before.asked) / passed:.1f} "
        f"| {100 * web / passed:.1f} % | {100 * server / passed:.1f} % |"
    )


async def _watched(port: int) -> tuple[_Spent, _Spent]:
    boards = [await _open(port) for _ in range(BOARDS)]
    asking = [asyncio.create_task(board.stay_open()) for board in boards]
    await asyncio.sleep(3)
    before = _spent(port, boards)
    await asyncio.sleep(WATCHED_SECONDS)
    after = _spent(port, boards)
    for task, board in zip(asking, boards, strict=True):
        if task.done():
            task.result()
        task.cancel()
        await board.browser.aclose()
    return before, after


async def _open(port: int) -> _Board:
    browser = httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=60)
    form = (await browser.get("/frontdesk/login")).text
    token = re.findall(r'name="csrf_token" value="([^"]+)"', form)[0]
    known = {"login": LOGIN, "password": PASSWORD, "csrf_token": token}
    await browser.post("/frontdesk/login", data=known)
    page = (await browser.get("/frontdesk")).text
    (news,) = re.findall(r'id="poller"[^>]* hx-get="([^"]+)"', page)
    (every,) = re.findall(r'hx-trigger="every (\d+)ms', page)
    address = f"{html.unescape(news)}?seen={version_of(page)}"
    return _Board(browser, address, int(every) / 1000)


def _spent(port: int, boards: list[_Board]) -> _Spent:
    web = server = 0.0
    for process in psutil.process_iter(["name", "cmdline", "cpu_times"]):
        times = process.info["cpu_times"]
        if f"127.0.0.1:{port}" in (process.info["cmdline"] or ()):
            web += times.user + times.system
        elif process.info["name"] == "postgres":
            server += times.user + times.system
    return _Spent(sum(board.asked for board in boards), time.monotonic(), web, server)
