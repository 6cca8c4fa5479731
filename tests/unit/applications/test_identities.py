"""Who applies: cards, codes, verdicts; what is kept of a number, and who is told it."""

from base64 import b64encode
from pathlib import Path

import msgspec
import pytest

from rvw.cli.devices.issuer import Issuer
from rvw.domain import application as d
from rvw.domain import commands as c
from rvw.domain.people import Actor
from rvw.errors import ConsentNeeded, InvalidInput, NotAllowed, NotFound, RvwError, Unavailable
from rvw.protocol import applications as a
from rvw.protocol.codec import encode
from signaling.applications.files import application_files
from signaling.applications.verifier import open_verifier
from tests.fakes.town import HOST_CHEN, KIOSK_ONE, OFFICER_LI, OFFICER_ZHOU, answer
from tests.fakes.window import LI, TEA, WANG, Window

PHOTO = b"\xff\xd8\xff a made-up face"
CARD = a.DocumentShown(
    subject="person", shown_by="card", name=WANG.name, number=WANG.number, photo=b64encode(PHOTO).decode()
)


async def shows(window: Window, **changes: str) -> a.Masked:
    """A card is put on the reader."""
    return await window.identities.show(KIOSK_ONE, window.visit, _card(**changes))


async def test_a_number_is_masked_for_all_and_told_to_the_officer(window: Window) -> None:
    """The number is in no event; the officer asks for it, which is an event; nobody else is told, nor sees the face."""
    assert (await shows(window)).masked == "310***********9026"
    shown = (await window.now()).shown[0]
    assert WANG.number not in encode(window.counter.ledger.streams[f"application:{window.visit}"]).decode()
    told = await window.identities.tell(OFFICER_LI, window.visit, shown.proof)
    assert told.number == WANG.number
    assert type(window.counter.ledger.streams[f"application:{window.visit}"][-1].event).__name__ == "NumberRevealed"
    photo = await window.identities.photo(OFFICER_LI, window.visit, shown.photo)
    assert photo.photo == f"data:image/jpeg;base64,{b64encode(PHOTO).decode()}"
    for actor in (KIOSK_ONE, HOST_CHEN, OFFICER_ZHOU):
        with pytest.raises((NotAllowed, NotFound)):
            await window.identities.tell(actor, window.visit, shown.proof)
        with pytest.raises((NotAllowed, NotFound)):
            await window.identities.photo(actor, window.visit, shown.photo)
    files = await application_files(window.counter.ledger, window.kept)(window.counter.visit(window.visit))  # type: ignore[arg-type]
    assert files is not None
    assert [(file.what, file.sha256) for file in files] == [("identity", shown.proof)]


async def test_nothing_on_the_disk_shows_a_number(window: Window) -> None:
    """Every byte of the data folder, and the proof tried with the number itself."""
    await shows(window)
    found = [path for path in window.folder.rglob("*") if path.is_file()]
    assert len(found) > 2
    assert [path for path in found if WANG.number.encode() in path.read_bytes()] == []


@pytest.mark.parametrize(
    "changes",
    [
        {"number": "310115195203079027"},
        {"number": "12345"},
        {"valid_until": "2019-01-01"},
        {"valid_until": "2026-13-01"},
        {"photo": b64encode(b"<svg onload=alert(1)>").decode()},
        {"photo": "no base64"},
    ],
)
async def test_what_cannot_be_a_document_is_refused_and_not_kept(window: Window, changes: dict[str, str]) -> None:
    """A wrong check character, a document that is over, a picture that is none: nothing is stored, nothing repeated."""
    with pytest.raises(InvalidInput) as refused:
        await shows(window, **changes)
    assert WANG.number[:17] not in str(refused.value)
    assert (await window.now()).version == 0
    assert not list((window.folder / "blobs").rglob("*/*"))


async def test_nothing_is_kept_of_who_has_not_agreed(window: Window) -> None:
    """The consent is taken back: neither the card's number nor its photograph is stored, nor a code's number."""
    window.does(KIOSK_ONE, c.AnswerConsent(answer(given=False, subject="sensitive")))
    with pytest.raises(ConsentNeeded):
        await shows(window)
    with pytest.raises(ConsentNeeded):
        await window.identities.show_code(KIOSK_ONE, window.visit, a.CodeShown(window.issuer.code(LI)))
    assert not list((window.folder / "blobs").rglob("*/*"))


