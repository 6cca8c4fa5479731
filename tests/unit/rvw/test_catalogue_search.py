"""What residents type finds what they came for; the kiosk's own search gives the same answers."""

import json
import time
from pathlib import Path

import msgspec
import pytest

import rvw
from rvw.cli.bench.catalogue import QUESTIONS, many
from rvw.cli.catalogue import SHIPPED
from rvw.domain.catalogue import Catalogue, Matter
from rvw.domain.catalogue.search import Index
from rvw.domain.catalogue.spelling import abbreviates, fold, plain, slips
from signaling.catalogue_watch import read

FIXTURE = Path(rvw.__file__).parent.parent / "web" / "src" / "visit" / "search.fixture.json"

WANTED_FIRST = [
    ("医保卡丢了", "medical-card"),
    ("我的医保卡丢了怎么办？", "medical-card"),
    ("医保卡更换", "medical-card"),
    ("ybk", "medical-card"),
    ("YBK", "medical-card"),
    ("yibaoka", "medical-card"),
    ("yi bao ka", "medical-card"),
    ("yibk", "medical-card"),
    ("yiboaka", "medical-card"),
    ("yibaka", "medical-card"),
    ("搬家", "residence-permit"),
    ("居住正", "residence-permit"),
    ("jzz", "residence-permit"),
    ("shebao", "social-card"),
    ("sebao", "social-card"),
    ("社保 转移", "pension-transfer"),
    ("开店", "open-shop"),
    ("开饭店", "open-shop"),
    ("open a shop", "open-shop"),
    ("i want to open a shop", "open-shop"),
    ("start a business", "open-shop"),
    ("退休", "pension-claim"),
    ("tiuxiu", "pension-claim"),
    ("生孩子", "birth-register"),
    ("结婚", "marriage-register"),
    ("离婚", "divorce-register"),
    ("身份证丢了", "id-card-replace"),
    ("身份证掉了怎么补", "id-card-replace"),
    ("驾照到期", "driving-licence-renew"),
    ("护照", "passport"),
    ("pasport", "passport"),
    ("户口", "household-move"),
    ("低保", "subsistence"),
    ("房子过户", "property-transfer"),
    ("老人吃饭", "elder-meals"),
    ("上户口", "newborn-household"),
    ("老板不发工资", "labour-rights"),
    ("报销", "medical-reimburse"),
    ("残疾证", "disability-card-new"),
    ("个税退税", "income-tax-settle"),
    ("公积金", "fund-query"),
    ("租房", "fund-rent"),
    ("上学", "school-enrol"),
]


@pytest.fixture(scope="module")
def shipped() -> Catalogue:
    """The catalogue that comes with the product."""
    return read(SHIPPED)


@pytest.fixture(scope="module")
def index(shipped: Catalogue) -> Index:
    """Its search."""
    return Index(shipped.matters.values())


@pytest.mark.parametrize(("typed", "code"), WANTED_FIRST)
def test_what_is_typed_finds_what_is_meant_first(index: Index, typed: str, code: str) -> None:
    """In Chinese, pinyin, first letters, everyday words or English; whole, half, or misspelt."""
    assert [one.code for one in index.find(typed, 1)] == [code]


def test_every_matter_is_found_first_by_its_own_name(index: Index, shipped: Catalogue) -> None:
    """By the Chinese one and the English one."""
    for matter in shipped.matters.values():
        if matter.listed:
            assert index.find(matter.name)[0] == matter
            assert index.find(matter.name_en)[0] == matter


def test_the_page_is_asked_the_same_questions() -> None:
    """`search.test.ts` expects of the page's search what is expected here of this one."""
    fixture = json.loads(FIXTURE.read_text(encoding="utf-8"))
    index = Index(msgspec.convert(fixture["matters"], tuple[Matter, ...]))
    found = {case["typed"]: [one.code for one in index.find(case["typed"], fixture["limit"])] for case in fixture["cases"]}
    assert {case["typed"]: case["codes"] for case in fixture["cases"]} == found, "run web/scripts/make_search_fixture.py"


def test_what_is_not_listed_is_not_found(index: Index) -> None:
    """The probe's matter is nobody's business; nonsense finds nothing; nothing typed is everything in its order."""
    assert not any(one.code == "window-probe" for one in index.find("巡检"))
    assert index.find("潜水") == []
    assert index.find("qqqqqqqqqq") == []
    assert [one.code for one in index.find("  ", 2)] == ["social-card", "social-card-apply"]


def test_only_what_is_wanted_is_counted(index: Index) -> None:
    """The limit is on what is left."""
    business = index.find("登记", 5, lambda matter: matter.audience == "business")
    assert [one.audience for one in business] == ["business"] * 5


def test_ten_thousand_matters_are_searched_within_50_ms(shipped: Catalogue) -> None:
    """`rvw bench catalogue` measures; this only says when it has become another kind of thing."""
    large = Index(many(shipped, 10_000))
    assert len(large.matters) == 10_000
    for question in QUESTIONS:
        took = []
        for _ in range(3):
            began = time.process_time()
            large.find(question)
            took.append(time.process_time() - began)
        assert min(took) < 0.05, question


def test_how_people_misspell() -> None:
    """The nouns of `spelling`, one by one."""
    assert plain("Ｙbk，  医保卡!") == "ybk 医保卡"
    assert fold("shengfenzheng") == fold("senfenzen")
    assert {"yibaoka", "yibaok", "yiboaka", "yibaokaa"} <= {*slips("yibaoka"), "yibaoka"}
    assert abbreviates("yibk", ("yi", "bao", "ka"))
    assert abbreviates("ybaok", ("yi", "bao", "ka"))
    assert not abbreviates("ybz", ("yi", "bao", "ka"))
    assert not abbreviates("ybkk", ("yi", "bao", "ka"))
