"""What a run sends is put in the reader's queue at once, in its order, and only by the run that the reader waits for."""

from __future__ import annotations

import runpy
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.forward_msg_queue import ForwardMsgQueue
from streamlit.runtime.pages_manager import PagesManager

from pages.parts import resend


class Runner:
    """Sends each message by itself, as the framework's own."""

    def __init__(self) -> None:
        self.alone: list[ForwardMsg] = []

    def enqueue(self, message: ForwardMsg) -> None:
        self.alone.append(message)


class Session:
    """A reader whose run is `runner`; what the server's loop is asked to do is done at once."""

    def __init__(self, runner: Runner) -> None:
        self._scriptrunner = runner
        self._browser_queue = ForwardMsgQueue()
        self.woken = 0

    def _call_soon_on_event_loop(self, work: Callable[[], None]) -> None:
        work()

    def _enqueue_forward_msg(self, message: ForwardMsg) -> None:
        self._browser_queue.enqueue(message)
        self.woken += 1


def messages(number: int) -> list[ForwardMsg]:
    return [ForwardMsg(hash=str(each)) for each in range(number)]


def outbox(runner: Runner, number: int) -> resend.Outbox:
    box = resend.Outbox(enqueue=runner.enqueue, session_id="en läsare")
    for message in messages(number):
        box(message)
    return box


def test_what_waits_is_sent_in_its_order_and_wakes_the_server_once(monkeypatch: pytest.MonkeyPatch) -> None:
    runner = Runner()
    session = Session(runner)
    monkeypatch.setattr(resend, "_session", lambda _: session)
    box = outbox(runner, 5)
    box.send()
    assert session._browser_queue.flush() == messages(5)
    assert (session.woken, runner.alone) == (1, [])
    box.send()
    assert (session._browser_queue.flush(), session.woken, runner.alone) == ([], 1, [])


def test_a_run_that_another_has_replaced_says_nothing_more(monkeypatch: pytest.MonkeyPatch) -> None:
    session = Session(Runner())
    monkeypatch.setattr(resend, "_session", lambda _: session)
    replaced = Runner()
    outbox(replaced, 3).send()
    assert (session._browser_queue.flush(), session.woken, replaced.alone) == ([], 0, [])


def test_without_a_server_each_message_is_sent_by_itself() -> None:
    runner = Runner()
    outbox(runner, 3).send()
    assert runner.alone == messages(3)


def test_a_started_server_knows_its_pages_before_the_first_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise the framework takes the folder `pages` for its own, and tells that reader that the page does not exist."""
    monkeypatch.setattr(PagesManager, "uses_pages_directory", None)
    root = Path(__file__).resolve().parents[2]
    served = runpy.run_path(str(root / "dashboard.py"))["app"]
    assert served is not None
    PagesManager(str(root / "dashboard.py"))
    assert PagesManager.uses_pages_directory is False
