"""A small town to test in: two desks and their city, kiosks, officers, a host. Everybody is made up."""

from rvw.domain import commands as c
from rvw.domain import events as e
from rvw.domain.catalogue import Catalogue, Desk, Field, Material, Matter, Region, RulePack
from rvw.domain.catalogue.consent import ConsentText, Told, digest
from rvw.domain.people import Actor, Role

REGIONS = (
    Region("310000", "上海市", "municipality"),
    Region("310113", "宝山区", "district", "310000"),
    Region("310115", "浦东新区", "district", "310000"),
    Region("330400", "嘉兴市", "prefecture"),
)
CARD_PACK = RulePack(
    "card-pack",
    "社保卡",
    "Cards",
    materials=(
        Material("identity-card", "居民身份证", "Identity card", "original", licence="identity-card"),
        Material("lease", "租房合同", "Lease", "copy", required=False, when="租房时", when_en="for tenants"),
        Material("photo", "证件照", "Photograph", "original", required=False, when="没有照片时", when_en="without one"),
    ),
    fields=(
        Field("phone", "手机号码", "Mobile number", "phone"),
        Field("delivery", "领卡方式", "How", "choice", choices=("到窗口领取", "邮寄"), choices_en=("Counter", "Post")),
        Field("guardian", "监护人证件号码", "Guardian's number", "identity-number", required=False),
        Field("passport", "护照号码", "Passport number", "document-number", required=False),
    ),
    identity="verified",
    signature="both",
)
CARD = Matter("card", "社保卡", "Card", "社保", "Social", "person", 10, rules=CARD_PACK.id)
SHOP = Matter("shop", "开店", "Shop", "市场", "Market", "business", 20)
BY_RULE = Matter("by-rule", "过户", "Deed", "不动产", "Property", "person", 20, rules="by-rule")
HIDDEN = Matter("hidden", "巡检", "Probe", "系统", "System", "both", 1, listed=False)
POINTS = (Told("谁", "本机构。", "Who", "This office."),)
RESIDENTS = ConsentText(
    version="resident-2026-11",
    reader="resident",
    points=POINTS,
    recording="录吗？",
    recording_en="Record?",
    sensitive="用吗？",
    sensitive_en="Use?",
)
JOINING = ConsentText(
    version="joining-2026-11", reader="joining", points=POINTS, recording="录吗？", recording_en="Record?"
)
STAFF = ConsentText(version="staff-2026-11", reader="staff", points=POINTS, recording="录。", recording_en="Recorded.")
DESKS = (
    Desk("baoshan", "baoshan", "310113", "宝山", "Baoshan", patience_s=45.0),
    Desk("pudong", "pudong", "310115", "浦东", "Pudong", ("card",), patience_s=45.0),
    Desk("city", "shanghai", "310000", "市级", "City", patience_s=45.0),
)
TOWN = Catalogue(
    regions={r.code: r for r in REGIONS},
    matters={m.code: m for m in (CARD, SHOP, BY_RULE, HIDDEN)},
    desks={d.id: d for d in DESKS},
    rules={
        "by-rule": RulePack("by-rule", "须录制", "Recorded by rule", recording="required"),
        CARD_PACK.id: CARD_PACK,
    },
    texts=(RESIDENTS, JOINING, STAFF),
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


def answer(given: bool = True, subject: e.ConsentSubject = "recording", text: ConsentText = RESIDENTS) -> c.Answer:
    """Return what somebody says who has read the words in Chinese."""
    return c.Answer(subject, given, digest(text, "zh"))
