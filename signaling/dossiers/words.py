"""What the evidence calls things, in the resident's language: events, outcomes, roles."""

from collections.abc import Mapping
from typing import Final

Words = tuple[str, str]
"""Chinese and English."""

EVENTS: Final[Mapping[str, Words]] = {
    "opened": ("取号", "Ticket taken"),
    "offered": ("呼叫工作人员", "Offered to an officer"),
    "turned_down": ("未接听，继续等候", "Not answered, waits on"),
    "accepted": ("工作人员接听", "Answered by an officer"),
    "entered": ("加入", "Came in"),
    "departed": ("离开", "Left"),
    "said": ("文字", "Wrote"),
    "marks_allowed": ("改变群众标注的许可", "Changed whether the resident may draw"),
    "drawn": ("标注", "Drew"),
    "erased": ("擦除自己的标注", "Erased an own mark"),
    "redrawn": ("恢复自己的标注", "Brought an own mark back"),
    "cleared": ("清除全部标注", "Cleared all marks"),
    "page_added": ("提交材料一页", "Handed in a page"),
    "page_replaced": ("重拍一页", "Took a page again"),
    "page_removed": ("撤下一页", "Took a page out"),
    "page_named": ("整理材料", "Named a page"),
    "page_shown": ("共同查看材料", "Showed a page to all"),
    "page_hidden": ("结束共同查看", "Ended showing a page"),
    "paper_asked": ("请群众出示材料", "Asked for a paper"),
    "paper_accepted": ("材料合格", "Accepted a paper"),
    "paper_returned": ("材料退回", "Sent a paper back"),
    "paper_referred": ("引用电子证照", "Referred to an electronic licence"),
    "phone_invited": ("生成手机上传链接", "Made a link for a telephone"),
    "phone_came": ("手机已连接", "A telephone came"),
    "phone_dismissed": ("停用手机上传", "Ended a telephone's link"),
    "notice_given": ("出具一次性告知单", "Gave a notice of what is missing"),
    "recording_started": ("开始录制", "Recording began"),
    "recording_stalled": ("录制中断", "Recording interrupted"),
    "recording_resumed": ("录制恢复", "Recording went on"),
    "recording_stopped": ("停止录制", "Recording ended"),
    "identity_asked": ("请出示证件", "Asked for a document"),
    "identity_shown": ("已出示证件", "Showed a document"),
    "verdict_asked": ("请求第三方核验", "Asked an outside verifier"),
    "verdict_came": ("第三方核验结果", "The verifier answered"),
    "identity_confirmed": ("确认身份", "Confirmed who it is"),
    "identity_refused": ("身份核对未通过", "Did not confirm who it is"),
    "number_revealed": ("查看完整证件号码", "Looked at a whole number"),
    "field_filled": ("填写表单", "Filled a field"),
    "form_confirmed": ("确认表单", "Confirmed the form"),
    "consent_documented": ("生成同意书", "Made a document of the consent"),
    "signature_asked": ("请求签名", "Asked for a signature"),
    "signature_cancelled": ("取消签名", "Signature called off"),
    "signing_link_made": ("生成手机签名链接", "Made a link for signing by telephone"),
    "document_signed": ("签名", "Signed"),
    "held": ("暂停通话", "On hold"),
    "resumed": ("恢复通话", "Off hold"),
    "interrupted": ("连接中断", "Connection lost"),
    "restored": ("连接恢复", "Connection back"),
    "requeued": ("重新排队", "Back in the queue"),
    "transferred": ("转至其他窗口", "Sent on to another desk"),
    "invited": ("邀请加入", "Asked in"),
    "uninvited": ("未应邀", "Did not come in"),
    "taken_over": ("移交其他工作人员", "Handed to another officer"),
    "step_reached": ("扩大接听窗口范围", "More desks may answer"),
    "moved_kiosk": ("换到另一台终端继续", "Went on at another kiosk"),
    "prioritised": ("优先办理", "Put ahead, with the reason"),
    "consent_answered": ("答复录制与敏感信息告知", "Answered about recording or sensitive data"),
    "share_started": ("开始共享画面", "Began to share a picture"),
    "share_stopped": ("停止共享画面", "Stopped sharing"),
    "unresolved_noted": ("登记“办不成事”", "Noted as could not be done"),
    "ended": ("通话结束", "Talk ended"),
    "closed": ("办结登记", "Closed"),
    "handed_over": ("已移交业务系统", "Handed over"),
    "corrected": ("更正", "Corrected"),
    "composed": ("合成录像归档", "A film was made of the recording"),
    "redacted": ("依法删除部分内容", "Content removed by law"),
}

