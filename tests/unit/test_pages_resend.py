"""What a run sends is put in the reader's queue at once, in its order, and only by the run that the reader waits for.

What goes together there reaches the browser as the framework would have sent it: a frame for each message.
"""

from __future__ import annotations

import asyncio
import runpy
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.forward_msg_queue import ForwardMsgQueue
from streamlit.runtime.pages_manager import PagesManager
from streamlit.runtime.runtime_util import serialize_forward_msg
from websockets.protocol import State
from websockets.server import ServerProtocol

from pages.parts import resend
from pages.parts.batch import Batch, Parts, apart


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


def text(number: int) -> ForwardMsg:
    message = ForwardMsg(hash=str(number))
    message.delta.new_element.html.body = f"text {number}"
    return message


def messages(number: int) -> list[ForwardMsg]:
    return [text(each) for each in range(number)]


def address() -> ForwardMsg:
    message = ForwardMsg()
    message.page_info_changed.query_string = "kommun=Ale"
    return message


def awaited(work: Coroutine[Any, Any, None]) -> None:
    """In a thread of its own: a browser test of the same process may have a loop running in this one."""
    with ThreadPoolExecutor(max_workers=1) as apart_from_it:
        apart_from_it.submit(asyncio.run, work).result()


def outbox(runner: Runner, sent: list[ForwardMsg]) -> resend.Outbox:
    box = resend.Outbox(enqueue=runner.enqueue, session_id="en läsare")
    for message in sent:
        box(message)
    return box


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> Session:
    """A reader at a server that takes batches apart."""
    found = Session(Runner())
    monkeypatch.setattr(resend, "_session", lambda _: found)
    monkeypatch.setattr(resend, "_AT_SERVER", [True])
    return found


def taken(session: Session) -> list[ForwardMsg]:
    """What the framework's queue holds, every message of a batch by itself."""
    found: list[ForwardMsg] = []
    for each in session._browser_queue.flush():
        parts = each.parts if isinstance(each, Batch) else (each.SerializeToString(),)
        found += map(ForwardMsg.FromString, parts)
    return found


def test_what_waits_is_sent_in_its_order_and_wakes_the_server_once(session: Session) -> None:
    runner = session._scriptrunner
    sent = [*messages(5), address(), text(6)]
    box = outbox(runner, sent)
    box.send()
    assert len(session._browser_queue) == 3
    assert taken(session) == sent
    assert (session.woken, runner.alone) == (1, [])
    box.send()
    assert (taken(session), session.woken, runner.alone) == ([], 1, [])


def test_a_new_run_makes_void_what_was_not_sent_but_the_address(session: Session) -> None:
    """As the framework does: texts of a view that the reader has left are not shown, and her address stays right."""
    outbox(session._scriptrunner, [*messages(2), address(), text(3)]).send()
    session._browser_queue.clear(retain_lifecycle_msgs=True)
    assert taken(session) == [address()]


def test_a_run_that_another_has_replaced_says_nothing_more(session: Session) -> None:
    replaced = Runner()
    outbox(replaced, messages(3)).send()
    assert (taken(session), session.woken, replaced.alone) == ([], 0, [])


def test_a_browser_that_has_a_large_message_is_told_its_hash_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    large, small = text(1), text(2)
    large.metadata.cacheable = True
    large.metadata.delta_path[:] = [0, 4]
    kept = tuple(map(resend._as_bytes, (large, small)))
    for has, first in ((frozenset(), large), (frozenset({"1", "2"}), None)):
        box = resend.Outbox(enqueue=Runner().enqueue, session_id="en läsare")
        resend._send(kept, SimpleNamespace(cached_message_hashes=has, _enqueue=box))  # type: ignore[arg-type]
        found = [ForwardMsg.FromString(each) for each in box.waiting if isinstance(each, bytes)]
        if first is None:
            assert (found[0].ref_hash, list(found[0].metadata.delta_path)) == ("1", [0, 4])
        else:
            assert found[0] == first
        assert found[1] == small


class Connection:
    """A websocket of the server; `protocol.writes` waits until something is sent, as the server's own does."""

    def __init__(self, state: State = State.OPEN) -> None:
        self.conn = ServerProtocol()
        self.conn.state = state
        self.writes: list[list[bytes]] = []

    async def send(self, event: dict[str, Any]) -> None:
        if self.conn.state is State.OPEN:
            self.conn.send_binary(event["bytes"])
            self.writes.append(self.conn.data_to_send())
        else:
            self.writes.append([event["bytes"]])


def frame(part: bytes) -> bytes:
    """An unmasked binary frame (RFC 6455, 5.2) of fewer than 126 bytes."""
    return bytes([0x82, len(part)]) + part


def test_a_batch_reaches_the_browser_as_a_frame_for_each_message_in_one_write() -> None:
    sent, connection = messages(3), Connection()
    payload = serialize_forward_msg(Batch(parts=tuple(each.SerializeToString() for each in sent)))
    assert isinstance(payload, Parts)
    send = apart(connection.send)
    awaited(send({"type": "websocket.send", "bytes": payload}))
    awaited(send({"type": "websocket.send", "bytes": b"alone"}))
    batch, alone = (b"".join(each) for each in connection.writes)
    assert batch == b"".join(frame(each.SerializeToString()) for each in sent)
    assert alone == frame(b"alone")


def test_a_batch_is_sent_message_by_message_where_the_connection_is_another() -> None:
    closing = Connection(State.CLOSING)
    batch = Batch(parts=(b"a", b"b")).SerializeToString()
    awaited(apart(closing.send)({"type": "websocket.send", "bytes": batch}))
    assert closing.writes == [[b"a"], [b"b"]]


def test_without_a_server_each_message_is_sent_by_itself() -> None:
    runner = Runner()
    box = outbox(runner, messages(2))
    box.waiting.append(text(2).SerializeToString())
    box.send()
    assert runner.alone == messages(3)


def test_a_started_server_knows_its_pages_before_the_first_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise the framework takes the folder `pages` for its own, and tells that reader that the page does not exist."""
    monkeypatch.setattr(PagesManager, "uses_pages_directory", None)
    root = Path(__file__).resolve().parents[2]
    served = runpy.run_path(str(root / "dashboard.py"))["app"]
    assert served is not None
    PagesManager(str(root / "dashboard.py"))
    assert PagesManager.uses_pages_directory is False
