"""Bytes to messages and back. Decoding refuses unknown fields, wrong types and everything over the named bounds."""

from typing import Generic, TypeVar

import msgspec

from rvw.domain.board import Line
from rvw.domain.events import Recorded
from rvw.domain.notice import Noticeboard
from rvw.domain.shift import Shift
from rvw.errors import InvalidInput
from rvw.protocol.client import ClientMessage
from rvw.protocol.media import Notification
from rvw.protocol.server import ServerMessage

Decoded = TypeVar("Decoded")


class Codec(Generic[Decoded]):
    """JSON of one type or union."""

    def __init__(self, kind: object) -> None:
        self._decoder: msgspec.json.Decoder[Decoded] = msgspec.json.Decoder(kind)

    def decode(self, data: bytes | str) -> Decoded:
        """Return the message in `data`. Raises `InvalidInput` that names the field."""
        try:
            return self._decoder.decode(data)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise InvalidInput(f"not understood: {error}") from error


encode = msgspec.json.encode

CLIENT: Codec[ClientMessage] = Codec(ClientMessage)
SERVER: Codec[ServerMessage] = Codec(ServerMessage)
NOTIFICATION: Codec[Notification] = Codec(Notification)
RECORDED: Codec[Recorded] = Codec(Recorded)
LINE: Codec[Line] = Codec(Line)
SHIFT: Codec[Shift] = Codec(Shift)
NOTICEBOARD: Codec[Noticeboard] = Codec(Noticeboard)
