"""From the form to the signed PDF: confirmed as seen, signed once, sealed; one flipped bit anywhere is found and named."""

import json
from base64 import b64decode
from pathlib import Path
from typing import Any

import msgspec
import pypdfium2
import pytest
from typer.testing import CliRunner

from rvw.cli import app
from rvw.cli.devices.bench import made_up_signature
from rvw.domain import commands as c
from rvw.domain import signature
from rvw.domain.catalogue.consent import wording
from rvw.domain.chain import sha256
from rvw.errors import InvalidInput, NotAllowed, NotFound, NotPossible, NotWhole, RvwError
from rvw.protocol import applications as a
from signaling.applications.files import application_files, collected
from signaling.dossiers.evidence import attached
from tests.fakes.town import KIOSK_ONE, OFFICER_LI, OFFICER_ZHOU, TOWN, answer
from tests.fakes.window import LINK_S, WANG, Window

INK = made_up_signature()
HERE = "https://window.example"


async def confirmed(window: Window) -> str:
    """A card was shown, the form filled and confirmed; return the document's hash."""
    card = a.DocumentShown(subject="person", shown_by="card", name=WANG.name, number=WANG.number)
    await window.identities.show(KIOSK_ONE, window.visit, card)
    window.does(OFFICER_LI, c.ConfirmIdentity())
    window.fills()
    made = await window.forms.confirm(KIOSK_ONE, window.visit, a.FormSeen((await window.now()).version))
    return made.sha256


async def signed(window: Window) -> tuple[str, bytes]:
    """The resident has signed; return the document's hash and the signed PDF."""
    document = await confirmed(window)
    window.does(OFFICER_LI, c.AskSignature(document))
    done = await window.signatures.sign(KIOSK_ONE, window.visit, a.InkGiven(document, "resident", "touch", INK))
    return document, await window.kept.get(window.visit, done.signed)


async def test_the_same_form_is_the_same_document(window: Window) -> None:
    """Confirmed, changed and changed back: the hash is that of before; the number is masked in it."""
    first = await confirmed(window)
    window.does(KIOSK_ONE, c.FillField("phone", "13900000000"))
    window.does(KIOSK_ONE, c.FillField("phone", "13800000000"))
    seen = a.FormSeen((await window.now()).version)
    assert (await window.forms.confirm(KIOSK_ONE, window.visit, seen)).sha256 == first
    pages = await window.forms.pages(OFFICER_LI, window.visit, first)
    assert [page[:22] for page in pages.pages] == ["data:image/png;base64,"]
    file = await window.forms.file(KIOSK_ONE, window.visit, first)
    assert sha256(b64decode(file.pdf)) == first
    assert file.name == "社保卡申请表"
    for actor, document in ((OFFICER_ZHOU, first), (KIOSK_ONE, "0" * 64)):
        with pytest.raises(NotFound):
            await window.forms.pages(actor, window.visit, document)


async def test_a_form_that_has_changed_is_not_confirmed(window: Window) -> None:
    """The officer has filled a field between looking and touching."""
    window.fills()
    seen = a.FormSeen((await window.now()).version)
    window.does(OFFICER_LI, c.FillField("delivery", "到窗口领取"))
    with pytest.raises(NotPossible):
        await window.forms.confirm(KIOSK_ONE, window.visit, seen)


async def test_a_signature_names_document_person_time_and_visit(window: Window) -> None:
    """The statement, the picture's sheet, the document inside as it was, and the files of the record."""
    document, pdf = await signed(window)
    statement = signature.check(pdf, window.keys.public(), attached)
    assert (statement.visit, statement.document.sha256, statement.at) == (window.visit, document, window.counter.clock())
    assert (statement.by.name, statement.by.masked, statement.by.identity) == (WANG.name, "310***********9026", "verified")
    assert statement.by.proof == (await window.now()).shown[0].proof
    assert sha256(attached(pdf)[signature.DOCUMENT]) == document
    assert len((await window.forms.pages(OFFICER_LI, window.visit, sha256(pdf))).pages) == 2
    sources = application_files(window.counter.ledger, window.kept)  # type: ignore[arg-type]
    files = await collected(sources, sources)(window.counter.visit(window.visit))
    assert files is not None
    assert [file.what for file in files] == ["form", "signed", "signature", "identity"]
    for file in files:
        data = await window.kept.get(window.visit, file.sha256)
        assert (sha256(data), len(data)) == (file.sha256, file.bytes)


