"""The browse pages from real websocket clients on loopback: CPU of a run beside a trivial page's, readers, first page."""

from __future__ import annotations

import asyncio
import os
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qsl, urlencode

import websockets
from measuring import REPEATS, ROOT, Measure, Scale
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

import dashboard

READERS = 20
THINK = 3.0
ROUNDS = {"small": 4, "full": 15}
RUNS = {"small": 8, "full": 40}
TURNS = {"small": 5, "full": 7}
NOTHING = ("", "")
"""The choices of a page without any."""
CHOICES = ("lasar=2024/25", "lasar=2023/24", "jamfor=nation", "huvudman=municipal")
PAGES = {
    "": CHOICES,
    "kommun": ("kommun=Ale", "kommun=Lerum", "trear=ja", "jamfor=nation"),
    "indikator": ("kommun=Ale", "indikator=absence_20", "kommun=Tjörn", "jamfor=nation"),
    "modeller": ("kommun=Ale", "visa=personal", "visa=kort", "visa=tackning"),
    "jamfor": ("kommun=Ale", "indikator=absence_20", "kommun=Lerum"),
    "effekt": ("modell=sspf", "modell=school_social_team", "modell=attendance_team"),
    "elevens-vag": ("kommun=Ale", "kohort=gymnasiestart", "kommun=Lerum"),
    "stodkedjan": ("kommun=Ale", "kommun=Lerum", "period=2024"),
    "tidiga-tecken": ("kommun=Ale", "battre=ja", "kommun=Lerum"),
    "metod": ("ord=SIP", "indikator=absence_20"),
    "tillganglighet": ("utgava=",),
}
"""Every page of the example release, and the choices a reader makes there in turn."""
KEPT = 2
"""Runs that a browser keeps a large message it has not needed (global.maxCachedMessageAge)."""
TRIVIALS = ("plain", "usual", "inside")
PROCESS_CLOCK = 2
"""The last three bits of the number that Linux gives the CPU clock of another process (CPUCLOCK_SCHED)."""
TRIVIAL = 'import streamlit as st\nst.set_page_config(page_title="Tom", layout="wide")\nst.html("<h1>Hej</h1>")\n'
INSIDE = """import streamlit as st
from metrics.present.swedish import head, icon

entries = {entries}
st.set_page_config(page_title="Tom", page_icon=icon(), layout="wide")
st.html(head(tuple(path for _, path in entries)), unsafe_allow_javascript=True)
pages = [
    st.Page(lambda: st.html("<h1>Hej</h1>"), title=title, url_path=path or "oversikten", default=not path)
    for title, path in entries
]
st.navigation(pages, position="top", expanded=True).run()
"""
"""A trivial page in our frame: the same menu, style and search, written as the framework's manual says."""


@dataclass(frozen=True, kw_only=True)
class Server:
    """A running Streamlit process."""

    port: int
    pid: int

    @property
    def cpu(self) -> float:
        """Seconds of CPU that all threads of the process have used, ended ones too, to the nanosecond."""
        return time.clock_gettime(~self.pid << 3 | PROCESS_CLOCK)


def measures(scale: Scale) -> Iterator[Measure]:
    """Rows for the first page: alone against a trivial page, and with many readers."""
    with tempfile.TemporaryDirectory() as folder:
        trivial = Path(folder) / "trivial.py"
        trivial.write_text(TRIVIAL, encoding="utf-8")
        framed = Path(folder) / "inside.py"
        groups = (dashboard.LOOK, dashboard.WORK, dashboard.FOLLOW, dashboard.BEHIND, dashboard.QUIET)
        entries = [(title, path) for group in groups for _, title, path in group]
        framed.write_text(INSIDE.format(entries=entries), encoding="utf-8")
        with (
            _server(ROOT / "dashboard.py") as ours,
            _server(trivial) as plain,
            _server(trivial, Path(folder)) as usual,
            _server(framed) as inside,
        ):
            yield from _alone(ours, dict(zip(TRIVIALS, (plain, usual, inside), strict=True)), scale)
            yield from _many(ours, scale)


