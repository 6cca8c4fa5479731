"""A small town to test in: two desks and their city, kiosks, officers, a host. Everybody is made up."""

from rvw.domain.catalogue import Catalogue, Desk, Matter, Region
from rvw.domain.people import Actor, Role

REGIONS = (
    Region("310000", "上海市", "municipality"),
    Region("310113", "宝山区", "district", "310000"),
    Region("310115", "浦东新区", "district", "310000"),
    Region("330400", "嘉兴市", "prefecture"),
)
CARD = Matter("card", "社保卡", "Card", "社保", "Social", "person", 10)
SHOP = Matter("shop", "开店", "Shop", "市场", "Market", "business", 20)
HIDDEN = Matter("hidden", "巡检", "Probe", "系统", "System", "both", 1, listed=False)
DESKS = (
    Desk("baoshan", "baoshan", "310113", "宝山", "Baoshan", patience_s=45.0),
    Desk("pudong", "pudong", "310115", "浦东", "Pudong", ("card",), patience_s=45.0),
    Desk("city", "shanghai", "310000", "市级", "City", patience_s=45.0),
)
TOWN = Catalogue(
    regions={r.code: r for r in REGIONS},
    matters={m.code: m for m in (CARD, SHOP, HIDDEN)},
    desks={d.id: d for d in DESKS},
)

KIOSK_ONE = Actor("kiosk-1", Role.KIOSK, "一号终端", "baoshan", hall="hall-1")
KIOSK_TWO = Actor("kiosk-2", Role.KIOSK, "二号终端", "baoshan", hall="hall-1")
OFFICER_LI = Actor("li", Role.OFFICER, "李示例", "baoshan", desks=("baoshan",))
OFFICER_ZHOU = Actor("zhou", Role.OFFICER, "周示例", "baoshan", desks=("baoshan",))
OFFICER_CITY = Actor("zheng", Role.OFFICER, "郑示例", "shanghai", desks=("city", "baoshan"))
HOST_CHEN = Actor("chen", Role.HOST, "陈帮办", "baoshan", hall="hall-1")
HOST_ELSEWHERE = Actor("qian", Role.HOST, "钱帮办", "jiaxing", hall="hall-2")
LEAD_FENG = Actor("feng", Role.SUPERVISOR, "冯督导", "baoshan")

KIOSKS = (KIOSK_ONE, KIOSK_TWO)
OFFICERS = (OFFICER_LI, OFFICER_ZHOU, OFFICER_CITY)
EVERYBODY = (*KIOSKS, *OFFICERS, HOST_CHEN, HOST_ELSEWHERE, LEAD_FENG)
