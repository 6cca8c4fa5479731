"""Events of the recording: each follows from what the media worker has on its disk, or has not."""

from rvw.domain.events.words import RecordingTrouble, StopReason, Tagged


class RecordingStarted(Tagged, frozen=True, tag="recording_started"):
    """The first bytes are on the disk. What is recorded are those who have agreed, in the slots they take part with."""

    actors: tuple[str, ...]
    """Who is recorded at this moment; who comes later is, after answering."""


class RecordingStalled(Tagged, frozen=True, tag="recording_stalled"):
    """For some seconds nothing has come to the disk: nobody may believe that it is recorded now."""

    reason: RecordingTrouble


class RecordingResumed(Tagged, frozen=True, tag="recording_resumed"):
    """Bytes come to the disk again."""


class RecordingStopped(Tagged, frozen=True, tag="recording_stopped"):
    """Nothing is recorded any more, as it should be. It may start again."""

    reason: StopReason
