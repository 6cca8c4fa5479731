"""Messages as text, and framed: what goes to many sockets is encoded once.

The same message is written to each socket that sees it, to one that is behind in its own time. So the last are kept, by the
identity of the message; as long as one is kept its message is, so no other can take its identity.
"""

from collections import OrderedDict
from typing import NamedTuple

from rvw.protocol.codec import encode
from rvw.protocol.server import ServerMessage
from signaling.sockets import framed

MAX_KEPT = 512
"""How many messages are kept: those of one turn of the fan-out, and more. A later one is encoded again."""


class Encoded(NamedTuple):
    """A message as JSON, and the same as a frame."""

    text: bytes
    frame: bytes


class Texts:
    """The last messages and their texts."""

    def __init__(self) -> None:
        self._kept: OrderedDict[int, tuple[ServerMessage, Encoded]] = OrderedDict()

    def of(self, message: ServerMessage) -> Encoded:
        """Return the message as it is written."""
        known = self._kept.get(id(message))
        if known is not None:
            return known[1]
        text = encode(message)
        encoded = Encoded(text, framed(text))
        self._kept[id(message)] = (message, encoded)
        if len(self._kept) > MAX_KEPT:
            self._kept.popitem(last=False)
        return encoded
