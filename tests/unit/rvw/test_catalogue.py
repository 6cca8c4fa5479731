"""The catalogue is data; what is wrong with it is said with file and line."""

import pytest
from msgspec.structs import replace

from rvw.cli.catalogue import SHIPPED, hints
from rvw.cli.spelling import with_pinyin
from rvw.domain.catalogue import PLAIN, Catalogue, Desk, ancestry, chain, follow, parse, rules_of, takes
from rvw.domain.catalogue.item import check_character, fault, of_region
from rvw.errors import InvalidCatalogue, NoDesk, NotFound
from signaling.catalogue_watch import read
from tests.fakes.town import CARD, DESKS, TOWN

REGIONS = "code,name,level,parent,kind,name_en\n310000,上海市,municipality,,admin,Shanghai\n"
HEADER = "code,name,name_en,category,category_en,audience,minutes,words,listed,rules,pinyin\n"
MATTERS = HEADER + "card,社保卡,Card,社保,Social,person,8,,true,,\n"
DESK = '[[desk]]\nid = "city"\nauthority = "shanghai"\nregion = "310000"\nname = "市级"\nname_en = "City"\n'
PACK = """# the first line
[[pack]]
id = "card"
name = "卡"
name_en = "Card"
identity = "verified"
minutes = 9
accepted = ["identity"]
materials = [
    { id = "identity-card", name = "身份证", name_en = "Identity card", kind = "original" },
    { id = "photo", name = "照片", name_en = "Pic", kind = "copy", required = false, when = "没有时", when_en = "if none" },
]
"""
CITIES = (
    "上海 南京 无锡 徐州 常州 苏州 南通 连云港 淮安 盐城 扬州 镇江 泰州 宿迁 杭州 宁波 温州 嘉兴 湖州 绍兴 金华 衢州 舟山 "
    "台州 丽水 合肥 芜湖 蚌埠 淮南 马鞍山 淮北 铜陵 安庆 黄山 滁州 阜阳 宿州 六安 亳州 池州 宣城"
)
OFFICE = "11310000002420000"
ITEM = f"{OFFICE}{check_character(OFFICE)}2000114001000"


@pytest.fixture(scope="module")
def shipped() -> Catalogue:
    """The catalogue that comes with the product."""
    return read(SHIPPED)


def test_the_shipped_catalogue_is_whole(shipped: Catalogue) -> None:
    """Matters of every kind with rule packs, pinyin and two languages; nothing an editor should look at is left."""
    assert sum(matter.listed for matter in shipped.matters.values()) == 275
    assert [desk.id for desk in chain(shipped, "social-card", "310115")] == ["pudong", "shanghai"]
    assert [desk.id for desk in chain(shipped, "window-probe", "310000")] == ["probe"]
    assert hints(shipped) == []
    assert {matter.audience for matter in shipped.matters.values()} == {"person", "business", "both"}


def test_all_cities_of_the_delta_are_there_with_their_counties_and_shanghais_streets(shipped: Catalogue) -> None:
    """41 cities by name; each but Shanghai has counties, each district of Shanghai has streets; all have English names."""
    cities = {one.code: one for one in shipped.regions.values() if one.level in ("municipality", "prefecture")}
    assert {one.name.removesuffix("市") for one in cities.values()} == set(CITIES.split())
    assert len(cities) == 41
    parents = {region.parent for region in shipped.regions.values()}
    assert not set(cities) - parents
    districts = {code for code, one in shipped.regions.items() if one.parent == "310000"}
    assert len(districts) == 16
    assert not districts - parents
    assert all(region.name_en for region in shipped.regions.values())
    named = {region.name: region.name_en for region in shipped.regions.values()}
    assert (named["六安市"], named["乐清市"], named["丰县"]) == ("Lu'an", "Yueqing", "Feng County")
    assert (named["闵行区"], named["南京东路街道"]) == ("Minhang", "East Nanjing Road Subdistrict")


def test_the_pinyin_of_the_shipped_catalogue_is_that_of_its_words(shipped: Catalogue) -> None:
    """Whoever edits a word runs `rvw catalogue spell`."""
    assert [one.code for one in shipped.matters.values() if one.pinyin and with_pinyin(one) != one] == []


def test_a_street_belongs_to_its_districts_desk_and_then_to_the_citys() -> None:
    """The chain goes up the parents, and only to desks that take the matter."""
    assert [desk.id for desk in chain(TOWN, "card", "310115")] == ["pudong", "city"]
    assert [desk.id for desk in chain(TOWN, "shop", "310115")] == ["city"]