def _alone(ours: Server, trivials: dict[str, Server], scale: Scale) -> Iterator[Measure]:
    """Against a trivial page: with our settings (`plain`), with the framework's own (`usual`), in our frame (`inside`)."""
    first = asyncio.run(_first(ours))
    yield Measure(
        name="första sidan på en varm server", ratio=asyncio.run(_first(ours)), unit="s", limit=3.0, repeats=1
    )
    yield Measure(name="första sidan på en nystartad server", ratio=first, unit="s", limit=3.0, repeats=1)
    runs, times = RUNS[scale], TURNS[scale]
    turns = [_turn(ours, trivials, runs) for _ in range(times + 1)][1:]
    for page in PAGES:
        each = statistics.median(spent[page] for spent, _ in turns) / runs * 1000
        against = {
            other: statistics.median(spent[page] / empty[page][other] for spent, empty in turns) for other in TRIVIALS
        }
        yield Measure(
            name=f"{page or 'oversikt'}: CPU mot en tom sida",
            ratio=against["plain"],
            unit="ratio",
            limit=1.3,
            repeats=times,
            note=_decimal(
                f"{each:.1f} ms; {against['inside']:.2f} mot en tom sida med samma meny, {against['usual']:.2f} mot en "
                "i ramverkets grundinställning, som städar minnet efter varje sida"
            ),
        )


def _turn(ours: Server, trivials: dict[str, Server], runs: int) -> tuple[dict[str, float], dict[str, dict[str, float]]]:
    """CPU seconds of so many runs of every page, and of each trivial one just before it: a machine's speed changes by the
    second."""
    spent, empty = {}, {}
    for page, choices in PAGES.items():
        empty[page] = {name: asyncio.run(_runs(server, "", NOTHING, runs=runs)) for name, server in trivials.items()}
        spent[page] = asyncio.run(_runs(ours, page, choices, runs=runs))
    return spent, empty


def _decimal(text: str) -> str:
    """Numbers as they are written in Swedish."""
    return re.sub(r"(?<=\d)\.(?=\d)", ",", text)


def _many(server: Server, scale: Scale) -> Iterator[Measure]:
    """Many readers who think between pages, against one who asks as often as they do together, so that the server idles
    as much and its caches are as cold; in the note against one who never waits. Connecting and first pages count in none.
    """
    rounds, runs, pause = ROUNDS[scale], RUNS[scale], THINK / READERS
    hurried = statistics.median(asyncio.run(_runs(server, runs=runs)) for _ in range(REPEATS)) / runs
    alone = statistics.median(asyncio.run(_runs(server, runs=runs, pause=pause)) for _ in range(REPEATS)) / runs
    waits, errors, spent = asyncio.run(_readers(server, rounds))
    each = spent / max(len(waits), 1)
    name = f"{READERS} läsare, {THINK:.0f} s mellan sidorna"
    yield Measure(
        name=f"{name}: CPU per visning mot ensam",
        ratio=each / alone,
        unit="ratio",
        limit=1.3,
        repeats=rounds,
        note=_decimal(f"{each * 1000:.1f} ms; {each / hurried:.2f} mot en ensam som aldrig väntar mellan sidorna"),
    )
    yield Measure(name=f"{name}: fel", ratio=float(errors), unit="ratio", limit=0.0, repeats=rounds)
    if waits:
        slow = statistics.quantiles(waits, n=20)[-1]
        yield Measure(name=f"{name}: svar inom (95 av 100)", ratio=slow, unit="s", limit=THINK, repeats=rounds)


async def _first(server: Server) -> float:
    """Seconds from connecting to a finished page, in a new session."""
    began = time.perf_counter()
    async with _reading(server) as reader:
        await reader.run()
    return time.perf_counter() - began


async def _runs(
    server: Server, page: str = "", choices: tuple[str, ...] = CHOICES, *, runs: int, pause: float = 0
) -> float:
    """CPU seconds of the server for `runs` runs of a page in one session, after every choice has been made once; `pause`:
    seconds between the runs."""
    async with _reading(server, page) as reader:
        for choice in ("", *choices):
            await reader.run(choice)
        before = server.cpu
        for number in range(runs):
            await reader.run(choices[number % len(choices)])
            await asyncio.sleep(pause)
        return server.cpu - before


