"""Desks open and close by the clock on the wall, lunch, holidays and make-up days."""

from datetime import date, datetime

import pytest
from msgspec.structs import replace

from rvw.cli.catalogue import SHIPPED
from rvw.clock import WINDOW_TIME
from rvw.domain.catalogue import Catalogue, Desk, Step, chain, next_opening, parse, shut, slots, spans, steps
from rvw.errors import InvalidCatalogue
from signaling.catalogue_watch import read
from tests.fakes.town import TOWN

OFFICE = Desk(
    "office", "a", "310113", "办公", "Office",
    hours=("mon-fri 09:00-17:00", "sat 09:00-11:30", "holiday 10:00-12:00"),
    lunch="11:30-13:00", lunch_rota=("tue", "thu-fri"),
)  # fmt: skip
TEXTS = {
    "regions": "code,name,level\n310000,上海市,municipality\n",
    "matters": "code,name,name_en,category,category_en,audience,rules\ncard,社保卡,Card,社保,Social,person,\n",
}
DESK = '[[desk]]\nid = "city"\nauthority = "a"\nregion = "310000"\nname = "市级"\nname_en = "City"\n'


@pytest.fixture(scope="module")
def shipped() -> Catalogue:
    """The catalogue that comes with the product, with its holidays."""
    return read(SHIPPED)


def at(text: str) -> float:
    """The instant of a time on the wall: `2026-03-02 09:00`, a Monday."""
    return datetime.fromisoformat(text).replace(tzinfo=WINDOW_TIME).timestamp()


@pytest.mark.parametrize(
    ("when", "why"),
    [
        ("2026-03-02 08:59", "closed"),
        ("2026-03-02 09:00", None),
        ("2026-03-02 11:30", "lunch"),
        ("2026-03-02 13:00", None),
        ("2026-03-02 17:00", "closed"),
        ("2026-03-03 12:00", None),
        ("2026-03-05 12:00", None),
        ("2026-03-07 11:29", None),
        ("2026-03-07 12:00", "closed"),
        ("2026-03-08 10:00", "closed"),
        ("2026-02-17 09:30", "holiday"),
        ("2026-02-17 10:30", None),
        ("2026-02-14 16:00", None),
        ("2026-02-14 12:00", "lunch"),
    ],
)
def test_a_desk_is_open_when_its_hours_say_so(shipped: Catalogue, when: str, why: str | None) -> None:
    """Lunch is Monday's, Tuesday is the desk's turn; Spring Festival has hours of its own, a worked Saturday a Monday's."""
    assert shut(OFFICE, shipped.days, at(when)) == why


def test_a_desk_without_hours_is_always_open(shipped: Catalogue) -> None:
    """Also at three in the morning of New Year."""
    night = at("2026-01-01 03:00")
    always = replace(OFFICE, hours=(), lunch="", lunch_rota=())
    assert shut(always, shipped.days, night) is None
    assert next_opening(always, shipped.days, night) == night


def test_the_next_opening_is_after_the_holiday(shipped: Catalogue) -> None:
    """Friday evening before National Day's end; and a desk that never opens has none."""
    weekdays = replace(OFFICE, hours=("mon-fri 09:00-17:00",))
    assert next_opening(weekdays, shipped.days, at("2026-09-30 17:30")) == at("2026-10-08 09:00")
    assert next_opening(weekdays, shipped.days, at("2026-03-02 11:45")) == at("2026-03-02 13:00")
    assert next_opening(replace(OFFICE, hours=("holiday 09:00-10:00",)), {}, at("2026-03-02 11:45")) is None


def test_appointments_fit_into_the_hours(shipped: Catalogue) -> None:
    """Half an hour each: none over lunch, none beyond closing, none that has begun."""
    told = [one.since for one in slots(OFFICE, shipped.days, at("2026-03-02 10:10"), 1, 1800.0)]
    assert told[:3] == [at("2026-03-02 10:30"), at("2026-03-02 11:00"), at("2026-03-02 13:00")]
    assert told[-1] == at("2026-03-02 16:30")
    whole = list(spans(OFFICE, shipped.days, at("2026-03-03 12:00"), 1))
    assert [(one.since, one.until) for one in whole] == [(at("2026-03-03 09:00"), at("2026-03-03 17:00"))]