def test_what_is_not_there_is_said() -> None:
    """A matter, a region, a desk that does not exist: three errors."""
    with pytest.raises(NotFound, match="no matter x"):
        chain(TOWN, "x", "310115")
    with pytest.raises(NotFound, match="no matter x"):
        rules_of(TOWN, "x")
    with pytest.raises(NotFound, match="no region 1"):
        chain(TOWN, "card", "1")
    with pytest.raises(NoDesk, match="嘉兴市"):
        chain(TOWN, "card", "330400")
    with pytest.raises(NoDesk):
        chain(TOWN, "hidden", "310115")


def test_a_matter_takes_what_it_does_not_say_from_its_rule_pack() -> None:
    """Minutes, and what it asks of a visit; a matter without a pack asks for nothing."""
    catalogue = parse(REGIONS, MATTERS + "photo,照片,Photo,社保,Social,both,,,,card,\n", DESK, PACK)
    assert catalogue.matters["photo"].minutes == 9
    assert [one.id for one in rules_of(catalogue, "photo").materials] == ["identity-card", "photo"]
    assert (catalogue.matters["card"].minutes, rules_of(catalogue, "card")) == (8, PLAIN)


@pytest.mark.parametrize(
    ("regions", "matters", "desks", "said"),
    [
        (
            REGIONS + "310000,x,city,,admin,\n",
            MATTERS,
            DESK,
            r"regions\.csv, line 3: 310000 is there twice, first in line 2",
        ),
        (REGIONS + "310101,x,district,999,admin,\n", MATTERS, DESK, r"regions\.csv, line 3: the parent of 310101, 999"),
        (REGIONS + "1,x,district,1,admin,\n", MATTERS, DESK, r"regions\.csv, line 3: 1 is its own ancestor"),
        (REGIONS + "1,x,hamlet,,admin,\n", MATTERS, DESK, r"regions\.csv, line 3: Invalid enum value 'hamlet'.*level"),
        (REGIONS.replace("name_en", "english"), MATTERS, DESK, r"regions\.csv, line 1: there is no column english"),
        (REGIONS.replace("code", "kode"), MATTERS, DESK, r"regions\.csv, line 1: there is no column kode"),
        (REGIONS + '310101,"x,district\n', MATTERS, DESK, r"regions\.csv, line 3: unexpected end of data"),
        (REGIONS, MATTERS + "shop,a,b,c,d,both,soon,,true,,\n", DESK, r"matters\.csv, line 3: .*minutes"),
        (REGIONS, MATTERS + "Shop,a,b,c,d,both,1,,true,,\n", DESK, r"matters\.csv, line 3: .*code"),
        (REGIONS, MATTERS + "shop,a,b\n", DESK, r"matters\.csv, line 3: it has not as many cells"),
        (REGIONS, MATTERS + "shop,店,b,c,d,both,1,开店,true,,dian\n", DESK, r"matters\.csv, line 3: pinyin has 1 phrases"),
        (REGIONS, HEADER.replace("name_en,", ""), DESK, r"matters\.csv, line 1: the column name_en is missing"),
        (REGIONS, MATTERS, DESK.replace("310000", "9"), r"desks\.toml, line 1, desk city: there is no region 9"),
        (REGIONS, MATTERS, DESK + 'matters = ["nope"]\n', r"desks\.toml, line 1, desk city: there is no matter nope"),
        (REGIONS, MATTERS, DESK + "patience = 3\n", r"desks\.toml, line 7, desk city: .*unknown field `patience`"),
        (REGIONS, MATTERS, DESK + "\n" + DESK, r"desks\.toml, line 8: city is there twice, first in line 1"),
        (REGIONS, MATTERS, DESK + '\n[[dask]]\nid = "x"\n', r"desks\.toml, line 8: there is no table dask"),
        (REGIONS, MATTERS, "[[desk]\n", r"desks\.toml: .*line 1"),
    ],
)
def test_what_is_wrong_is_named(regions: str, matters: str, desks: str, said: str) -> None:
    """File, line and value."""
    with pytest.raises(InvalidCatalogue, match=said):
        parse(regions, matters, desks)


