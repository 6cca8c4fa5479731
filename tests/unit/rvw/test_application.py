"""The application at the window, on paper: who applies, what is stated, what is signed."""

import msgspec
import pytest

from rvw.domain import application as a
from rvw.domain import commands as c
from rvw.domain import form, ink
from rvw.domain.catalogue import Field
from rvw.domain.companion import together
from rvw.domain.handover import dossier
from rvw.domain.people import SYSTEM
from rvw.errors import InvalidInput
from tests.fakes.counter import Counter, run
from tests.fakes.town import CARD_PACK, HOST_CHEN, HOST_ELSEWHERE, KIOSK_ONE, OFFICER_LI, OFFICER_ZHOU, answer

PROOF, OTHER, PDF, SIGNED, STATEMENT = (character * 64 for character in "abcde")
CARD = c.ShowIdentity("person", "card", "王示例", "310***********9026", PROOF, "", "", "")
LICENCE = c.ShowIdentity(
    "business", "code", "上海示例茶叶有限公司", "913***********000U", OTHER, "https://v.example", "", ""
)
STROKE = tuple((100 * at, 5000) for at in range(40))


@pytest.fixture
def counter() -> Counter:
    """Kiosk and Li are there."""
    made = Counter()
    for actor in (KIOSK_ONE, OFFICER_LI):
        made.perform(actor, c.SetPresence("ready"))
    return made


@pytest.fixture
def visit(counter: Counter) -> str:
    """Li and the resident talk."""
    visit = counter.perform(KIOSK_ONE, c.Open("card", "310113", answers=(answer(subject="sensitive"),)))
    counter.match()
    counter.perform(OFFICER_LI, c.Accept(), visit)
    return visit


def now(counter: Counter, visit: str) -> a.Application:
    """Return the application as it is."""
    return run(counter.ledger.beside(a.APPLICATION, visit))


def met(counter: Counter, visit: str) -> set[str]:
    """Return which demands of the rule pack are met."""
    return set(a.fulfilled(now(counter, visit), CARD_PACK))


def fills_all(counter: Counter, visit: str) -> None:
    """Resident and officer fill what must be filled."""
    counter.perform(KIOSK_ONE, c.FillField("phone", "13800000000"), visit)
    counter.perform(OFFICER_LI, c.FillField("delivery", "邮寄"), visit)


def confirms(counter: Counter, visit: str) -> None:
    """The resident confirms the form that is seen now."""
    counter.perform(KIOSK_ONE, c.ConfirmForm(now(counter, visit).version, PDF, 1000, "社保卡"), visit)


def sign(signer: str = "resident", on: str = "touch", document: str = PDF, link: str = "") -> c.Sign:
    """A signature that the shell has sealed."""
    return msgspec.convert(
        {
            "type": "sign",
            "document": document,
            "signer": signer,
            "signed_on": on,
            "name": "王示例",
            "signed": SIGNED,
            "bytes": 2000,
            "statement": STATEMENT,
            "statement_bytes": 900,
            "link": link,
        },
        c.Sign,
    )


def test_from_the_card_to_the_signatures(counter: Counter, visit: str) -> None:
    """Card, verdict, confirmation, form from both sides, both signatures: all that the rule pack demands."""
    counter.perform(OFFICER_LI, c.AskIdentity(), visit)
    assert now(counter, visit).asked == "person"
    counter.perform(KIOSK_ONE, CARD, visit)
    counter.perform(OFFICER_LI, c.AskForVerdict("challenge"), visit)
    counter.perform(KIOSK_ONE, c.TakeVerdict("challenge", "https://v.example", same=True), visit)
    assert met(counter, visit) == set()
    counter.perform(OFFICER_LI, c.ConfirmIdentity(), visit)
    assert met(counter, visit) == {"identity"}
    fills_all(counter, visit)
    confirms(counter, visit)
    for actor, signer in ((KIOSK_ONE, "resident"), (OFFICER_LI, "officer")):
        assert "signature" not in met(counter, visit)
        counter.perform(
            OFFICER_LI, msgspec.convert({"type": "ask_signature", "document": PDF, "signer": signer}, c.AskSignature), visit
        )
        counter.perform(actor, sign(signer), visit)
    assert met(counter, visit) == {"identity", "form", "signature"}
    counter.perform(OFFICER_LI, c.Close("accepted"), visit)
    assert counter.refusal(KIOSK_ONE, c.FillField("phone", "13900000000"), visit) == "not_possible"
    content = dossier(
        counter.visit(visit),
        together(*(counter.ledger.streams[f"{kind}:{visit}"] for kind in ("visit", "application"))),
        b"seed" * 8,
    )
    assert {"identity_shown", "form_confirmed", "document_signed"} <= {
        str(msgspec.to_builtins(link.event)["type"]) for link in content.events
    }