async def test_who_may_not_show_a_document_makes_nothing_kept(window: Window) -> None:
    """Somebody who does not take part, and a kiosk that only types: refused before a number is stored."""
    for actor, by in ((HOST_CHEN, "card"), (OFFICER_ZHOU, "card")):
        with pytest.raises(RvwError):
            await window.identities.show(actor, window.visit, _card(shown_by=by))
    assert not list((window.folder / "blobs").rglob("*/*"))
    with pytest.raises(NotAllowed):
        await shows(window, shown_by="typed")


def _card(**changes: str) -> a.DocumentShown:
    values = {name: getattr(CARD, name) for name in CARD.__struct_fields__}
    return msgspec.convert(values | changes, a.DocumentShown)


async def test_a_code_is_believed_by_its_signature_alone(window: Window, tmp_path: Path) -> None:
    """A resident's, a business's; one that is over, one by a stranger, a verdict in its place, no verifier at all."""
    await window.identities.show_code(KIOSK_ONE, window.visit, a.CodeShown(window.issuer.code(LI)))
    await window.identities.show_code(KIOSK_ONE, window.visit, a.CodeShown(window.issuer.code(TEA)))
    shown = {one.subject: (one.name, one.shown_by, one.issuer) for one in (await window.now()).shown}
    assert shown == {
        "person": (LI.name, "code", "https://verifier.example"),
        "business": (TEA.name, "code", "https://verifier.example"),
    }
    old = window.issuer.code(LI)
    window.counter.clock.pass_(70)
    stranger = Issuer(tmp_path / "stranger", window.counter.clock).code(LI)
    for code in (old, stranger, window.issuer.verdict(LI, "x", same=True), "no code", f"{old[:-4]}AAAA"):
        with pytest.raises(InvalidInput):
            await window.identities.show_code(KIOSK_ONE, window.visit, a.CodeShown(code))
    with pytest.raises(Unavailable):
        open_verifier("", window.counter.clock).code(old)


async def test_a_verdict_is_about_the_number_that_was_shown(window: Window) -> None:
    """Another person's result, an old challenge, one by a stranger: refused. The right one counts, as it says."""
    await shows(window)
    old = await window.identities.challenge(OFFICER_LI, window.visit)
    wanted = await window.identities.challenge(OFFICER_LI, window.visit)
    wrong = (
        window.issuer.verdict(LI, wanted.challenge, same=True),
        window.issuer.verdict(WANG, old.challenge, same=True),
        window.issuer.code(WANG),
    )
    for result in wrong:
        with pytest.raises(RvwError):
            await window.identities.verdict(KIOSK_ONE, window.visit, a.VerdictShown(result))
    right = window.issuer.verdict(WANG, wanted.challenge, same=True)
    application = await window.identities.verdict(KIOSK_ONE, window.visit, a.VerdictShown(right))
    assert application.verdict is not None
    assert (application.verdict.issuer, application.verdict.same) == ("https://verifier.example", True)
    window.does(OFFICER_LI, c.ConfirmIdentity())
    assert d.level(await window.now()) == "verified"


async def test_a_number_in_the_form_is_kept_the_same_way(window: Window) -> None:
    """The guardian's: masked in the form, told to the officer; a wrong one and another field are refused."""
    filled = await window.identities.fill(KIOSK_ONE, window.visit, a.NumberFilled("guardian", LI.number))
    assert filled.masked == "310***********9011"
    field = (await window.now()).fields[0]
    assert (await window.identities.tell(OFFICER_LI, window.visit, field.proof)).number == LI.number
    passport = await window.identities.fill(KIOSK_ONE, window.visit, a.NumberFilled("passport", "e1234 5678"))
    assert passport.masked == "******678"
    assert "E12345678" not in repr(await window.now())
    for wanted in (a.NumberFilled("guardian", "1"), a.NumberFilled("phone", LI.number), a.NumberFilled("x", LI.number)):
        with pytest.raises(InvalidInput):
            await window.identities.fill(KIOSK_ONE, window.visit, wanted)


async def test_who_does_not_see_the_visit_sees_no_application(window: Window) -> None:
    """An officer of another talk is told that there is none."""
    stranger: Actor = OFFICER_ZHOU
    with pytest.raises(NotFound):
        await window.identities.application(stranger, window.visit)
