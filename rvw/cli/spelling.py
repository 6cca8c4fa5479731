"""Pinyin for the search and for the English names of places: done when the catalogue is edited, never while it serves."""

import re

from msgspec.structs import replace
from pypinyin import lazy_pinyin, load_phrases_dict

from rvw.domain.catalogue.matter import Matter, has_han, spoken
from rvw.domain.catalogue.region import Region

SPOKEN = {
    "换行驶证": "huan xing shi zheng", "调档": "diao dang", "还房贷": "huan fang dai", "先还": "xian huan",
    "长护险": "chang hu xian", "闵行": "min hang", "殷行": "yin hang", "杨行": "yang hang", "庙行": "miao hang",
    "徐行": "xu hang", "高行": "gao hang", "庄行": "zhuang hang", "天长": "tian chang", "长宁": "chang ning",
    "长桥": "chang qiao", "长风": "chang feng", "长白": "chang bai", "长海": "chang hai", "长丰": "chang feng",
    "蚌山": "beng shan", "涡阳": "guo yang", "朝阳": "chao yang", "重固": "chong gu",
    "莲都": "lian du", "盐都": "yan du",
}  # fmt: skip
"""Words with a character of several sounds that the dictionary gets wrong."""

load_phrases_dict({phrase: [[syllable] for syllable in sounds.split()] for phrase, sounds in SPOKEN.items()})

GENERIC = (
    ("经济技术开发区", "Economic and Technological Development Zone"),
    ("高新技术产业开发区", "High-tech Zone"), ("高新技术开发区", "High-tech Zone"),
    ("新兴技术开发区", "Hi-tech Park"), ("高科技园区", "Hi-tech Park"), ("经济开发区", "Economic Development Zone"),
    ("出口加工区", "Export Processing Zone"), ("现代产业园区", "Modern Industrial Park"),
    ("现代农业园区", "Modern Agricultural Park"), ("工业园区", "Industrial Park"), ("工业区", "Industrial Zone"),
    ("度假区", "Resort"), ("旅游区", "Tourist Area"), ("农场", "Farm"), ("林场", "Forest Farm"), ("新区", "New Area"),
    ("街道", "Subdistrict"), ("镇", "Town"), ("乡", "Township"), ("县", "County"), ("区", ""), ("市", ""), ("省", ""),
)  # fmt: skip
"""The generic part of a place's name, translated; the specific part is spelt (GB/T 28039; GB/T 30240.1 for streets)."""

SIDES = {"东": "East", "西": "West", "南": "South", "北": "North", "中": "Middle"}
NUMBERS = {"一": 1, "二": 2, "三": 3, "四": 4}

CITIES = (
    "上海", "徐州", "南通", "连云港", "淮安", "盐城", "扬州", "宿迁", "苏州", "安徽", "合肥", "芜湖", "蚌埠", "滁州",
    "阜阳", "宿州", "宣城", "安庆", "马鞍山", "松江",
)  # fmt: skip

NAMED = {
    "景宁畲族自治县": "Jingning She Autonomous County",
    "中国（上海）自由贸易试验区（保税片区）": "China (Shanghai) Pilot Free Trade Zone (Bonded Area)",
    "合肥新站高新技术产业开发区": "Hefei Xinzhan High-tech Zone",
    "中新苏滁高新技术产业开发区": "China-Singapore Suchu High-tech Zone",
    "上海湾区高新技术产业开发区": "Shanghai Bay Area High-tech Zone",
    "郊区": "Jiaoqu",
}


RUN = re.compile(r"[\u4e00-\u9fff]+|[a-z0-9]+")
"""Characters that are spelt together, or letters and digits, which are said one by one."""


def syllables(phrase: str) -> list[str]:
    """Return the syllables of a phrase without tones, ü as v; letters and digits one by one, punctuation left out."""
    return [sound for run in RUN.findall(phrase.lower()) for sound in (lazy_pinyin(run) if has_han(run) else list(run))]


def with_pinyin(matter: Matter) -> Matter:
    """Return the matter with the pinyin of its name and Chinese words."""
    return replace(matter, pinyin=" / ".join(" ".join(syllables(phrase)) for phrase in spoken(matter)))


def english_place(region: Region) -> str:
    """Return the English name of a place by rule: Jing'an, Feng County, East Nanjing Road Subdistrict."""
    name = region.name
    if name in NAMED:
        return NAMED[name]
    generic, english = next(((g, e) for g, e in GENERIC if name.endswith(g) and len(name) > len(g)), ("", ""))
    specific = name.removesuffix(generic)
    return f"{_street(specific) if generic == '街道' else _with_city(specific)} {english}".strip()


def _street(name: str) -> str:
    """Subdistricts are often called after a road or a housing estate."""
    if road := re.fullmatch(r"(.{2,}?)([东西南北中]?)路|(.+?)()路", name):
        called, side = road.group(1) or road.group(3), road.group(2)
        if called[-1] in NUMBERS:
            return f"{_joined(called[:-1])} No. {NUMBERS[called[-1]]} Road"
        return f"{SIDES[side]} {_joined(called)} Road" if side else f"{_joined(called)} Road"
    if len(name) > 2 and name.endswith("新村"):
        return f"{_joined(name[:-2])} New Village"
    return _joined(name)


def _with_city(name: str) -> str:
    """Development zones begin with their city, which is a word of its own."""
    city = re.match(rf"(?:{'|'.join(CITIES)})(?=市?..)", name)
    return f"{_joined(city.group())} {_with_city(name[city.end() :])}" if city else _joined(name.removesuffix("市"))


def _joined(name: str) -> str:
    """Write the syllables as one word, with the apostrophe before a, e, o that the rules of pinyin ask for."""
    spelt = [syllable.replace("v", "ü") for syllable in lazy_pinyin(name)]
    return "".join(f"'{s}" if n and s[0] in "aeo" else s for n, s in enumerate(spelt)).capitalize()
