"""An authority's own list, taken over: what it may look like, what follows from it, and what is said of its faults."""

import csv
from pathlib import Path

import pytest
from openpyxl import Workbook
from typer.testing import CliRunner

from rvw.cli import app
from rvw.cli.catalogue import SHIPPED, rows_of
from rvw.domain.catalogue import Catalogue, Matter
from rvw.domain.catalogue.difference import difference, summary
from rvw.domain.catalogue.item import Item, check_character
from rvw.domain.catalogue.listing import MAX_ROWS, merged, read_list
from rvw.errors import InvalidCatalogue, InvalidInput
from signaling.catalogue_watch import read

HEADER = ["序号", "实施编码", "事项名称", "实施主体", "服务对象", "行使层级", "办理时长（分钟）", "别名", "法定时限"]


def organisation(area: str, number: str = "00242000X") -> str:
    """Return a made-up organisation's code with the right check character."""
    first = f"11{area}{number}"
    return first + check_character(first)


def item(area: str, basic: str, kind: str = "2") -> str:
    """Return an 实施编码 of the area's organisation."""
    return f"{organisation(area)}{kind}{basic}"


CARD, SHOP, NEW = "000114001000", "000131020000", "310172003000"


def catalogue() -> Catalogue:
    """Two matters; the shop is carried out by two districts."""
    card = Matter("card", "社保卡申领", "Card", "社保", "Social", "person", words="社保卡", pinyin="she / she")
    shop = Matter("shop", "开店", "Shop", "市场", "Market", "business", pinyin="kai dian")
    items = {code: Item(code, "shop") for code in (item("310115", SHOP), item("310113", SHOP))}
    return Catalogue({}, {"card": card, "shop": shop}, {}, {}, items)


def row(code: str, name: str, *more: str) -> list[str]:
    """Return a line of the list."""
    return ["1", code, name, *more, *[""] * (len(HEADER) - 3 - len(more))]


def listing(*rows: list[str]) -> Catalogue:
    """Return the catalogue after a list of these lines, a title above them."""
    return merged(catalogue(), read_list("list.csv", [["某区政务服务事项清单"], HEADER, *rows]))


def test_a_row_means_the_matter_of_its_name() -> None:
    """It is carried out by the row's organisation from now on, and takes what the row says of it."""
    new = listing(row(item("310115", CARD), "社保卡申领", "某区人社局", "自然人", "县级", "15", "补卡、挂失"))
    assert new.items[item("310115", CARD)] == Item(item("310115", CARD), "card", "某区人社局")
    card = new.matters["card"]
    assert (card.minutes, card.words, card.level, card.audience) == (15, "社保卡 补卡 挂失", "district", "person")
    assert card.pinyin == "", "it is spelt anew"


def test_a_row_means_the_matter_of_its_basic_code_when_the_name_is_the_authoritys_own() -> None:
    """The catalogue keeps its name; the authority's becomes a word of the search."""
    shop = listing(row(item("310110", SHOP), "开办店铺", "", "企业法人，自然人")).matters["shop"]
    assert (shop.name, shop.words, shop.audience) == ("开店", "开办店铺", "both")


def test_a_row_of_a_known_implementation_code_may_rename_the_matter() -> None:
    """The organisation's own matter is called as it says."""
    assert listing(row(item("310115", SHOP), "开店一件事")).matters["shop"].name == "开店一件事"


def test_a_row_that_is_no_matter_yet_becomes_one() -> None:
    """Its code is made from the basic code, so that the next list finds it again."""
    rows = [row(item("310115", NEW), "充电桩备案", "某区发改委", "法人", "区级"), row(item("310110", NEW), "充电桩备案")]
    new = listing(*rows)
    assert new.matters["m-310172003000"].audience == "business"
    assert [one.matter for one in new.items.values() if one.matter.startswith("m-")] == ["m-310172003000"] * 2
    again = merged(new, read_list("list.csv", [HEADER, *rows]))
    assert summary(difference(new, again)) == "no difference"