OUTCOMES: Final[Mapping[str, Words]] = {
    "accepted": ("已受理", "accepted"),
    "guided": ("已指导", "guided"),
    "returned": ("退回补正", "returned, with what is missing"),
    "transferred": ("已转办", "transferred"),
    "unresolved": ("未能办成（已登记“办不成事”）", "could not be done, and is noted as such"),
    "left": ("群众离开", "the resident left"),
}

ROLES: Final[Mapping[str, Words]] = {
    "kiosk": ("办事群众（终端）", "Resident (kiosk)"),
    "host": ("大厅帮办", "Hall clerk"),
    "officer": ("工作人员", "Officer"),
    "guest": ("受邀人员", "Guest"),
    "supervisor": ("督导人员", "Supervisor"),
    "system": ("系统", "System"),
}

CONSENT_SUBJECTS: Final[Mapping[str, Words]] = {
    "recording": ("录音录像", "recording"),
    "sensitive": ("使用敏感信息", "use of sensitive data"),
}

CONSENT_ANSWERS: Final[Mapping[str, Words]] = {
    "given": ("同意", "agreed"),
    "refused": ("不同意", "did not agree"),
    "withdrawn": ("撤回同意", "took the consent back"),
}

CONSENT_BASES: Final[Mapping[str, Words]] = {
    "consent": ("", ""),
    "employment": ("岗位规定", "as the post demands"),
}

STANDS: Final[Mapping[str, Words]] = {
    "missing": ("缺少", "missing"),
    "there": ("已提交", "handed in"),
    "referred": ("用电子证照代替", "an electronic licence instead"),
    "accepted": ("已核对", "accepted"),
    "returned": ("需重新提交", "to be handed in again"),
    "here": ("在窗口填写", "filled in at the window"),
}

LEAFLET: Final[Mapping[str, Words]] = {
    "product": ("远程虚拟窗口", "Remote Virtual Window"),
    "title": ("办事小结", "Your visit in short"),
    "not_yet": ("正在登记结果", "The outcome is being written down"),
    "next_step": ("接下来请您", "What comes next"),
    "ticket": ("您的号", "Ticket"),
    "matter": ("办理事项", "Matter"),
    "desk": ("受理窗口", "Desk"),
    "when": ("办理时间", "When"),
    "receipt": ("受理编号", "Receipt"),
    "materials": ("材料", "Papers"),
    "unresolved": ("没办成的事，我们在跟进", "What could not be done, and is followed up"),
    "until": ("最晚答复", "Answer at the latest by"),
    "promised": ("您的事，我们记着", "We have it on our list"),
    "appointment": ("预约：{at}，凭号到任何一台窗口机，优先接待", "Appointment: {at}, at any kiosk: you go first"),
    "call_back": ("给您回电话 {contact}，最晚 {until}", "We ring {contact}, {until} at the latest"),
    "message": ("您的留言，最晚 {until} 答复", "Your message, answered by {until} at the latest"),
    "over": ("已结束", "over"),
}

LABELS: Final[Mapping[str, Words]] = {
    "title": ("远程虚拟窗口办理记录", "Record of a visit at the remote virtual window"),
    "summary": ("办理摘要", "Summary"),
    "visit": ("记录编号", "Visit"),
    "ticket": ("取号号码", "Ticket"),
    "case": ("业务编号", "Case"),
    "matter": ("办理事项", "Matter"),
    "region": ("所属区划", "Region"),
    "authority": ("办理机构", "Authority"),
    "opened": ("取号时间", "Ticket taken at"),
    "answered": ("接听时间", "Answered at"),
    "closed": ("办结时间", "Closed at"),
    "outcome": ("办理结果", "Outcome"),
    "note": ("说明", "Note"),
    "next_step": ("下一步", "Next step"),
    "number": ("版本", "Version"),
    "parties": ("参与人员", "Who took part"),
    "from": ("进入", "From"),
    "until": ("离开", "Until"),
    "events": ("办理经过", "What happened"),
    "files": ("附件", "Files"),
    "sent": ("清理前", "before cleaning"),
    "nothing": ("无", "None"),
    "removed": ("依法删除", "Removed by law"),
    "proof": ("如何核验", "How to check this"),
    "proof_text": (
        "本文件内嵌封签后的完整记录 dossier.json。使用 rvw verify 命令和签发机关公布的公钥，无需联网即可核验，"
        "任何一处改动都会被指出。",
        "The whole sealed record, dossier.json, is inside this file. With the command rvw verify and the published public "
        "key of the issuer it can be checked without a network: any change is found and named.",
    ),
    "head": ("事件链末端", "Head of the chain"),
    "key": ("封签密钥", "Key of the seal"),
    "sealed": ("封签时间", "Sealed at"),
    "nobody": ("无人接听", "nobody answered"),
}


def word(table: Mapping[str, Words], key: str, language: str) -> str:
    """Return what a thing is called; the key itself if it has no words yet."""
    chinese, english = table.get(key, (key, key))
    return english if language == "en" else chinese
