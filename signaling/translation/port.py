"""The port to whoever translates. An adapter is told a line and two languages, and no visit, no name and no role.

What comes back is shown as somebody else's words, below what was said, and is kept nowhere.
"""

from typing import Protocol

from rvw.domain.translation import Tongue


class Translator(Protocol):
    """Somebody who knows the words of a line in another language."""

    name: str
    """As readers are told it."""

    async def translate(self, text: str, source: Tongue, target: Tongue) -> str:
        """Return the line in `target`, empty if there are no words for it. Raises `Unavailable` if nobody answers."""
        ...
