"""The evidence is what PDF/A-3b asks for, holds the record byte for byte, and speaks the resident's language."""

from io import BytesIO
from pathlib import Path
from typing import get_args

import msgspec
import pikepdf
import pytest

from rvw.domain import handover
from rvw.domain.chain import RecordEvent
from rvw.domain.events import Outcome
from rvw.domain.package import DOSSIER, read_dossier
from rvw.domain.people import Role
from rvw.errors import NotWhole
from signaling.dossiers.evidence import attached, render, summary
from signaling.dossiers.words import EVENTS, OUTCOMES, ROLES
from tests.fakes.case_system import T0, closed_visit, sealer
from tests.fakes.dossiers import NAMES, public, record


@pytest.fixture(scope="module")
def pdf(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The evidence of a visit."""
    return record(tmp_path_factory.mktemp("keys")).evidence


def test_the_record_is_inside(tmp_path: Path) -> None:
    """Byte for byte, as the source of the page."""
    made = record(tmp_path)
    assert attached(made.evidence) == {DOSSIER: made.dossier}
    with pikepdf.open(BytesIO(made.evidence)) as document:
        (associated,) = list(document.Root.AF)
        assert associated.AFRelationship == "/Source"
        assert associated.EF.F.Subtype == "/application/json"


def test_it_says_that_it_is_pdf_a_3b_and_looks_like_it(pdf: bytes) -> None:
    """ISO 19005-3: XMP with part and level, an output intent with an ICC profile, an id, no encryption, no scripts."""
    with pikepdf.open(BytesIO(pdf)) as document:
        with document.open_metadata() as metadata:
            assert (metadata["pdfaid:part"], metadata["pdfaid:conformance"]) == ("3", "B")
            assert metadata["dc:title"].startswith("远程虚拟窗口办理记录")
        assert document.Root.OutputIntents[0].S == "/GTS_PDFA1"
        profile = document.Root.OutputIntents[0].DestOutputProfile.read_bytes()
        assert profile[36:40] == b"acsp"
        assert len(document.trailer.ID) == 2
        assert not document.is_encrypted
        for name in ("/OpenAction", "/AA", "/AcroForm"):
            assert name not in document.Root
        assert "/JavaScript" not in document.Root.get("/Names", {})


def test_every_font_is_embedded_as_a_subset(pdf: bytes) -> None:
    """Chinese can be read where no Chinese font is installed."""
    with pikepdf.open(BytesIO(pdf)) as document:
        fonts = [font for page in document.pages for font in page.Resources.get("/Font", {}).values()]
        assert fonts
        for font in fonts:
            below = font.DescendantFonts[0]
            assert "NotoSansSC" in str(below.BaseFont)
            assert str(below.BaseFont)[7] == "+"
            assert "/FontFile3" in below.FontDescriptor
            assert "/ToUnicode" in font
    assert len(pdf) < 200_000


def test_the_same_dossier_gives_the_same_page(tmp_path: Path) -> None:
    """Bytes and all: whoever has the dossier can print it again and compare."""
    made = sealer(tmp_path).first(*closed_visit("v1"), (), NAMES)
    content, found = read_dossier(made.dossier, public(tmp_path))
    assert render(content, found, made.dossier) == render(content, found, made.dossier)


def test_the_summary_is_in_the_residents_language() -> None:
    """Chinese and English, with and without an officer."""
    content = handover.dossier(*closed_visit("v1"), b"seed", (), NAMES)
    assert summary(content) == "2027年1月15日 16:00，办理“社保卡补办”，由李示例接待。结果：已受理。"
    english = msgspec.structs.replace(content, language="en", officer="")
    assert summary(english) == "社保卡补办, on 2027-01-15 at 16:00. Nobody answered. Outcome: accepted."


def test_there_are_words_for_everything() -> None:
    """A new event, outcome or role has words before it is printed."""
    tags = {kind.__struct_config__.tag for kind in get_args(RecordEvent)}
    assert tags <= set(EVENTS)
    assert set(get_args(Outcome)) == set(OUTCOMES)
    assert set(Role) == set(ROLES)


@pytest.mark.parametrize("data", [b"", b"%PDF-1.7", b"PK\x03\x04", bytes(200)])
def test_what_is_no_pdf_is_told_so(data: bytes) -> None:
    """Nothing but `NotWhole` comes out."""
    with pytest.raises(NotWhole):
        attached(data)


def test_hashes_are_within_the_page(pdf: bytes) -> None:
    """The visit began at T0; the page is A4."""
    with pikepdf.open(BytesIO(pdf)) as document:
        width, height = (float(x) for x in list(document.pages[0].MediaBox)[2:])
        assert (round(width), round(height)) == (595, 842)
    assert T0 > 0
