"""The endpoints of translation: who translates, and a line of a visit's chat in another language.

A line is asked for by its place in the chat and never sent by the page: only what was said is translated.
"""

from collections import OrderedDict
from typing import Final, get_args

from msgspec import Struct

from rvw.domain.people import Role
from rvw.domain.policy import may_see
from rvw.domain.translation import Tongue, tongue_of
from rvw.errors import NotFound
from rvw.protocol.translation import Translation, TranslatorTold
from signaling.keeping.audit import Audit
from signaling.ledger import Ledger
from signaling.routes import Call, Endpoint, signed_in
from signaling.translation import Translator

KEPT_LINES: Final = 2_000
"""Translations remembered, so that a line that several read is asked for once; of 1,000 characters at most, 8 MB in all."""


class TranslationApi:
    """The handlers, and their table."""

    def __init__(self, translator: Translator | None, ledger: Ledger, audit: Audit) -> None:
        self._audit = audit
        self._translator = translator
        self._ledger = ledger
        self._known: OrderedDict[tuple[str, Tongue], str] = OrderedDict()

    def table(self) -> tuple[Endpoint, ...]:
        """Return every endpoint."""
        who, line = "Who translates lines of chat", "A line of chat in another language"
        path = "/api/visits/{visit}/chat/{line}/{language}"
        return (
            Endpoint("GET", "/api/translator", who, self.translator, TranslatorTold, signed_in=True),
            Endpoint("GET", path, line, self.translation, Translation, signed_in=True),
        )

    async def translator(self, _call: Call) -> Struct:
        """Return the translator's name, empty while translation is off."""
        return TranslatorTold(self._translator.name if self._translator else "")

    async def translation(self, call: Call) -> Struct:
        """Return the line in that language.

        Raises `NotFound` for a visit that is not shown to the caller, a line that is not there, another language, and while
        translation is off; `Unavailable` if the translator does not answer.
        """
        visit = await self._ledger.visit(call.path["visit"])
        place, target = call.path["line"], _tongue(call.path["language"])
        if self._translator is None or target is None or not may_see(signed_in(call), visit):
            raise NotFound("there is no such translation")
        if not (place.isascii() and place.isdigit() and len(place) < 6) or int(place) >= len(visit.chat):
            raise NotFound("there is no such line")
        if signed_in(call).role is Role.SUPERVISOR:  # others take part in the visit, and have read the line
            await self._audit.note(signed_in(call), "saw", visit.id, f"line {place} of the chat")
        text = visit.chat[int(place)].text
        return Translation(await self._translated(self._translator, text, target), target, self._translator.name)

    async def _translated(self, translator: Translator, text: str, target: Tongue) -> str:
        source = tongue_of(text)
        if source is None or source == target:
            return ""
        if (known := self._known.get((text, target))) is not None:
            self._known.move_to_end((text, target))
            return known
        self._known[text, target] = found = await translator.translate(text, source, target)
        if len(self._known) > KEPT_LINES:
            self._known.popitem(last=False)
        return found


def _tongue(text: str) -> Tongue | None:
    return next((one for one in get_args(Tongue) if one == text), None)