async def _readers(server: Server, rounds: int) -> tuple[list[float], int, float]:
    """The seconds each page took, how many readers met an error, and the server's CPU seconds for all pages."""
    async with AsyncExitStack() as connected:
        readers = [await connected.enter_async_context(_reading(server)) for _ in range(READERS)]
        for reader in readers:
            await reader.run()
        before = server.cpu
        work = (_pages(reader, number, rounds) for number, reader in enumerate(readers))
        found = await asyncio.gather(*work, return_exceptions=True)
        spent = server.cpu - before
    waits = [wait for each in found if not isinstance(each, BaseException) for wait in each]
    return waits, sum(isinstance(each, BaseException) for each in found), spent


async def _pages(reader: Reader, number: int, rounds: int) -> list[float]:
    """One reader who starts at her own moment and thinks between pages; the seconds each page took."""
    waits = []
    await asyncio.sleep(THINK * number / READERS)
    for turn in range(rounds):
        began = time.perf_counter()
        await reader.run(CHOICES[(number + turn) % len(CHOICES)])
        waits.append(time.perf_counter() - began)
        await asyncio.sleep(THINK)
    return waits


@dataclass(kw_only=True)
class Reader:
    """A browser at a page: it keeps the address the page wrote, and tells which large messages it still has."""

    link: websockets.ClientConnection
    page: str = ""
    place: str = ""
    address: dict[str, str] = field(default_factory=dict)
    turn: int = 0
    held: dict[str, int] = field(default_factory=dict)

    async def run(self, choice: str = "") -> None:
        """Ask for a run with one part of the address changed, and wait for its end; RuntimeError where it failed."""
        asked = BackMsg()
        asked.rerun_script.query_string = urlencode(self.address | dict(parse_qsl(choice)))
        asked.rerun_script.page_script_hash = self.place
        asked.rerun_script.page_name = "" if self.place else self.page
        self.turn += 1
        self.held = {name: last for name, last in self.held.items() if self.turn - last <= KEPT}
        asked.rerun_script.cached_message_hashes.extend(self.held)
        await self.link.send(asked.SerializeToString())
        while not self._is_last(await asyncio.wait_for(self.link.recv(), 60)):
            pass

    def _is_last(self, sent: str | bytes) -> bool:
        said = ForwardMsg()
        said.ParseFromString(sent)  # type: ignore[arg-type]
        kind = said.WhichOneof("type")
        if kind == "delta" and said.delta.new_element.WhichOneof("type") == "exception":
            raise RuntimeError("a page runs without an exception, got: one")
        if kind == "page_info_changed":
            self.address = dict(parse_qsl(said.page_info_changed.query_string))
        if kind == "navigation":
            self.place = said.navigation.page_script_hash
        if kind == "ref_hash" or said.metadata.cacheable:
            self.held[said.ref_hash or said.hash] = self.turn
        return kind == "script_finished" and said.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY


@asynccontextmanager
async def _reading(server: Server, page: str = "") -> AsyncIterator[Reader]:
    address = f"ws://127.0.0.1:{server.port}/_stcore/stream"
    protocols = [websockets.Subprotocol("streamlit")]
    async with websockets.connect(address, subprotocols=protocols, max_size=None) as link:
        yield Reader(link=link, page=page)


@contextmanager
def _server(script: Path, settings: Path = ROOT) -> Iterator[Server]:
    """A server of `script` with the settings (.streamlit) of a folder."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    ours = ["pages.parts.serve"] if script == ROOT / "dashboard.py" else ["streamlit", "run", str(script)]
    command = [sys.executable, "-m", *ours, "--server.headless=true"]
    command += [f"--server.port={port}", "--server.address=127.0.0.1"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SAMSYN_")}
    environment |= {"SAMSYN_RELEASE": str(ROOT / "data" / "demo"), "PYTHONPATH": str(ROOT)}
    running = subprocess.Popen(
        command, cwd=settings, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        _wait(f"http://127.0.0.1:{port}/_stcore/health")
        yield Server(port=port, pid=running.pid)
    finally:
        running.terminate()
        running.wait(timeout=20)


def _wait(address: str) -> None:
    for _ in range(240):
        try:
            with urllib.request.urlopen(address, timeout=2):
                return
        except OSError:
            time.sleep(0.25)
    raise RuntimeError(f"the server answers within a minute, got: nothing from {address}")