@pytest.mark.parametrize(
    ("was", "becomes", "said"),
    [
        ('"verified"', '"sworn"', "line 6, pack card: Invalid enum value 'sworn'"),
        ("minutes = 9", 'minutes = "9"', "line 7, pack card"),
        ('kind = "copy"', 'kind = "painting"', "line 11, pack card: Invalid enum value 'painting'"),
        ('kind = "copy"', 'kind = "copy", colour = 1', "line 11, pack card: .*unknown field `colour`"),
        ('id = "photo"', 'id = "identity-card"', "line 2, pack card: identity-card is there twice"),
        (', when = "没有时", when_en = "if none"', "", "line 2, pack card: material photo is not always required"),
        ('["identity"]', '["signature"]', "line 2, pack card: signature must be there at the end"),
        ('accepted = ["identity"]', "levels = []", "line 2, pack card: without levels and roles"),
        ("[[pack]]", "[[bundle]]", "line 2: there is no table bundle"),
    ],
)
def test_what_is_wrong_with_a_rule_pack_is_named(was: str, becomes: str, said: str) -> None:
    """The nearest line: of the key, of the element of a list, or of the table."""
    assert was in PACK
    with pytest.raises(InvalidCatalogue, match=rf"rules\.toml, {said}"):
        parse(REGIONS, MATTERS, DESK, PACK.replace(was, becomes))


def test_a_choice_needs_as_many_words_in_both_languages() -> None:
    """Otherwise a form would show half of its choices."""
    field = '\n[[pack.fields]]\nid = "how"\nname = "方式"\nname_en = "How"\nkind = "choice"\nchoices = ["邮寄"]\n'
    with pytest.raises(InvalidCatalogue, match="field how has not as many choices_en"):
        parse(REGIONS, MATTERS, DESK, PACK + field)
    with pytest.raises(InvalidCatalogue, match="field how: choices belong to the kind choice"):
        parse(REGIONS, MATTERS, DESK, PACK + field.replace('"choice"', '"text"') + 'choices_en = ["Post"]\n')


def test_a_rule_pack_that_is_not_there_is_named() -> None:
    """With the line of the matter that wants it."""
    with pytest.raises(InvalidCatalogue, match=r"matters\.csv, line 2: there is no rule pack lost"):
        parse(REGIONS, MATTERS.replace("true,,", "true,lost,"), DESK, PACK)


def test_an_implementation_code_is_checked_for_its_form() -> None:
    """18 characters of an organisation with their check character, one for the type, 12 digits."""
    assert fault(ITEM) == ""
    assert "30 characters" in fault(ITEM[:-1])
    assert "check character" in fault("2" + ITEM[1:])
    assert "I" in fault("I" + ITEM[1:])
    assert "the type" in fault(ITEM[:18] + "-" + ITEM[19:])
    assert "only digits" in fault(ITEM[:-1] + "X")
    assert check_character("91350100M000100Y4") == "3"  # the example of GB 32100-2015, annex B


def test_an_implementation_code_that_is_wrong_is_told_with_its_line() -> None:
    """Also one for a matter that is not there."""
    items = "code,matter,organisation\n"
    assert parse(REGIONS, MATTERS, DESK, PACK, items + f"{ITEM},card,上海市某局\n").items[ITEM].matter == "card"
    with pytest.raises(InvalidCatalogue, match=r"items\.csv, line 2: there is no matter shop"):
        parse(REGIONS, MATTERS, DESK, PACK, items + f"{ITEM},shop,\n")
    with pytest.raises(InvalidCatalogue, match=r"items\.csv, line 2: 123 has 3 characters"):
        parse(REGIONS, MATTERS, DESK, PACK, items + "123,card,\n")


def test_the_implementation_code_of_a_region_is_that_of_the_nearest_organisation() -> None:
    """A street's is its district's; where the district has none, the city's."""
    city, district = "11310000" + ITEM[8:], "11310115" + ITEM[8:]
    assert of_region((city, district), ancestry(TOWN, "310115")) == district
    assert of_region((city, district), ancestry(TOWN, "310113")) == city
    assert of_region((city, district), ancestry(TOWN, "330400")) == ""


def test_nothing_vanishes_under_a_visit() -> None:
    """A desk that is gone takes nobody new but keeps its queue; a matter that is gone keeps its name, unlisted."""
    new = Catalogue(
        regions={"310000": TOWN.regions["310000"]},
        matters={"card": replace(CARD, minutes=4)},
        desks={"city": DESKS[2]},
    )
    kept = follow(TOWN, new)
    assert kept.desks["pudong"].patience_s == DESKS[1].patience_s
    assert not any(takes(kept.desks["pudong"], matter) for matter in kept.matters.values())
    assert (kept.matters["card"].minutes, kept.matters["shop"].name, kept.matters["shop"].listed) == (4, "开店", False)
    assert [desk.id for desk in chain(kept, "card", "310115")] == ["city"]
    assert follow(kept, kept) == kept
    assert follow(TOWN, TOWN) == TOWN
    back = Desk("pudong", "pudong", "310115", "浦东", "Pudong")
    assert follow(kept, replace(new, desks={"pudong": back})).desks["pudong"] == back