def test_who_may_do_what(counter: Counter, visit: str) -> None:
    """The officer of the visit decides, those who take part write, the resident confirms, nobody signs for another."""
    counter.perform(OFFICER_ZHOU, c.SetPresence("ready"))
    for actor in (KIOSK_ONE, HOST_CHEN, OFFICER_ZHOU):
        assert counter.refusal(actor, c.ConfirmIdentity(), visit) == "not_allowed"
    for actor in (HOST_CHEN, HOST_ELSEWHERE):
        assert counter.refusal(actor, c.FillField("phone", "13800000000"), visit) == "not_allowed"
    counter.perform(HOST_CHEN, c.Enter(), visit)
    counter.perform(HOST_CHEN, c.FillField("phone", "13800000000"), visit)
    typed = msgspec.structs.replace(CARD, shown_by="typed")
    assert counter.refusal(KIOSK_ONE, typed, visit) == "not_allowed"
    fills_all(counter, visit)
    confirm = c.ConfirmForm(now(counter, visit).version, PDF, 1000, "社保卡")
    assert counter.refusal(OFFICER_LI, confirm, visit) == "not_allowed"
    confirms(counter, visit)
    assert counter.refusal(KIOSK_ONE, sign(), visit) == "not_possible"
    counter.perform(OFFICER_LI, c.AskSignature(PDF), visit)
    assert counter.refusal(OFFICER_LI, sign(), visit) == "not_allowed"
    assert counter.refusal(KIOSK_ONE, sign("officer"), visit) == "not_possible"
    assert counter.refusal(KIOSK_ONE, sign(document=OTHER), visit) == "not_possible"


def test_without_consent_no_number_and_no_signature(counter: Counter, visit: str) -> None:
    """The resident takes the consent back in the middle: no card is taken, nothing signed; the officer may still look."""
    counter.perform(KIOSK_ONE, c.AnswerConsent(answer(given=False, subject="sensitive")), visit)
    assert counter.refusal(KIOSK_ONE, CARD, visit) == "consent_needed"
    counter.perform(OFFICER_LI, c.ConfirmIdentity(), visit)
    fills_all(counter, visit)
    confirms(counter, visit)
    counter.perform(OFFICER_LI, c.AskSignature(PDF), visit)
    assert counter.refusal(KIOSK_ONE, sign(), visit) == "consent_needed"
    counter.perform(KIOSK_ONE, c.AnswerConsent(answer(subject="sensitive")), visit)
    counter.perform(KIOSK_ONE, sign(), visit)


def test_what_was_typed_is_seen_but_not_verified(counter: Counter, visit: str) -> None:
    """A document that the officer only saw reaches `shown`, and this matter asks for more."""
    counter.perform(OFFICER_LI, c.ConfirmIdentity(), visit)
    assert a.level(now(counter, visit)) == "shown"
    counter.perform(OFFICER_LI, msgspec.structs.replace(CARD, shown_by="typed"), visit)
    assert a.level(now(counter, visit)) == "none"
    counter.perform(OFFICER_LI, c.ConfirmIdentity(), visit)
    assert a.level(now(counter, visit)) == "shown"
    assert "identity" not in met(counter, visit)


def test_another_card_asks_for_another_look(counter: Counter, visit: str) -> None:
    """What was decided of one document is not decided of the next; a refusal has its reason."""
    counter.perform(KIOSK_ONE, CARD, visit)
    counter.perform(OFFICER_LI, c.RefuseIdentity("照片与本人不符"), visit)
    assert [one.note for one in now(counter, visit).decisions] == ["照片与本人不符"]
    counter.perform(KIOSK_ONE, CARD, visit)
    assert now(counter, visit).decisions == ()
    counter.perform(OFFICER_LI, c.ConfirmIdentity(), visit)
    assert a.level(now(counter, visit)) == "verified"


