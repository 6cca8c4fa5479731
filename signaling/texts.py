"""Messages as text: what goes to many sockets is encoded once.

The same message is queued for each socket that sees it, and written by each in its own time. So the last texts are kept,
by the identity of the message; as long as one is kept its message is, so no other can take its identity.
"""

from collections import OrderedDict

from rvw.protocol.codec import encode
from rvw.protocol.server import ServerMessage

MAX_KEPT = 512
"""How many messages are kept: those of one turn of the fan-out, and more. A later one is encoded again."""


class Texts:
    """The last messages and their texts."""

    def __init__(self) -> None:
        self._kept: OrderedDict[int, tuple[ServerMessage, str]] = OrderedDict()

    def of(self, message: ServerMessage) -> str:
        """Return the message as JSON."""
        known = self._kept.get(id(message))
        if known is not None:
            return known[1]
        text = encode(message).decode()
        self._kept[id(message)] = (message, text)
        if len(self._kept) > MAX_KEPT:
            self._kept.popitem(last=False)
        return text
