"""Write `src/visit/search.fixture.json`: what the Python search finds among some matters of the shipped catalogue.

Run with the project's Python from anywhere: `.venv/bin/python web/scripts/make_search_fixture.py`. The fixture keeps its
own copy of the matters, so that editing the catalogue does not disturb it; `tests/unit/rvw/test_catalogue_search.py`
asks the Python search the same questions again.
"""

import json
from pathlib import Path

import msgspec

from rvw.cli.catalogue import SHIPPED
from rvw.domain.catalogue.search import Index
from signaling.catalogue_watch import read

TARGET = Path(__file__).parent.parent / "src" / "visit" / "search.fixture.json"

EACH = 4
"""Every so many matters are taken, and those that `ALWAYS` names."""

ALWAYS = (
    "social-card", "medical-card", "residence-permit", "open-shop", "id-card-replace", "passport", "pension-claim",
    "household-move", "birth-register", "social-insurance-query", "driving-licence-renew", "pension-transfer",
)  # fmt: skip

LIMIT = 12

TYPED = (
    "医保卡丢了", "我的医保卡丢了怎么办？", "医保卡 丢了", "搬家", "登记", "一", "卡", "居住正", "居住证丢", "社保 转移", "退休", "生孩子",
    "开饭店", "身份证掉了", "ＹＢＫ", "KTV", "查询打印", "公安", "医疗保障", "这个办不了的事情到哪里去办", "潜水",
    "shebao", "yibaoka", "yiba", "YiBaoKa", "yi bao ka", "yibk", "ybaok", "ybk", "s", "sh", "an", "tx", "hukou", "shengfenzhen",
    "senfenzen", "yiboaka", "yibaka", "tuixui", "baoka", "genghuan", "zhuanyi", "jzz",
    "open a shop", "Open a Shop!", "shop open", "lost card", "pasport", "liecnce", "medical", "i want to get a passport", "pen",
    "work and social", "replace lost", "qqqqqqqqqq", "1", "65岁",
)  # fmt: skip
"""Good, half-typed, misspelt, foreign, and hopeless."""


def main() -> None:
    """Write the file."""
    listed = [matter for matter in read(SHIPPED).matters.values() if matter.listed]
    matters = [matter for n, matter in enumerate(listed) if n % EACH == 0 or matter.code in ALWAYS]
    index = Index(matters)
    cases = [{"typed": typed, "codes": [matter.code for matter in index.find(typed, LIMIT)]} for typed in TYPED]
    whole = {"limit": LIMIT, "matters": msgspec.to_builtins(matters), "cases": cases}
    TARGET.write_text(json.dumps(whole, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
