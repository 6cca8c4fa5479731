"""Libraries of licences: of one holder and kind, masked; a file that is none is refused at the start."""

import asyncio
from pathlib import Path

import pytest

from rvw.errors import InvalidSettings, Unavailable
from signaling.papers.library import DEMO, open_library

WANG, LI = "310115195203079026", "310115199011239011"


def test_it_tells_what_somebody_holds_and_of_nobody_else() -> None:
    """Wang's card is found by Wang's number alone, and neither number nor name comes back whole."""
    library = open_library("", demo=True)
    (card,) = asyncio.run(library.held("person", WANG, "identity-card"))
    assert (card.id, card.number, card.holder) == ("demo-0001", "310***********9026", "王**")
    assert asyncio.run(library.held("person", LI, "household-register")) == ()
    assert asyncio.run(library.held("business", WANG, "identity-card")) == ()
    assert asyncio.run(open_library(str(DEMO), demo=False).held("person", WANG, "identity-card")) == (card,)


def test_without_one_nobody_is_asked() -> None:
    """Outside the demonstration, nothing is found by accident."""
    with pytest.raises(Unavailable):
        asyncio.run(open_library("", demo=False).held("person", WANG, "identity-card"))


@pytest.mark.parametrize(
    "text",
    [
        "licence = 3",
        '[[licence]]\nid = "x"\n',
        (DEMO.read_text(encoding="utf-8")).replace(f'holder = "{LI}"', f'holder = "{LI[:-1]}X"'),
    ],
)
def test_a_file_that_is_no_library_stops_the_start(tmp_path: Path, text: str) -> None:
    """What cannot be read, and a holder whose number cannot be, are said by name."""
    file = tmp_path / "licences.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(InvalidSettings, match=r"papers\.licences"):
        open_library(str(file), demo=False)
