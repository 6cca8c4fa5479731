"""Days as requests name them: 2026-11-27, on the window's own calendar."""

from datetime import date

from rvw.clock import Instant, begin_of
from rvw.errors import InvalidInput


def day(text: str) -> Instant:
    """Return when that day begins. Raises `InvalidInput`."""
    try:
        return begin_of(date.fromisoformat(text))
    except ValueError as error:
        raise InvalidInput(f"{text} is no date: write 2027-01-31") from error
