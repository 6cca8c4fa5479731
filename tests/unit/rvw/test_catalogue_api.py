"""The catalogue over HTTP: searching, asking what to bring, and what is refused."""

from typing import Any, cast

import pytest
from msgspec.structs import replace
from starlette.applications import Starlette
from starlette.testclient import TestClient

from rvw.cli.bench.catalogue import many
from rvw.cli.catalogue import SHIPPED
from rvw.domain.board import Board
from rvw.domain.catalogue import Catalogue
from rvw.domain.catalogue.search import Index
from rvw.domain.people import Actor
from rvw.errors import NotSignedIn
from rvw.protocol.rest import MediaPool
from signaling.auth import Auth
from signaling.catalogue_watch import Current, read
from signaling.records.people import People
from signaling.rest_api import SEARCHES_AT_ONCE, Api
from signaling.routes import ON_PAGE, openapi, routes
from tests.fakes.town import KIOSK_ONE

SIGNED_IN = {"Authorization": "Bearer kiosk"}


async def identify(token: str) -> Actor:
    """Believe one token."""
    if token != "kiosk":
        raise NotSignedIn("who is this?")
    return KIOSK_ONE


@pytest.fixture(scope="module")
def shipped() -> Catalogue:
    """The catalogue that comes with the product."""
    return read(SHIPPED)


@pytest.fixture
def current(shipped: Catalogue) -> Current:
    """What is served."""
    return Current(shipped)


@pytest.fixture
def http(current: Current) -> TestClient:
    """A client of the real table of routes."""
    api = Api(cast("Auth", None), current, Board(), cast("People", None), lambda: MediaPool(()), {})
    return TestClient(Starlette(routes=[*routes(api.table(), identify)]))


def found(http: TestClient, **query: str | int) -> list[str]:
    """Return the codes that a search finds."""
    answer = http.get("/api/matters", params=query, headers=SIGNED_IN)
    assert answer.status_code == 200, answer.text
    return [matter["code"] for matter in answer.json()["matters"]]


def test_a_search_finds_the_best_first(http: TestClient) -> None:
    """As many as are asked for."""
    assert found(http, q="医保卡丢了", limit=1) == ["medical-card"]
    assert len(found(http, q="登记")) == 20


def test_a_search_is_limited_to_whom_and_where(http: TestClient) -> None:
    """Businesses do not see what is for persons; a region without a desk has nothing."""
    assert "marriage-register" in found(http, q="登记", limit=100)
    assert "marriage-register" not in found(http, q="登记", limit=100, audience="business")
    assert found(http, q="ybk", region="310115005")[0] == "medical-card"
    assert found(http, q="ybk", region="320100") == []


def test_a_question_that_is_none_is_refused(http: TestClient) -> None:
    """An unknown word, a number out of bounds, a region that is not there, nobody, and somebody in a great hurry."""
    for query, status in (
        ({"query": "x"}, 400),
        ({"limit": "1000"}, 400),
        ({"limit": "many"}, 400),
        ({"q": "x" * 65}, 400),
        ({"audience": "cats"}, 400),
        ({"region": "1"}, 404),
    ):
        assert http.get("/api/matters", params=query, headers=SIGNED_IN).status_code == status, query
    assert http.get("/api/matters", params={"q": "x"}).status_code == 401
    answers = [http.get("/api/matters", headers=SIGNED_IN).status_code for _ in range(SEARCHES_AT_ONCE + 5)]
    assert 429 in answers


def test_a_matter_tells_what_to_bring(http: TestClient) -> None:
    """Its rule pack, in both languages; one that is not there is not found."""
    detail = http.get("/api/matters/medical-card").json()
    assert detail["matter"]["name"] == "医保卡更换"
    assert detail["rules"]["materials"][0]["name_en"] == "Identity card"
    assert http.get("/api/matters/nothing").status_code == 404


def test_a_page_gets_all_matters_or_the_first_of_very_many(http: TestClient, current: Current) -> None:
    """The new catalogue is served from the moment it replaces the old one."""
    whole = http.get("/api/catalogue").json()
    assert (len(whole["matters"]), whole["listed"]) == (275, 275)
    large = replace(current.catalogue, matters={one.code: one for one in many(current.catalogue, 3000)})
    current.replace(large, Index(large.matters.values()))
    part = http.get("/api/catalogue").json()
    assert (len(part["matters"]), part["listed"]) == (ON_PAGE, 3000)
    assert found(http, q="医保卡更换年甲", limit=1) != ["medical-card"]


def test_the_search_is_in_the_description_for_programs(current: Current) -> None:
    """Each of its words with its bounds."""
    api = Api(cast("Auth", None), current, Board(), cast("People", None), lambda: MediaPool(()), {})
    document: dict[str, Any] = openapi(api.table())
    parameters = document["paths"]["/api/matters"]["get"]["parameters"]
    assert [(one["name"], one["in"], one["required"]) for one in parameters] == [
        (name, "query", False) for name in ("q", "region", "audience", "limit")
    ]
    assert parameters[3]["schema"] == {"type": "integer", "minimum": 1, "maximum": 100, "default": 20}
