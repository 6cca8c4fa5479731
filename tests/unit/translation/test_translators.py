"""Who translates: the table of the demo, a service over HTTP, and what becomes of answers that are none."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import httpx2
import msgspec
import pytest
from msgspec.structs import replace

from rvw.domain.catalogue import Catalogue
from rvw.domain.catalogue.desk import Phrase
from rvw.errors import InvalidSettings, Unavailable
from rvw.settings import Translation
from signaling.translation import open_translator
from signaling.translation.adapters.http import MAX_ANSWER_BYTES, Http
from signaling.translation.adapters.phrases import Phrases
from tests.fakes.town import TOWN


def knowing(zh: str, en: str) -> Catalogue:
    """Return the town, with one phrase at its first desk."""
    name, desk = next(iter(TOWN.desks.items()))
    return replace(TOWN, desks=dict(TOWN.desks) | {name: replace(desk, phrases=(Phrase(zh=zh, en=en),))})


@asynccontextmanager
async def service(answer: Callable[[httpx2.Request], httpx2.Response]) -> AsyncIterator[Http]:
    """Give a translator whose service answers like this."""
    async with httpx2.AsyncClient(transport=httpx2.MockTransport(answer)) as client:
        yield Http(client, "https://words.example.org/v1", "made-up-token")


async def test_the_demos_table_knows_phrases_and_nothing_else() -> None:
    """A phrase has its other language, any other sentence has none; a new catalogue is a new table."""
    held = [knowing("请签名。", "Please sign.")]
    table = Phrases(lambda: held[-1])
    assert await table.translate("请签名", "zh", "en") == "Please sign."
    assert await table.translate("请您签名", "zh", "en") == ""
    held.append(knowing("请您签名。", "Please sign here."))
    assert await table.translate("请您签名", "zh", "en") == "Please sign here."
    assert table.name == "demo: phrases"


async def test_a_service_is_asked_with_the_token_and_told_nothing_of_the_visit() -> None:
    """The line and the languages go out, the words come back."""
    asked: list[httpx2.Request] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        asked.append(request)
        return httpx2.Response(200, json={"text": "Please sign.", "model": "any"})

    async with service(answer) as translator:
        assert await translator.translate("请签名。", "zh", "en") == "Please sign."
    assert msgspec.json.decode(asked[0].content) == {"text": "请签名。", "from": "zh", "to": "en"}
    assert asked[0].headers["authorization"] == "Bearer made-up-token"
    assert translator.name == "words.example.org"


@pytest.mark.parametrize(
    "answer",
    [
        httpx2.Response(503),
        httpx2.Response(302, headers={"location": "https://elsewhere.example.org/"}),
        httpx2.Response(200, content=b"<html>"),
        httpx2.Response(200, json={"words": "Please sign."}),
        httpx2.Response(200, content=b'{"text":"' + b"a" * MAX_ANSWER_BYTES + b'"}'),
    ],
    ids=["out of service", "elsewhere", "a page", "other fields", "endless"],
)
async def test_an_answer_that_is_no_translation_says_so_without_the_words(answer: httpx2.Response) -> None:
    """Whatever comes, the line stays untranslated, and no word of it is in the error."""
    async with service(lambda _: answer) as translator:
        with pytest.raises(Unavailable) as told:
            await translator.translate("我的身份证号", "zh", "en")
    assert "身份证" not in str(told.value)


async def test_a_service_that_is_not_there_is_unavailable() -> None:
    """Nobody answers: told as such."""

    def refuse(_request: httpx2.Request) -> httpx2.Response:
        raise httpx2.ConnectError("refused")

    async with service(refuse) as translator:
        with pytest.raises(Unavailable):
            await translator.translate("请签名。", "zh", "en")


async def test_translation_is_off_unless_it_is_set_up() -> None:
    """Nothing by default; a service needs an address."""
    async with open_translator(Translation(), lambda: TOWN) as nobody:
        assert nobody is None
    async with open_translator(Translation(adapter="phrases"), lambda: TOWN) as table:
        assert isinstance(table, Phrases)
    async with open_translator(Translation(adapter="http", url="https://words.example.org"), lambda: TOWN) as http:
        assert isinstance(http, Http)
    with pytest.raises(InvalidSettings):
        async with open_translator(Translation(adapter="http", url="words.example.org"), lambda: TOWN):
            pass
