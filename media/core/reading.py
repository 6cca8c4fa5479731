"""A decrypted packet read by compiled code: its header extensions, the counters of its picture, and whether one begins that
needs no other.

The same as `rtp.parse` and the `describe` of each codec, for packets of flows that run.
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
def describe(kept: Any, codec: int, data: Any, start: int, end: int) -> bool:
    """Find the counters of a picture; return whether one begins here that needs no other. See each codec's `describe`."""
    if end - start < 2:
        return False
    if codec == VP8:
        return _describe_vp8(kept, data, start, end)
    if codec == VP9:
        return _describe_vp9(kept, data, start, end)
    if codec == H264:
        return _describe_h264(data, start, end)
    return codec == AV1 and data[start] & 0x88 == 0x08


@compiled
def _describe_vp8(kept: Any, data: Any, start: int, end: int) -> bool:
    position = start + 1
    if data[start] & 0x80:
        flags = data[position]
        position = _picture(kept, data, start, position + 1, end, flags)
        if flags & 0x40 and position < end:
            kept.tl0_at = position - start
            kept.tl0_index = data[position]
            position += 1
        if flags & 0x30:
            position += 1
    return data[start] & 0x17 == 0x10 and position < end and data[position] & 1 == 0


@compiled
def _describe_vp9(kept: Any, data: Any, start: int, end: int) -> bool:
    flags = data[start]
    spatial = 0
    position = _picture(kept, data, start, start + 1, end, flags)
    if flags & 0x20 and position < end:
        spatial = data[position] & 0x0E
        position += 1
        if not flags & 0x10 and position < end:
            kept.tl0_at = position - start
            kept.tl0_index = data[position]
            position += 1
    return flags & 0x48 == 0x08 and spatial == 0 and position < end


@compiled
def _picture(kept: Any, data: Any, start: int, position: int, end: int, flags: int) -> int:
    """Read the picture id of a VP8 or VP9 descriptor, if it has one; return where it goes on."""
    if not flags & 0x80 or position + 1 >= end:
        return position
    kept.picture_at = position - start
    kept.picture_wide = data[position] >> 7
    if kept.picture_wide:
        kept.picture_id = read16(data, position) & 0x7FFF
        return position + 2
    kept.picture_id = data[position]
    return position + 1


@compiled
def _describe_h264(data: Any, start: int, end: int) -> bool:
    kind = data[start] & 0x1F
    if kind != 24:
        return kind == 7
    position = start + 1
    while position + 2 < end:
        if data[position + 2] & 0x1F == 7:
            return True
        position += 2 + read16(data, position)
    return False
