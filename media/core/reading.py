"""A decrypted packet read by compiled code: its header extensions, the counters of its picture, and whether one begins that
needs no other.

The same as `rtp.parse`, `vp8.describe` and `vp9.describe`, for packets of flows that run.
"""

from typing import Any

from media.core.machine import BYTE, at, compiled, read16, read32
from media.core.rows import AV1, H264, VP8, VP9


@compiled
def read_extensions(connection: Any, data: Any, size: int) -> tuple[int, int, int, int]:
    """Return transport number, sending time, level (each -1 without), and where the payload begins.

    See `rtp.parse`. A block that is longer than the packet begins the payload beyond its end.
    """
    number, send_time, level = -1, -1, -1
    if not data[0] & 0x10:
        return number, send_time, level, 12
    end = 16 + 4 * read16(data, 14) if size >= 16 else size + 1
    if end > size or read16(data, 12) != 0xBEDE:
        return number, send_time, level, end
    known = at(connection.known, 256, BYTE)
    position = 16
    while position < end:
        head = data[position]
        position += 1
        if not head:
            continue
        length = (head & 15) + 1
        if head >> 4 == 15 or position + length > end:
            break
        meaning = known[head >> 4]
        if meaning == 2 and length == 2:
            number = read16(data, position)
        elif meaning == 3 and length == 3:
            send_time = read32(data, position - 1) & 0xFFFFFF
        elif meaning == 4 and length == 1:
            level = data[position]
        position += length
    return number, send_time, level, end


@compiled
def describe_vp8(kept: Any, data: Any, start: int, end: int) -> None:
    """Find the counters in a VP8 descriptor. See `vp8.describe`; whether it is a keyframe does not matter here."""
    if end - start < 2 or not data[start] & 0x80:
        return
    flags = data[start + 1]
    position = start + 2
    if flags & 0x80 and position + 1 < end:
        kept.picture_at = position - start
        kept.picture_wide = data[position] >> 7
        if kept.picture_wide:
            kept.picture_id = read16(data, position) & 0x7FFF
            position += 2
        else:
            kept.picture_id = data[position]
            position += 1
    if flags & 0x40 and position < end:
        kept.tl0_at = position - start
        kept.tl0_index = data[position]


@compiled
def describe_vp9(kept: Any, data: Any, start: int, end: int) -> None:
    """Find the counters in a VP9 descriptor. See `vp9.describe`."""
    if end - start < 2:
        return
    flags = data[start]
    position = start + 1
    if flags & 0x80 and position + 1 < end:
        kept.picture_at = position - start
        kept.picture_wide = data[position] >> 7
        if kept.picture_wide:
            kept.picture_id = read16(data, position) & 0x7FFF
            position += 2
        else:
            kept.picture_id = data[position]
            position += 1
    if flags & 0x30 == 0x20 and position + 1 < end:
        kept.tl0_at = position + 1 - start
        kept.tl0_index = data[position + 1]


@compiled
def begins(codec: int, data: Any, start: int, end: int) -> bool:
    """Whether a picture that needs no other begins here. See `describe` of `vp8`, `vp9`, `h264` and `av1`."""
    if end - start < 2:
        return False
    first = data[start]
    if codec == VP8:
        position = _after_vp8(data, start, end)
        return first & 0x17 == 0x10 and position < end and data[position] & 1 == 0
    if codec == VP9:
        return _begins_vp9(data, start, end)
    if codec == H264:
        return _begins_h264(data, start, end)
    return codec == AV1 and first & 0x88 == 0x08


@compiled
def _after_vp8(data: Any, start: int, end: int) -> int:
    """Return where a VP8 descriptor ends."""
    if not data[start] & 0x80:
        return start + 1
    flags = data[start + 1]
    position = start + 2
    if flags & 0x80 and position + 1 < end:
        position += 2 if data[position] & 0x80 else 1
    if flags & 0x40 and position < end:
        position += 1
    return position + 1 if flags & 0x30 else position


@compiled
def _begins_vp9(data: Any, start: int, end: int) -> bool:
    flags = data[start]
    position = start + 1
    spatial = 0
    if flags & 0x80 and position + 1 < end:
        position += 2 if data[position] & 0x80 else 1
    if flags & 0x20 and position < end:
        spatial = data[position] & 0x0E
        position += 1
        if not flags & 0x10 and position < end:
            position += 1
    return flags & 0x48 == 0x08 and spatial == 0 and position < end


@compiled
def _begins_h264(data: Any, start: int, end: int) -> bool:
    kind = data[start] & 0x1F
    if kind != 24:
        return kind == 7
    position = start + 1
    while position + 2 < end:
        if data[position + 2] & 0x1F == 7:
            return True
        position += 2 + read16(data, position)
    return False
