"""For the demo: no translator but a table, the desks' own phrases in both languages. Any other line has no translation."""

from collections.abc import Callable

from rvw.domain.catalogue import Catalogue
from rvw.domain.translation import Tongue, phrase_table, plain


class Phrases:
    """Knows the phrases of the catalogue, and says that it knows no more."""

    name = "demo: phrases"

    def __init__(self, catalogue: Callable[[], Catalogue]) -> None:
        self._catalogue = catalogue
        self._of: Catalogue | None = None
        self._table: dict[tuple[str, Tongue], str] = {}

    async def translate(self, text: str, source: Tongue, target: Tongue) -> str:
        """Return the phrase's other language; the table is made anew when the catalogue is."""
        if self._of is not (now := self._catalogue()):
            self._of, self._table = now, phrase_table(now.desks.values())
        return self._table.get((plain(text), target), "")
