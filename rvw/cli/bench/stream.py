"""What a synthetic publisher sends: sound and a picture with the sizes and the rhythm of a browser's, on a wheel of slots.

A picture has 25 frames a second of six packets, paced like Chromium's: two packets every 5 ms. With 1,100 bytes each that
is 1.3 Mbit/s; sound is a packet of 120 bytes every 20 ms.
"""

SLOTS = 40
"""Milliseconds of one frame, and slots of the wheel."""

OPUS, VP8, RTX = 111, 96, 97
MID, ABS_SEND_TIME, TRANSPORT_SEQUENCE = 4, 2, 3

PICTURE_BYTES, SOUND_BYTES = 1100, 120
FRAME_PACKETS, PER_BURST, BURST_MS = 6, 2, 5
KEYFRAME_FRAMES = 25
"""A keyframe a second: receivers that come late see a picture without asking."""

SOUND_TICKS, PICTURE_TICKS = 960, 3600
"""By how much the RTP clock moves on: a packet of sound, a frame."""

SOUND_SLOTS = (3, 23)


def wheel(publishers: int) -> list[list[int]]:
    """Lay out when each stream sends within a frame; publishers are spread evenly, sound and picture apart.

    Publisher `n` has two streams: sound is number 2n, its picture 2n + 1.
    """
    slots: list[list[int]] = [[] for _ in range(SLOTS)]
    for number in range(publishers):
        # The golden ratio spreads any number of publishers without bursts that only a benchmark has.
        phase = int(number * 0.6180339887 % 1 * SLOTS)
        for packet in range(FRAME_PACKETS):
            slots[(phase + packet // PER_BURST * BURST_MS) % SLOTS].append(2 * number + 1)
        for at in SOUND_SLOTS:
            slots[(phase + at) % SLOTS].append(2 * number)
    return slots
