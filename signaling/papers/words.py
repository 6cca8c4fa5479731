"""What stands in the notice of what is missing, in the resident's language."""

from collections.abc import Mapping
from typing import Final

Words = tuple[str, str]
"""Chinese and English."""

LABELS: Final[Mapping[str, Words]] = {
    "title": ("一次性告知单", "Notice of what is missing"),
    "matter": ("办理事项", "Matter"),
    "desk": ("办理窗口", "Desk"),
    "ticket": ("您的号", "Ticket"),
    "visit": ("办件编号", "Visit"),
    "when": ("告知时间", "Given at"),
    "officer": ("告知人", "Given by"),
    "lead": (
        "您办理的事项还缺下列材料。补齐后即可继续办理，除新出现的情况外，不再要求其他材料。",
        "The papers below are still needed for your matter. Once they are there it goes on; unless something new comes up,"
        " nothing else will be asked for.",
    ),
    "complete": ("材料已齐。还需要您注意下面的说明。", "All papers are there. Please note what is written below."),
    "paper": ("材料", "Paper"),
    "why": ("情况", "What is the matter"),
    "how": ("要求", "What it must be"),
    "note": ("说明", "Note"),
    "accepted": ("已认可，不用再交", "Accepted already: not needed again"),
    "bring": ("怎样补交", "How to hand it in"),
    "again": (
        "凭您的号在任一终端继续办理，或在终端上用手机扫码拍照上传。",
        "Go on at any kiosk with your ticket, or send pictures from your telephone by the kiosk's code.",
    ),
    "counter": ("也可到窗口：", "Or at the counter: "),
    "phone": ("咨询电话：", "Questions: "),
    "law": (
        "依据《中华人民共和国行政许可法》第三十二条第一款第四项一次告知。",
        "Told at once and in full, as article 32 (1) (4) of the Administrative Licence Law asks.",
    ),
}

MISSING: Final[Words] = ("还没有提交", "has not come")
RETURNED: Final[Words] = ("需重新提交", "to be handed in again")
KINDS: Final[Mapping[str, Words]] = {
    "original": ("原件", "the original"),
    "copy": ("复印件", "a copy"),
    "form": ("表格", "the form"),
}
LICENCE: Final[Words] = ("可用电子证照代替", "an electronic licence may stand for it")
