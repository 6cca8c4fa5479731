"""What holds for every catalogue, every question and every slip: reading undoes writing, a search is never a surprise."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from rvw.cli.catalogue import SHIPPED
from rvw.domain.catalogue import Catalogue, Item, Matter, follow, parse
from rvw.domain.catalogue.difference import difference
from rvw.domain.catalogue.item import ALPHABET, check_character, fault
from rvw.domain.catalogue.listing import merged, read_list
from rvw.domain.catalogue.matter import Audience, Level, spoken
from rvw.domain.catalogue.search import Index
from rvw.domain.catalogue.spelling import slips
from rvw.domain.catalogue.writing import items_text, matters_text, regions_text
from rvw.errors import InvalidCatalogue
from signaling.catalogue_watch import read, texts

WHOLE = read(SHIPPED)
INDEX = Index(WHOLE.matters.values())
TEXTS = texts(SHIPPED)

ORGANISATIONS = st.text(ALPHABET, min_size=17, max_size=17).map(lambda first: first + check_character(first))
DIGITS = st.text("0123456789", min_size=12, max_size=12)
ITEMS = st.builds("{}{}{}".format, ORGANISATIONS, st.sampled_from("0123456789"), DIGITS)
NAMES = st.text("医保卡开店搬家社会登记", min_size=1, max_size=8)
WORDS = st.lists(st.one_of(NAMES, st.from_regex(r"[a-z_]{1,8}", fullmatch=True)), max_size=4).map(" ".join)


AUDIENCES: tuple[Audience, ...] = ("person", "business", "both")
SOME_LEVELS: tuple[Level, ...] = ("street", "city")


@st.composite
def matters(draw: st.DrawFn) -> dict[str, Matter]:
    """Return some matters, spelt."""
    codes = draw(st.lists(st.from_regex(r"[a-z0-9]{1,6}(-[a-z0-9]{1,4})?", fullmatch=True), max_size=6, unique=True))
    found = {}
    for code in codes:
        audience, level = draw(st.sampled_from(AUDIENCES)), draw(st.sampled_from(SOME_LEVELS))
        english, minutes, listed = (
            draw(st.text("abc ,\"'é", max_size=9)).strip(),
            draw(st.integers(1, 240)),
            draw(st.booleans()),
        )
        bare = Matter(code, draw(NAMES), english, "类", "Kind", audience, minutes, draw(WORDS), listed, level=level)
        found[code] = replace(bare, pinyin=" / ".join("ka" for _ in spoken(bare)))
    return found


@given(matters())
def test_reading_undoes_writing(made: dict[str, Matter]) -> None:
    """Every matter comes back as it was, in its order."""
    read_back = parse(regions_text(WHOLE.regions.values()), matters_text(made.values()), "")
    assert list(read_back.matters.items()) == list(made.items())
    assert read_back.regions == WHOLE.regions


@given(st.text(max_size=80))
def test_any_question_has_an_answer(typed: str) -> None:
    """Some of the listed matters, each once, and the same ones when asked again."""
    found = INDEX.find(typed, 500)
    codes = [matter.code for matter in found]
    assert len(set(codes)) == len(codes)
    assert all(matter.listed for matter in found)
    assert INDEX.find(typed, 500) == found
    assert INDEX.find(typed, 3) == found[:3]


@given(st.sampled_from(list(WHOLE.matters.values())), st.data())
def test_one_slip_in_the_pinyin_of_a_name_still_finds_it(matter: Matter, data: st.DataObject) -> None:
    """Among the first, whatever letter but the first is left out, doubled, swapped or wrong."""
    spelt = matter.pinyin.split(" / ")[0].replace(" ", "")
    if not matter.listed or len(spelt) < 8 or len(spelt) > 50:
        return
    slip = data.draw(st.sampled_from(sorted(set(slips(spelt)))))
    assert matter in INDEX.find(slip, 20)


@given(ORGANISATIONS, DIGITS, st.integers(0, 17), st.sampled_from(ALPHABET))
def test_one_wrong_character_of_an_organisation_is_always_noticed(first: str, basic: str, at: int, other: str) -> None:
    """31 is prime and no weight is a multiple of it."""
    item = f"{first}2{basic}"
    assert fault(item) == ""
    wrong = item[:at] + other + item[at + 1 :]
    assert (fault(wrong) == "") == (wrong == item)


@settings(max_examples=40)
@given(st.text(max_size=300), st.sampled_from(("regions", "matters", "desks", "rules", "items")))
def test_any_text_is_read_or_refused_in_a_sentence(text: str, file: str) -> None:
    """Nothing but `InvalidCatalogue`, and it names the file."""
    for tried in (text, TEXTS.get(file, "code,matter,organisation\n") + text):
        try:
            parse(**{**TEXTS, file: tried})
        except InvalidCatalogue as error:
            assert file in str(error) or "line" in str(error)  # noqa: PT017  # it may also be taken


@settings(max_examples=50)
@given(st.lists(st.tuples(ITEMS, NAMES), max_size=8, unique_by=lambda pair: pair[0]))
def test_importing_twice_is_importing_once(rows: list[tuple[str, str]]) -> None:
    """Every 实施编码 of the list is carried out afterwards, no code of a matter is lost, and the texts can be read."""
    listing = read_list("list", [["实施编码", "事项名称"], *rows])
    once = merged(WHOLE, listing)
    assert set(once.items) == {item for item, _ in rows}
    assert set(WHOLE.matters) <= set(once.matters)
    assert not difference(once, merged(once, listing))
    again = parse(**{**TEXTS, "matters": matters_text(once.matters.values()), "items": items_text(once.items.values())})
    assert (again.matters, again.items) == (once.matters, once.items)


@given(matters(), matters())
def test_following_loses_nothing_and_takes_everything_new(before: dict[str, Matter], after: dict[str, Matter]) -> None:
    """What was there is there; what is new is as told; what is gone is not listed."""
    old, new = Catalogue({}, before, {}), Catalogue({}, after, {}, {}, {"x": Item("x", "y")})
    kept = follow(old, new)
    assert set(kept.matters) == set(before) | set(after)
    assert all(kept.matters[code] == matter for code, matter in after.items())
    assert not any(kept.matters[code].listed for code in set(before) - set(after))
    assert kept.items == new.items


def test_a_search_of_nothing_finds_nothing() -> None:
    """A catalogue without matters is one too."""
    assert Index([]).find("医保卡") == []
    with pytest.raises(InvalidCatalogue, match=r"matters\.csv, line 1"):
        parse(TEXTS["regions"], "", "")
