"""The search of matters over a catalogue as large as a province's, and what a kiosk is sent of it.

The matters are those of the shipped catalogue, again and again, each time for another made-up district, so that names,
words and pinyin have their real lengths.
"""

import gzip
import time
import tracemalloc
from collections.abc import Iterator
from typing import Any

from msgspec.structs import replace

from rvw.cli.catalogue import SHIPPED
from rvw.domain.catalogue import Catalogue, Matter
from rvw.domain.catalogue.search import Index
from rvw.protocol.codec import encode
from rvw.protocol.rest import CatalogueView
from signaling.catalogue_watch import read

QUESTIONS = (
    "医保卡丢了", "我的医保卡丢了怎么办", "搬家", "登记", "一", "居住正", "社保 转移", "这个办不了的事情到哪里去办",
    "shebao", "yibaoka", "yibk", "ybk", "s", "an", "shengfenzhen", "yiboaka", "open a shop", "lost card", "pasport",
    "liecnce", "qqqqqqqqqq",
)  # fmt: skip
"""Good ones, half-typed ones, misspelt ones, and those that find nothing or nearly everything."""

ROUNDS = 5

SPOKEN = {
    "年": "nian",
    "甲": "jia",
    "乙": "yi",
    "丙": "bing",
    "丁": "ding",
    "戊": "wu",
    "己": "ji",
    "庚": "geng",
    "辛": "xin",
}


def measure(size: int) -> dict[str, Any]:
    """Return, for the shipped catalogue and for one of `size` matters, milliseconds, memory, and bytes for a page."""
    whole = read(SHIPPED)
    shipped = sum(matter.listed for matter in whole.matters.values())
    return {str(number): _measure(whole, number) for number in dict.fromkeys((shipped, size))}


def table(figures: dict[str, Any]) -> str:
    """Return the figures for people."""
    rows = [
        f"{one['matters']:>7} matters: a search {one['median_ms']} ms (median), {one['worst_ms']} ms ({one['worst']});"
        f" index {one['index_ms']} ms, {one['index_megabytes']} MB; all for a page {one['page_bytes'] // 1000} kB,"
        f" compressed {one['page_bytes_gzip'] // 1000} kB"
        for one in figures.values()
    ]
    return "\n".join(rows)


def _measure(whole: Catalogue, size: int) -> dict[str, Any]:
    matters = tuple(many(whole, size))
    tracemalloc.start()
    index = Index(matters)
    memory, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    began = time.perf_counter()
    Index(matters)
    built = time.perf_counter() - began
    took = {question: min(_searched(index, question) for _ in range(ROUNDS)) for question in QUESTIONS}
    slowest = max(took, key=lambda question: took[question])
    sent = encode(CatalogueView(tuple(whole.regions.values()), matters, tuple(whole.desks.values())))
    return {
        "matters": len(matters),
        "index_ms": round(built * 1000, 1),
        "index_megabytes": round(memory / 1e6, 1),
        "search_ms": {question: round(seconds * 1000, 2) for question, seconds in took.items()},
        "median_ms": round(sorted(took.values())[len(took) // 2] * 1000, 2),
        "worst_ms": round(took[slowest] * 1000, 2),
        "worst": slowest,
        "page_bytes": len(sent),
        "page_bytes_gzip": len(gzip.compress(sent, 6)),
    }


def many(whole: Catalogue, size: int) -> Iterator[Matter]:
    """Yield `size` listed matters, the shipped ones first."""
    shipped = [matter for matter in whole.matters.values() if matter.listed]
    marks = list(SPOKEN)
    for number in range(size):
        matter = shipped[number % len(shipped)]
        again = number // len(shipped)
        if not again:
            yield matter
            continue
        mark = marks[again % len(marks)] + marks[again // len(marks) % len(marks)]
        spelt = " ".join(SPOKEN[character] for character in mark)
        yield replace(
            matter,
            code=f"{matter.code}-{again}",
            name=f"{matter.name}{mark}",
            name_en=f"{matter.name_en} {again}",
            pinyin=matter.pinyin.replace(" / ", f" {spelt} / ", 1) if "/" in matter.pinyin else f"{matter.pinyin} {spelt}",
        )


def _searched(index: Index, question: str) -> float:
    began = time.perf_counter()
    index.find(question)
    return time.perf_counter() - began