def test_a_verifier_that_says_no_stands_against_a_confirmation(counter: Counter, visit: str) -> None:
    """Asked and silent, or asked and denied: the officer cannot pass over it. An old answer answers nothing."""
    assert counter.refusal(OFFICER_LI, c.AskForVerdict("one"), visit) == "not_possible"
    counter.perform(KIOSK_ONE, CARD, visit)
    counter.perform(OFFICER_LI, c.AskForVerdict("one"), visit)
    assert counter.refusal(OFFICER_LI, c.ConfirmIdentity(), visit) == "not_possible"
    assert counter.refusal(KIOSK_ONE, c.TakeVerdict("zero", "v", same=True), visit) == "not_possible"
    counter.perform(KIOSK_ONE, c.TakeVerdict("one", "v", same=False), visit)
    assert counter.refusal(KIOSK_ONE, c.TakeVerdict("one", "v", same=True), visit) == "not_possible"
    assert counter.refusal(OFFICER_LI, c.ConfirmIdentity(), visit) == "not_possible"
    counter.perform(OFFICER_LI, c.AskForVerdict("two"), visit)
    counter.perform(KIOSK_ONE, c.TakeVerdict("two", "v", same=True), visit)
    counter.perform(OFFICER_LI, c.ConfirmIdentity(), visit)


def test_a_business_comes_with_its_licence(counter: Counter, visit: str) -> None:
    """A licence is confirmed beside the person who brings it, and not without having been shown."""
    assert counter.refusal(OFFICER_LI, c.ConfirmIdentity("business"), visit) == "not_possible"
    counter.perform(KIOSK_ONE, CARD, visit)
    counter.perform(KIOSK_ONE, LICENCE, visit)
    counter.perform(OFFICER_LI, c.ConfirmIdentity("business"), visit)
    assert {one.subject for one in now(counter, visit).shown} == {"person", "business"}
    assert a.level(now(counter, visit)) == "verified"


def test_a_number_is_told_by_its_proof_and_the_telling_is_recorded(counter: Counter, visit: str) -> None:
    """Only a number of this application, only to the officer."""
    counter.perform(KIOSK_ONE, CARD, visit)
    assert counter.refusal(OFFICER_LI, c.RevealNumber(OTHER), visit) == "not_found"
    assert counter.refusal(KIOSK_ONE, c.RevealNumber(PROOF), visit) == "not_allowed"
    counter.perform(OFFICER_LI, c.RevealNumber(PROOF), visit)
    assert type(counter.ledger.streams[f"application:{visit}"][-1].event).__name__ == "NumberRevealed"


def test_the_last_writer_wins_and_is_named(counter: Counter, visit: str) -> None:
    """Resident, then officer; the same value again is nothing; empty clears; a repeated command is done once."""
    counter.perform(KIOSK_ONE, c.FillField("phone", "13800000000"), visit, "ref-1")
    counter.perform(KIOSK_ONE, c.FillField("phone", "13900000000"), visit, "ref-1")
    assert [(one.value, one.name) for one in now(counter, visit).fields] == [("13800000000", "一号终端")]
    counter.perform(OFFICER_LI, c.FillField("phone", "13800000000"), visit)
    assert now(counter, visit).version == 1
    counter.perform(OFFICER_LI, c.FillField("phone", "021-58880000"), visit)
    assert [(one.value, one.name) for one in now(counter, visit).fields] == [("021-58880000", "李示例")]
    counter.perform(OFFICER_LI, c.FillField("phone", ""), visit)
    assert [one.value for one in now(counter, visit).fields] == [""]


def test_a_changed_form_is_not_confirmed_any_more(counter: Counter, visit: str) -> None:
    """Confirmed as seen; a change between seeing and confirming is refused; a change after it takes signing back too."""
    assert counter.refusal(KIOSK_ONE, c.ConfirmForm(0, PDF, 1, "社保卡"), visit) == "not_possible"
    fills_all(counter, visit)
    seen = now(counter, visit).version
    counter.perform(OFFICER_LI, c.FillField("delivery", "到窗口领取"), visit)
    assert counter.refusal(KIOSK_ONE, c.ConfirmForm(seen, PDF, 1, "社保卡"), visit) == "not_possible"
    confirms(counter, visit)
    counter.perform(OFFICER_LI, c.AskSignature(PDF), visit)
    counter.perform(KIOSK_ONE, c.FillField("phone", "13900000000"), visit)
    after = now(counter, visit)
    assert (after.form, after.signing) == (None, None)
    assert counter.refusal(KIOSK_ONE, sign(), visit) == "not_possible"


