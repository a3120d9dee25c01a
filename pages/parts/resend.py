"""The messages of a page, kept as they were sent the first time, so that a run neither makes nor hashes them again."""

from __future__ import annotations

from collections.abc import Callable

from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.scriptrunner import get_script_run_ctx


class Resend:
    """Sends what `show` sent the first time it was called at an address.

    The framework leaves a message that has its hash as it is, and tells a browser that still has it by that hash alone.
    Everything before the page must be the same in every run, and nothing may follow it: messages carry their place.
    """

    def __init__(self) -> None:
        self._messages: dict[str, tuple[ForwardMsg, ...]] = {}

    def __call__(self, show: Callable[[], None]) -> None:
        context = get_script_run_ctx()
        if context is None:
            return show()
        for message in self._messages.get(context.page_script_hash, ()):
            context.enqueue(message)
        if context.page_script_hash in self._messages:
            return None
        sent: list[ForwardMsg] = []
        enqueue = context.enqueue

        def record(message: ForwardMsg) -> None:
            enqueue(message)
            sent.append(message)

        context.enqueue = record  # type: ignore[method-assign]
        try:
            show()
        finally:
            del context.enqueue
        self._messages[context.page_script_hash] = tuple(sent)
        return None