def test_the_holidays_of_2026_are_those_published(shipped: Catalogue) -> None:
    """33 days off, seven of them bought with worked weekend days."""
    of_2026 = {day: kind for day, kind in shipped.days.items() if day.year == 2026}
    assert sum(kind == "holiday" for kind in of_2026.values()) == 33
    worked = ["01-04", "02-14", "02-28", "05-09", "09-20", "10-10"]
    assert sorted(day for day, kind in of_2026.items() if kind == "working") == [
        date.fromisoformat(f"2026-{day}") for day in worked
    ]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('hours = ["mon-fri 9-17"]', "line 1, desk city: a time is written like"),
        ('hours = ["weekdays 09:00-17:00"]', "no day"),
        ('hours = ["fri-mon 09:00-17:00"]', "begins on Monday"),
        ('hours = ["mon 09:00-12:00", "mon 11:00-17:00"]', "overlap on mon"),
        ('hours = ["mon 17:00-09:00"]', "no stretch of a day"),
        ('hours = ["mon 09:00-17:75"]', "no stretch of a day"),
        ('hours = ["mon"]', "hours are written like"),
        ('lunch = "12:00-13:00"', "there are none"),
        ('hours = ["mon 09:00-17:00"]\nlunch_rota = ["tue"]', "no lunch"),
        ('chain = [{ desk = "moon", after_s = 3 }]', "there is no desk moon"),
        ('chain = [{ desk = "city", after_s = 3 }]', "twice"),
        ('chain = [{ desk = "city", after_s = -3 }]', "line 7, desk city"),
        ('languages = ["fr"]', "line 7, desk city"),
        ('levels = ["moon"]', "line 7, desk city"),
    ],
)
def test_a_wrong_desk_is_refused_with_its_line(line: str, said: str) -> None:
    """Whoever edits the file is told where and what."""
    with pytest.raises(InvalidCatalogue, match=r"desks\.toml, line \d, desk city") as refused:
        parse(**TEXTS, desks=DESK + line + "\n")
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("rest", "said"),
    [
        ("last = 2026-01-03\nworking = [2026-01-05]", "no Saturday or Sunday"),
        ("last = 2026-01-04\nworking = [2026-01-04]", "both a holiday and worked"),
        ("last = 2025-12-30", "first is not after its last"),
        ("last = 2026-01-02\n\n[[holiday]]\nname='x'\nname_en='X'\nfirst=2026-01-02\nlast=2026-01-02", "line 7"),
        ("last = 2026-01-02\nwork = []", "line 6, holiday 元旦"),
    ],
)
def test_a_wrong_holiday_is_refused_with_its_line(rest: str, said: str) -> None:
    """The make-up day must be a weekend day, outside the holiday."""
    text = f'[[holiday]]\nname = "元旦"\nname_en = "New Year"\nfirst = 2026-01-01\n{rest}\n'
    with pytest.raises(InvalidCatalogue, match=r"holidays\.toml, line \d") as refused:
        parse(**TEXTS, desks=DESK, holidays=text)
    assert said in str(refused.value)


def test_a_desk_says_who_is_asked_after_it() -> None:
    """Any list, in its order; desks that do not take the matter or do not speak the language are left out."""
    partner = Step("pudong", 120.0)
    first = replace(TOWN.desks["baoshan"], chain=(Step("city", 30.0), partner))
    town = replace(TOWN, desks={**TOWN.desks, "baoshan": first})
    assert steps(town, "card", "310113") == (Step("baoshan", 0.0), Step("city", 30.0), partner)
    assert steps(town, "shop", "310113") == (Step("baoshan", 0.0), Step("city", 30.0))
    chinese = replace(town, desks={**town.desks, "city": replace(TOWN.desks["city"], languages=("zh",))})
    assert [one.id for one in chain(chinese, "card", "310113", "en")] == ["baoshan", "pudong"]
    none = replace(town, desks={**town.desks, "baoshan": replace(first, chain=())})
    assert [one.id for one in chain(none, "card", "310113")] == ["baoshan"]


def test_a_desk_may_take_matters_of_its_level_only() -> None:
    """A street's desk does not take what the city decides, unless it is named."""
    town = replace(TOWN, desks={**TOWN.desks, "baoshan": replace(TOWN.desks["baoshan"], levels=("street",))})
    assert [one.id for one in chain(town, "card", "310113")] == ["city"]
    named = replace(town.desks["baoshan"], matters=("*", "card"))
    assert chain(replace(town, desks={**town.desks, "baoshan": named}), "card", "310113")[0].id == "baoshan"