def test_a_signature_by_telephone_takes_the_link_that_is_open(counter: Counter, visit: str) -> None:
    """Another link, one that is over, one used twice: refused; the right one signs."""
    fills_all(counter, visit)
    confirms(counter, visit)
    assert counter.refusal(KIOSK_ONE, c.MakeSigningLink("hash", 1e12), visit) == "not_possible"
    counter.perform(OFFICER_LI, c.AskSignature(PDF), visit)
    counter.perform(KIOSK_ONE, c.MakeSigningLink("old", counter.clock() + 10), visit)
    counter.perform(KIOSK_ONE, c.MakeSigningLink("hash", counter.clock() + 10), visit)
    for link in ("", "old"):
        assert counter.refusal(SYSTEM, sign(on="phone", link=link), visit) == "not_found"
    counter.clock.pass_(11)
    assert counter.refusal(SYSTEM, sign(on="phone", link="hash"), visit) == "not_found"
    counter.perform(KIOSK_ONE, c.MakeSigningLink("hash", counter.clock() + 10), visit)
    counter.perform(SYSTEM, sign(on="phone", link="hash"), visit)
    assert counter.refusal(SYSTEM, sign(on="phone", link="hash"), visit) == "not_possible"
    assert [one.signed_on for one in now(counter, visit).signed] == ["phone"]


@pytest.mark.parametrize(
    ("kind", "written", "kept"),
    [
        ("text", "  上海   示例 ", "上海 示例"),
        ("number", "1,200", "1200"),
        ("money", "12.5", "12.50"),
        ("date", "2026-02-28", "2026-02-28"),
        ("phone", "13800000000", "13800000000"),
        ("identity-number", "310115195203079026", "310115195203079026"),
        ("document-number", " e1234 5678", "E12345678"),
        ("choice", "邮寄", "邮寄"),
        ("yes-no", "yes", "yes"),
        ("address", "", ""),
    ],
)
def test_a_value_is_kept_in_one_spelling(kind: str, written: str, kept: str) -> None:
    """Two people who mean the same have written the same."""
    assert form.normal(field(kind), written) == kept


@pytest.mark.parametrize(
    ("kind", "written"),
    [
        ("text", "长" * 201),
        ("number", "1.5"),
        ("number", "-1"),
        ("number", "NaN"),
        ("number", "1e400000"),
        ("money", "0.001"),
        ("date", "2026-02-30"),
        ("phone", "12345"),
        ("identity-number", "310115195203079027"),
        ("document-number", "E12"),
        ("document-number", "护照一二三四五"),
        ("choice", "寄到月球"),
        ("yes-no", "maybe"),
    ],
)
def test_what_cannot_be_meant_is_refused_and_not_repeated(kind: str, written: str) -> None:
    """The refusal is for logs too, so the value is not in it."""
    with pytest.raises(InvalidInput) as refused:
        form.normal(field(kind), written)
    assert written not in str(refused.value)


def field(kind: str) -> Field:
    """Return a field of a kind."""
    choices = {"choices": ["到窗口领取", "邮寄"], "choices_en": ["Counter", "Post"]} if kind == "choice" else {}
    return msgspec.convert({"id": "one", "name": "一", "name_en": "One", "kind": kind, **choices}, Field)


def test_ink_is_drawn_from_numbers_alone() -> None:
    """The same strokes, the same picture; a touch by mistake and a page full of points are no signature."""
    ink.check([STROKE])
    assert ink.svg([STROKE]) == ink.svg([STROKE])
    assert ink.svg([STROKE, ((5, 5),)]).count(b"<path") == 2
    for wrong in ([((1, 1),)], [STROKE] * 101):
        with pytest.raises(InvalidInput):
            ink.check(wrong)
    assert ink.svg([STROKE]) != ink.svg([STROKE[:-1]])


def test_without_a_form_there_is_nothing_to_sign() -> None:
    """A pack that wants a signature and has no fields must not make its matters impossible to accept."""
    nothing = a.APPLICATION.empty("v1")
    bare = msgspec.structs.replace(CARD_PACK, fields=(), signature="both")
    assert {"form", "signature"} <= a.fulfilled(nothing, bare)
    assert "signature" not in a.fulfilled(nothing, msgspec.structs.replace(CARD_PACK, signature="both"))