async def test_one_flipped_bit_anywhere_is_found(window: Window) -> None:
    """A bit in each of some hundred places of the signed PDF, one of each byte of its statement, cut short, longer."""
    _, pdf = await signed(window)
    keys = window.keys.public()
    start = pdf.rfind(signature.MARK)
    places = [*range(0, start, max(1, start // 150)), *range(start, len(pdf))]
    for at in places:
        changed = bytearray(pdf)
        changed[at] ^= 1 << (at % 8)
        with pytest.raises(NotWhole):
            signature.check(bytes(changed), keys, attached)
    for wrong in (pdf[:-1], pdf + b"\n", pdf[:start], pdf[:start] + pdf):
        with pytest.raises(NotWhole):
            signature.check(wrong, keys, attached)


async def test_what_does_not_fit_is_named(window: Window) -> None:
    """Other pages under the same statement; a statement by a key that is not published; another document inside."""
    document, pdf = await signed(window)
    keys, start = window.keys.public(), pdf.rfind(signature.MARK)
    original = await window.kept.get(window.visit, document)
    moved = signature.carrying(original + b"\n", b64decode(pdf[start + len(signature.MARK) :].split(b"\n")[0], b"-_"))
    with pytest.raises(NotWhole, match="its hash does not fit"):
        signature.check(moved, keys, attached)
    with pytest.raises(NotWhole, match="not among the public keys"):
        signature.check(pdf, type(keys)(()), attached)
    with pytest.raises(NotWhole, match="not the document that the statement names"):
        signature.check(pdf, keys, lambda _: {signature.DOCUMENT: b"another"})
    with pytest.raises(InvalidInput):
        signature.carrying(b"no PDF", b"{}")


async def test_rvw_verify_says_it(window: Window, tmp_path: Path) -> None:
    """Signed PDF and statement alone are whole; with a flipped bit the exit code is 1, and the fault has words."""
    _, pdf = await signed(window)
    keys, file, alone = tmp_path / "keys.json", tmp_path / "signed.pdf", tmp_path / "signature.json"
    keys.write_bytes(msgspec.json.encode(window.keys.public()))
    file.write_bytes(pdf)
    alone.write_bytes(await window.kept.get(window.visit, (await window.now()).signed[0].statement))
    for one in (file, alone):
        done = CliRunner().invoke(app, ["verify", str(one), "--keys", str(keys)])
        assert (done.exit_code, WANG.name in done.stdout) == (0, True)
    changed = bytearray(pdf)
    changed[len(pdf) // 2] ^= 4
    file.write_bytes(changed)
    done = CliRunner().invoke(app, ["verify", str(file), "--keys", str(keys), "--json"])
    fault: dict[str, Any] = json.loads(done.stdout)
    assert (done.exit_code, fault["ok"]) == (1, False)
    assert "not those that were signed" in fault["fault"]


async def test_ink_without_being_asked_is_no_signature(window: Window) -> None:
    """Not asked, too little ink, another document, twice: refused, and nothing is kept of it."""
    document = await confirmed(window)
    given = a.InkGiven(document, "resident", "touch", INK)
    before = len(list((window.folder / "blobs").rglob("*")))
    with pytest.raises(NotPossible):
        await window.signatures.sign(KIOSK_ONE, window.visit, given)
    window.does(OFFICER_LI, c.AskSignature(document))
    for wrong in (a.InkGiven("0" * 64, "resident", "touch", INK), a.InkGiven(document, "resident", "touch", (((1, 1),),))):
        with pytest.raises(RvwError):
            await window.signatures.sign(KIOSK_ONE, window.visit, wrong)
    assert len(list((window.folder / "blobs").rglob("*"))) == before
    await window.signatures.sign(KIOSK_ONE, window.visit, given)
    with pytest.raises(NotPossible):
        await window.signatures.sign(KIOSK_ONE, window.visit, given)


async def test_a_telephone_signs_once_by_its_link(window: Window) -> None:
    """A link that is made up, one that another has replaced, one that is over: refused in the same words. Then it signs."""
    document = await confirmed(window)
    window.does(OFFICER_LI, c.AskSignature(document))
    wanted = a.SigningLinkWanted(HERE)
    old = await window.signatures.make_link(KIOSK_ONE, window.visit, wanted)
    link = await window.signatures.make_link(KIOSK_ONE, window.visit, wanted)
    made_up = f"{window.visit}.AAAAAAAAAAAAAAAAAAAAAA"
    said = set()
    for one in (of(old), made_up, f"nowhere.{made_up[-22:]}"):
        with pytest.raises(NotFound) as refused:
            await window.signatures.come(a.SigningComes(one), "10.0.0.1")
        said.add(str(refused.value))
    assert len(said) == 1
    window.counter.clock.pass_(LINK_S)
    with pytest.raises(NotFound):
        await window.signatures.come(a.SigningComes(of(link)), "10.0.0.1")
    link = await window.signatures.make_link(OFFICER_LI, window.visit, wanted)
    paper = await window.signatures.come(a.SigningComes(of(link)), "10.0.0.1")
    assert (paper.document, len(paper.pages)) == (document, 1)
    done = await window.signatures.sign_by_link(a.SigningInk(of(link), document, INK), "10.0.0.1")
    pdf = await window.kept.get(window.visit, done.signed)
    assert signature.check(pdf, window.keys.public(), attached).signed_on == "phone"
    with pytest.raises(NotFound):
        await window.signatures.sign_by_link(a.SigningInk(of(link), document, INK), "10.0.0.1")
    events = window.counter.ledger.streams[f"application:{window.visit}"]
    assert of(link).rpartition(".")[2] not in msgspec.json.encode(events).decode()


def of(link: a.SigningLink) -> str:
    """Return what the telephone sends of a link."""
    return link.url.rpartition("#")[2]


async def test_the_officer_signs_too(window: Window) -> None:
    """A matter that asks for both: the officer's signature under the same document, with the own name."""
    document, _ = await signed(window)
    window.does(OFFICER_LI, c.AskSignature(document, "officer"))
    done = await window.signatures.sign(OFFICER_LI, window.visit, a.InkGiven(document, "officer", "touch", INK))
    pdf = await window.kept.get(window.visit, done.signed)
    statement = signature.check(pdf, window.keys.public(), attached)
    assert (statement.by.signer, statement.by.name, statement.by.masked) == ("officer", OFFICER_LI.name, "")


async def test_the_consent_is_a_document_that_is_signed(window: Window) -> None:
    """It says the very words that were read and the answer; the signature names its hash; it goes into the record."""
    made = await window.consents.document(OFFICER_LI, window.visit)
    read = words(await window.kept.get(window.visit, made.sha256))
    text = next(one for one in TOWN.texts if one.reader == "resident")
    for line in (*wording(text, "zh").split("\n"), "使用敏感个人信息", "同意"):
        assert "".join(line.split()) in read
    assert await window.consents.document(OFFICER_LI, window.visit) == made, "the same answers are the same document"
    window.does(OFFICER_LI, c.AskSignature(made.sha256))
    window.does(OFFICER_LI, c.FillField("delivery", "邮寄"))
    assert (await window.now()).signing is not None, "a form that changes is another document"
    file = await window.signatures.sign(KIOSK_ONE, window.visit, a.InkGiven(made.sha256, "resident", "touch", INK))
    pdf = await window.kept.get(window.visit, file.signed)
    statement = signature.check(pdf, window.keys.public(), attached)
    assert (statement.document.sha256, statement.title) == (made.sha256, made.title)
    assert (await window.now()).signed[0].title == made.title
    files = await application_files(window.counter.ledger, window.kept)(window.counter.visit(window.visit))  # type: ignore[arg-type]
    assert files is not None
    assert [file.what for file in files] == ["consent", "signed", "signature"]


async def test_a_consent_that_was_taken_back_is_not_signed(window: Window) -> None:
    """The resident takes an answer back while the document lies there: neither signed nor asked for any more."""
    with pytest.raises(NotAllowed):
        await window.consents.document(KIOSK_ONE, window.visit)
    made = await window.consents.document(OFFICER_LI, window.visit)
    with pytest.raises(NotPossible):
        window.does(OFFICER_LI, c.AskSignature(made.sha256, "officer"))
    window.does(OFFICER_LI, c.AskSignature(made.sha256))
    window.does(KIOSK_ONE, c.AnswerConsent(answer(subject="recording")))
    with pytest.raises(NotPossible):
        await window.signatures.sign(KIOSK_ONE, window.visit, a.InkGiven(made.sha256, "resident", "touch", INK))
    window.does(OFFICER_LI, c.CancelSignature())
    with pytest.raises(NotPossible):
        window.does(OFFICER_LI, c.AskSignature(made.sha256))
    anew = await window.consents.document(OFFICER_LI, window.visit)
    assert anew.sha256 != made.sha256
    window.does(OFFICER_LI, c.AskSignature(anew.sha256))


def words(pdf: bytes) -> str:
    """Return what can be read in a PDF, without white space."""
    return "".join("".join(page.get_textpage().get_text_bounded().split()) for page in pypdfium2.PdfDocument(pdf))
