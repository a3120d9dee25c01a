"""What a run sends: messages kept as bytes, as they were the first time, and put in the reader's queue all at once.

A run makes, hashes and serialises nothing anew that stays as it was; and each message by itself would wake the server twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from streamlit import cursor, runtime
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.RootContainer_pb2 import RootContainer
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.forward_msg_cache import create_reference_msg
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.scriptrunner_utils.script_run_context import ScriptRunContext

from pages.parts.batch import Batch

Enqueue = Callable[[ForwardMsg], None]
TOGETHER = ("delta", "ref_hash", "navigation", "page_config_changed")
"""Messages that a new run makes void, which go together. The framework's queue keeps others (the address): they go alone."""
_AT_SERVER: list[bool] = []
"""Not empty where the server's documents are ours, which take batches apart again (`front.Front`)."""


@dataclass(frozen=True, kw_only=True)
class _Kept:
    """A message as bytes, and what stands for it to a browser that still has it; `hash` is empty where none keeps it."""

    whole: bytes
    hash: str = ""
    reference: bytes = b""


@dataclass(frozen=True, kw_only=True)
class _Sent:
    """Messages, and how many places at the top of the page they take."""

    messages: tuple[_Kept, ...]
    places: int


class Resend:
    """Sends what `show` sent the first time it was called at an address.

    A browser that still has a large message is told its hash alone, as the framework does. Everything before must be the
    same in every run: messages carry their place.
    """

    def __init__(self) -> None:
        self._sent: dict[str, _Sent] = {}

    def __call__(self, show: Callable[[], None]) -> None:
        context, top = get_script_run_ctx(), cursor.get_container_cursor(RootContainer.MAIN)
        if context is None or top is None:
            return show()
        place = context.page_script_hash
        kept = self._sent.get(place)
        if kept is None:
            before = top.index
            with recording() as sent:
                show()
            self._sent[place] = _Sent(messages=tuple(map(_as_bytes, sent)), places=top.index - before)
            return None
        _send(kept.messages, context)
        for _ in range(kept.places):
            top.lock_element()
        return None


def _as_bytes(message: ForwardMsg) -> _Kept:
    whole = message.SerializeToString()
    if not message.metadata.cacheable:
        return _Kept(whole=whole)
    return _Kept(whole=whole, hash=message.hash, reference=create_reference_msg(message).SerializeToString())


def _send(messages: tuple[_Kept, ...], context: ScriptRunContext) -> None:
    has, box = context.cached_message_hashes, context._enqueue
    known = [each.reference if each.hash in has else each.whole for each in messages]
    if isinstance(box, Outbox):
        box.waiting += known
    else:
        for each in known:
            box(ForwardMsg.FromString(each))


@contextmanager
def recording() -> Iterator[list[ForwardMsg]]:
    """The messages that the run sends meanwhile, in their order; none where nobody is reading."""
    context = get_script_run_ctx()
    sent: list[ForwardMsg] = []
    if context is None:
        yield sent
        return
    enqueue: Enqueue = context.enqueue

    def record(message: ForwardMsg) -> None:
        enqueue(message)
        sent.append(message)

    context.enqueue = record  # type: ignore[assignment, method-assign]
    try:
        yield sent
    finally:
        del context.enqueue


@dataclass(kw_only=True)
class Outbox:
    """The messages of a run that have not been sent, in their order; those kept are bytes."""

    enqueue: Enqueue
    session_id: str
    waiting: list[ForwardMsg | bytes] = field(default_factory=list)

    def __call__(self, message: ForwardMsg) -> None:
        self.waiting.append(message)

    def send(self) -> None:
        """Send what waits, as one event where the reader is at this server."""
        waiting = self.waiting.copy()
        self.waiting.clear()
        session, runner = _session(self.session_id), getattr(self.enqueue, "__self__", None)
        if session is None or runner is None or not _AT_SERVER:
            for each in waiting:
                self.enqueue(ForwardMsg.FromString(each) if isinstance(each, bytes) else each)
        elif waiting:
            found = list(_gathered(waiting))
            session._call_soon_on_event_loop(lambda: _put(session, runner, found))


def at_server() -> None:
    """Everything that this process sends passes one who takes batches apart."""
    _AT_SERVER[:] = [True]


def _gathered(waiting: Iterable[ForwardMsg | bytes]) -> Iterator[Batch | ForwardMsg]:
    """The same in the same order, what may go together as one."""
    parts: list[bytes] = []
    for each in waiting:
        if isinstance(each, bytes):
            parts.append(each)
        elif each.WhichOneof("type") in TOGETHER:
            parts.append(each.SerializeToString())
        else:
            yield from _batch(parts)
            yield each
            parts = []
    yield from _batch(parts)


def _batch(parts: list[bytes]) -> Iterator[Batch]:
    if parts:
        yield Batch(parts=tuple(parts))


@contextmanager
def together() -> Iterator[None]:
    """Hold the messages of a run until it ends, or until `send_waiting`."""
    context = get_script_run_ctx()
    if context is None:
        yield
        return
    box = Outbox(enqueue=context._enqueue, session_id=context.session_id)
    context._enqueue = box
    try:
        yield
    finally:
        context._enqueue = box.enqueue
        box.send()


def send_waiting() -> None:
    """Before work that takes its time: what the reader can already see of the page."""
    context = get_script_run_ctx()
    if context is not None and isinstance(context._enqueue, Outbox):
        context._enqueue.send()


def _session(name: str) -> AppSession | None:
    """The session of this server with that name; None where the pages run without a server."""
    manager = getattr(runtime.get_instance(), "_session_mgr", None) if runtime.exists() else None
    found = None if manager is None else manager.get_session_info(name)
    return None if found is None else found.session


def _put(session: AppSession, runner: object, messages: list[Any]) -> None:
    """As the framework does with each: a run that another has replaced says nothing more."""
    if session._scriptrunner is not runner:
        return
    for message in messages[:-1]:
        session._browser_queue.enqueue(message)
    session._enqueue_forward_msg(messages[-1])
