"""Messages that go together: one place in the framework's queue, one write to the network, and still one frame each.

The framework's loop wakes once per message and writes each by itself; with two dozen of them that was a third of a page run.
"""

from __future__ import annotations

from dataclasses import dataclass

from starlette.types import Message, Send
from websockets.protocol import State
from websockets.server import ServerProtocol


class Parts(bytes):
    """What the framework takes for the bytes of one message; what is sent is `parts`, each by itself, in their order."""

    parts: tuple[bytes, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Batch:
    """Serialised messages in the place of one in the framework's queue (`ForwardMsgQueue`), of which it has what is asked.

    It is of no type: the queue neither joins it with another message nor keeps it when a new run begins.
    """

    parts: tuple[bytes, ...]
    delta: None = None

    def HasField(self, name: str) -> bool:
        return False

    def WhichOneof(self, group: str) -> None:
        return None

    def SerializeToString(self) -> Parts:
        made = Parts()
        made.parts = self.parts
        return made


def apart(send: Send) -> Send:
    """`send` of a websocket (ASGI), with what stands together in a batch sent as a frame each, in one write."""
    connection = getattr(getattr(send, "__self__", None), "conn", None)

    async def sent(event: Message) -> None:
        parts = event["bytes"].parts if isinstance(event.get("bytes"), Parts) else (None,)
        for part in parts[:-1]:
            if isinstance(connection, ServerProtocol) and connection.state is State.OPEN:
                # It waits with the connection until the last is sent.
                connection.send_binary(part)
            else:
                await send({"type": "websocket.send", "bytes": part})
        await send(event if parts[-1] is None else {"type": "websocket.send", "bytes": parts[-1]})

    return sent