def test_what_its_organisations_no_longer_do_goes_and_what_others_do_stays() -> None:
    """A matter nobody carries out any more is not listed, and never removed."""
    pudong = row(item("310115", CARD), "社保卡申领")
    new = listing(pudong)
    assert item("310115", SHOP) not in new.items
    assert item("310113", SHOP) in new.items
    assert new.matters["shop"].listed
    alone = listing(pudong, row(item("310113", CARD), "社保卡申领"))
    assert not alone.matters["shop"].listed
    assert alone.matters["card"].listed, "never having had an 实施编码 is no reason to go"


def test_the_difference_is_told_in_words() -> None:
    """One line a change, and the counts."""
    old = catalogue()
    rows = row(item("310115", CARD), "社保卡申领", "", "", "", "15"), row(item("310115", NEW), "桩")
    changes = difference(old, listing(*rows))
    told = [str(change) for change in changes]
    assert "changed matter card 社保卡申领: minutes: 12 → 15" in told
    assert "added   matter m-310172003000 桩" in told
    assert f"removed item {item('310115', SHOP)}" in told
    assert summary(changes) == "1 matters added, 1 matters changed, 2 items added, 1 items removed"


def test_every_fault_is_told_with_its_line() -> None:
    """Not only the first: a list of thousands is mended once."""
    wrong = [
        row(item("310115", CARD)[:-1], "少一位"),
        row("9" + item("310115", CARD)[1:], "校验码不对"),
        row("", "没有编码"),
        row(item("310115", SHOP), "开店", "", "外星人", "银河级", "很久"),
        row(item("310115", SHOP), "开店"),
        row(item("310115", NEW), ""),
    ]
    with pytest.raises(InvalidCatalogue) as caught:
        read_list("list.csv", [["清单"], HEADER, *wrong])
    told = str(caught.value).splitlines()
    assert [line.split(":")[0] for line in told] == [f"list.csv, line {n}" for n in (3, 4, 5, 6, 6, 6, 8, 7)]
    assert "30 characters" in told[0]
    assert "check character" in told[1]
    assert "neither an 实施编码 nor a code" in told[2]
    assert "很久" in told[3]
    assert "twice, first in line 6" in told[-1]


def test_a_list_without_names_or_without_an_end_is_refused() -> None:
    """No column of names in the first lines; more lines than any authority has matters; more faults than fit a screen."""
    with pytest.raises(InvalidCatalogue, match="none of the first 10 lines has a column 事项名称"):
        read_list("list.csv", [["a", "b"], ["c", "d"]])
    with pytest.raises(InvalidCatalogue, match="more than 50000 lines"):
        read_list("list.csv", [HEADER] * (MAX_ROWS + 1))
    with pytest.raises(InvalidCatalogue, match="and 10 more"):
        read_list("list.csv", [HEADER, *[row("", "没有编码")] * 30])


def test_columns_nobody_needs_are_named() -> None:
    """So that whoever imports sees that they were not forgotten."""
    assert read_list("list.csv", [HEADER]).unused == ("序号", "法定时限")


