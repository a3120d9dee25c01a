"""What a run sends: messages kept as they were the first time, and put in the reader's queue all at once.

A run makes and hashes nothing anew that stays as it was; and each message by itself would wake the server twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from streamlit import cursor, runtime
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.RootContainer_pb2 import RootContainer
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.scriptrunner import get_script_run_ctx

Enqueue = Callable[[ForwardMsg], None]


@dataclass(frozen=True, kw_only=True)
class _Sent:
    """Messages, and how many places at the top of the page they take."""

    messages: tuple[ForwardMsg, ...]
    places: int


class Resend:
    """Sends what `show` sent the first time it was called at an address.

    The framework leaves a message that has its hash as it is, and tells a browser that still has it by that hash alone.
    Everything before must be the same in every run: messages carry their place.
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
            self._sent[place] = _Sent(messages=tuple(sent), places=top.index - before)
            return None
        for message in kept.messages:
            context.enqueue(message)
        for _ in range(kept.places):
            top.lock_element()
        return None


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
    """The messages of a run that have not been sent, in their order."""

    enqueue: Enqueue
    session_id: str
    waiting: list[ForwardMsg] = field(default_factory=list)

    def __call__(self, message: ForwardMsg) -> None:
        self.waiting.append(message)

    def send(self) -> None:
        """Send what waits, as one event where the reader is at this server."""
        messages = self.waiting.copy()
        self.waiting.clear()
        session, runner = _session(self.session_id), getattr(self.enqueue, "__self__", None)
        if session is None or runner is None or len(messages) < 2:
            for message in messages:
                self.enqueue(message)
            return
        session._call_soon_on_event_loop(lambda: _put(session, runner, messages))


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


def _put(session: AppSession, runner: object, messages: list[ForwardMsg]) -> None:
    """As the framework does with each: a run that another has replaced says nothing more."""
    if session._scriptrunner is not runner:
        return
    for message in messages[:-1]:
        session._browser_queue.enqueue(message)
    session._enqueue_forward_msg(messages[-1])
