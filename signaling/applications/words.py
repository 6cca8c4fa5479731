"""What stands in the form and on the sheet of a signature, in the resident's language."""

from collections.abc import Mapping
from typing import Final

Words = tuple[str, str]
"""Chinese and English."""

LABELS: Final[Mapping[str, Words]] = {
    "applicant": ("申请人", "Applicant"),
    "name": ("姓名或名称", "Name"),
    "number": ("证件号码", "Number"),
    "assured": ("身份核验", "Identity"),
    "stated": ("申请内容", "What is applied for"),
    "promise": ("本人确认以上内容真实、完整。", "I confirm that the above is true and complete."),
    "sheet": ("签署页", "Signature"),
    "signature": ("签名笔迹", "As written"),
    "signer": ("签署人", "Signed by"),
    "document": ("所签文件", "Document"),
    "hash": ("文件 SHA-256", "SHA-256 of it"),
    "at": ("签署时间", "Signed at"),
    "on": ("签署方式", "Written on"),
    "visit": ("办件编号", "Visit"),
    "bound": (
        "本页笔迹与上列文件、时间、办件和签署人由服务端签章绑定；所签文件原件附于本 PDF 内。可用 rvw verify 核验。",
        "The server's seal binds this writing to the document, time, visit and person above. The document as it was signed"
        " is inside this PDF. Check it with rvw verify.",
    ),
    "form": ("申请表", "Application form"),
    "consent": ("个人信息处理告知与同意书", "What I was told, and my consent"),
    "told": ("告知内容", "What I was told"),
    "answered": ("本人答复", "What I answered"),
    "version": ("告知文本 SHA-256", "SHA-256 of the text"),
    "consent_promise": (
        "以上告知内容本人已看过或听过，答复是本人作出的，可以随时撤回。",
        "I have read or heard the above. The answers are mine, and I may take them back at any time.",
    ),
    "nobody": ("未出示证件", "No document shown"),
}

SIGNED_ON: Final[Mapping[str, Words]] = {
    "touch": ("触摸屏", "a touch screen"),
    "pad": ("手写板", "a signature pad"),
    "phone": ("本人手机", "the own telephone"),
}
SHOWN_BY: Final[Mapping[str, Words]] = {
    "card": ("读取证件芯片", "read from the card"),
    "code": ("扫描电子码", "code of the issuer"),
    "typed": ("人工录入", "typed by a clerk"),
}
SUBJECTS: Final[Mapping[str, Words]] = {
    "recording": ("录音录像", "Recording of sound and picture"),
    "sensitive": ("使用敏感个人信息", "Use of sensitive data"),
}
ANSWERS: Final[Mapping[str, Words]] = {
    "given": ("同意", "yes"),
    "refused": ("不同意", "no"),
    "withdrawn": ("已撤回同意", "taken back"),
}
CONFIRMED: Final[Words] = ("工作人员已当面核对", "compared by the officer")
YES_NO: Final[Mapping[str, Words]] = {"yes": ("是", "Yes"), "no": ("否", "No")}
RESIDENT: Final[Words] = ("群众", "The resident")


def in_language(words: Words, language: str) -> str:
    """Return the words a reader of this language understands."""
    return words[1] if language == "en" else words[0]
