"""The catalogue is data; what is wrong with it is said with file and line."""

from pathlib import Path

import pytest

import config
from rvw.domain.catalogue import chain, parse
from rvw.errors import InvalidCatalogue, NoDesk, NotFound
from tests.fakes.town import TOWN

REGIONS = "code,name,level,parent,kind,name_en\n310000,上海市,municipality,,admin,Shanghai\n"
MATTERS = (
    "code,name,name_en,category,category_en,audience,minutes,words,listed\ncard,社保卡,Card,社保,Social,person,8,,true\n"
)
DESK = '[[desk]]\nid = "city"\nauthority = "shanghai"\nregion = "310000"\nname = "市级"\nname_en = "City"\n'


def test_the_shipped_catalogue_is_whole() -> None:
    """Every region of three provinces and one city, the demo's matters and desks."""
    folder = Path(config.FOLDER) / "catalogue"
    texts = [(folder / name).read_text() for name in ("regions.csv", "matters.csv", "desks.toml", "rules.toml")]
    catalogue = parse(*texts)
    assert len(catalogue.regions) > 600
    assert sum(matter.listed for matter in catalogue.matters.values()) == 275
    assert [desk.id for desk in chain(catalogue, "social-card", "310115")] == ["pudong", "shanghai"]


def test_a_street_belongs_to_its_districts_desk_and_then_to_the_citys() -> None:
    """The chain goes up the parents, and only to desks that take the matter."""
    assert [desk.id for desk in chain(TOWN, "card", "310115")] == ["pudong", "city"]
    assert [desk.id for desk in chain(TOWN, "shop", "310115")] == ["city"]


def test_what_is_not_there_is_said() -> None:
    """A matter, a region, a desk that does not exist: three errors."""
    with pytest.raises(NotFound, match="no matter x"):
        chain(TOWN, "x", "310115")
    with pytest.raises(NotFound, match="no region 1"):
        chain(TOWN, "card", "1")
    with pytest.raises(NoDesk, match="嘉兴市"):
        chain(TOWN, "card", "330400")
    with pytest.raises(NoDesk):
        chain(TOWN, "hidden", "310115")


@pytest.mark.parametrize(
    ("regions", "matters", "desks", "said"),
    [
        (REGIONS + "310000,x,city,,admin,\n", MATTERS, DESK, r"regions\.csv, line 3: 310000 is there twice"),
        (REGIONS + "310101,x,district,999,admin,\n", MATTERS, DESK, "the parent of 310101, 999"),
        (REGIONS, MATTERS + "shop,a,b,c,d,both,soon,,true\n", DESK, r"matters\.csv, line 3: .*minutes"),
        (REGIONS, MATTERS, DESK.replace("310000", "9"), "desk city: there is no region 9"),
        (REGIONS, MATTERS, DESK + 'matters = ["nope"]\n', "desk city: there is no matter nope"),
        (REGIONS, MATTERS, "[[desk]\n", r"desks\.toml: .*line 1"),
    ],
)
def test_what_is_wrong_is_named(regions: str, matters: str, desks: str, said: str) -> None:
    """File, line and value."""
    with pytest.raises(InvalidCatalogue, match=said):
        parse(regions, matters, desks)