def workbook(file: Path, *rows: list[str]) -> Path:
    """Save the lines as a workbook."""
    book = Workbook()
    assert book.active is not None
    for one in [["清单"], HEADER, *rows]:
        book.active.append(one)
    book.save(file)
    return file


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the shipped catalogue."""
    copy = tmp_path / "catalogue"
    copy.mkdir()
    for file in SHIPPED.glob("*.*"):
        (copy / file.name).write_bytes(file.read_bytes())
    return copy


def run(*words: str | Path) -> tuple[int, str]:
    """Run `rvw catalogue …`."""
    result = CliRunner().invoke(app, ["catalogue", *map(str, words)])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.output


def test_a_dry_run_tells_and_writes_nothing(folder: Path, tmp_path: Path) -> None:
    """The same words as the real one, and the same bytes as before."""
    before = {file.name: file.read_bytes() for file in folder.iterdir()}
    file = workbook(tmp_path / "list.xlsx", row(item("310115", CARD), "新版社保卡申领", "某区人社局", "", "", "9"))
    code, told = run("import", file, "--folder", folder, "--dry-run")
    assert code == 0
    assert "changed matter social-card 新版社保卡申领: minutes: 8 → 9" in told
    assert "not used: 序号, 法定时限" in told
    assert "nothing has been written" in told
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == before


def test_an_imported_list_is_served_searched_and_found_again(folder: Path, tmp_path: Path) -> None:
    """New matters have pinyin at once; a second import of the same list finds nothing to do."""
    file = workbook(tmp_path / "list.xlsx", row(item("310115", NEW), "充电桩备案", "某区发改委", "", "", "", "装充电桩"))
    run("import", file, "--folder", folder)
    assert read(folder).matters["m-310172003000"].pinyin == "chong dian zhuang bei an / zhuang chong dian zhuang"
    assert read(folder).items[item("310115", NEW)].organisation == "某区发改委"
    assert run("find", "zhuangchongdian", "--folder", folder)[1].startswith("m-310172003000")
    assert "1 rows: no difference" in run("import", file, "--folder", folder)[1]
    assert "1 实施编码 of 1 organisations" in run("check", folder)[1]
    assert not list(folder.glob("tmp*"))


def test_a_csv_of_an_office_program_is_understood(tmp_path: Path) -> None:
    """UTF-8 with a mark, or GB 18030; anything else is refused in a sentence."""
    lines = [HEADER, row(item("310115", CARD), "社保卡申领")]
    for encoding in ("utf-8-sig", "gb18030"):
        with (tmp_path / "list.csv").open("w", encoding=encoding, newline="") as stream:
            csv.writer(stream).writerows(lines)
        assert rows_of(tmp_path / "list.csv") == lines
    (tmp_path / "list.csv").write_bytes(b"\xff\xff\xff")
    with pytest.raises(InvalidInput, match="neither UTF-8 nor GB 18030"):
        rows_of(tmp_path / "list.csv")
    (tmp_path / "list.xlsx").write_bytes(b"PK not a workbook")
    with pytest.raises(InvalidInput, match="is not a workbook"):
        rows_of(tmp_path / "list.xlsx")
    with pytest.raises(InvalidInput, match="cannot be read"):
        rows_of(tmp_path / "nothing.csv")


def test_a_list_with_a_fault_changes_nothing(folder: Path, tmp_path: Path) -> None:
    """The check is before the first write."""
    file = workbook(tmp_path / "list.xlsx", row(item("310115", CARD), "新版社保卡申领"), row("123", "错"))
    with pytest.raises(InvalidCatalogue, match=r"list\.xlsx, line 4: 123 has 3 characters"):
        run("import", file, "--folder", folder)
    assert not (folder / "items.csv").exists()


def test_the_check_names_file_and_line(folder: Path) -> None:
    """And is content with the shipped catalogue."""
    assert "607 regions: 41 cities" in run("check", folder)[1]
    with (folder / "matters.csv").open("a") as stream:
        stream.write("oops\n")
    with pytest.raises(InvalidCatalogue, match=r"matters\.csv, line 278: it has not as many cells"):
        run("check", folder)


def test_what_an_editor_leaves_empty_is_spelt(folder: Path) -> None:
    """Pinyin of a matter, English name of a place."""
    with (folder / "matters.csv").open("a") as stream:
        stream.write("charge,充电桩备案,Charger,发改,Development,business,district,10,permit,true,KTV SC证 换行驶证,\n")
    with (folder / "regions.csv").open("a") as stream:
        stream.write("310115999,上南东路街道,street,310115,admin,\n")
    assert "hint: charge has no pinyin" in run("check", folder)[1]
    assert run("spell", "--folder", folder) == (0, "1 matters and 1 regions spelt\n")
    whole = read(folder)
    assert whole.matters["charge"].pinyin == "chong dian zhuang bei an / s c zheng / huan xing shi zheng"
    assert whole.regions["310115999"].name_en == "East Shangnan Road Subdistrict"
