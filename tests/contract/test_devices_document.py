"""`web/DEVICES.md` is the protocol between a kiosk page and its device bridge: each message has one example."""

import json
import re
from pathlib import Path
from typing import Any, Final, get_args

import msgspec
import pytest

from rvw.protocol import devices
from rvw.protocol.codec import encode

DOCUMENT: Final = (Path(__file__).parents[2] / "web" / "DEVICES.md").read_text(encoding="utf-8")
EXAMPLES: Final = re.findall(r"<!-- example: (\w+) (\w+) -->\n+```json\n(.*?)\n```", DOCUMENT, re.DOTALL)
UNIONS: Final[dict[str, Any]] = {"page": devices.PageToBridge, "bridge": devices.BridgeToPage}


@pytest.mark.parametrize(("side", "name", "text"), EXAMPLES, ids=[f"{one[0]} {one[1]}" for one in EXAMPLES])
def test_an_example_is_the_message_it_says(side: str, name: str, text: str) -> None:
    """Decoded by the side's union, and encoded again, it is the same."""
    decoded: object = msgspec.json.decode(text, type=UNIONS[side])
    assert type(decoded).__name__ == name
    assert json.loads(encode(decoded)) == json.loads(text)


def test_every_message_has_one_example() -> None:
    """A message that is added is documented in the same commit, and no JSON stands without a tag."""
    expected = sorted((side, kind.__name__) for side, union in UNIONS.items() for kind in get_args(union))
    assert sorted((side, name) for side, name, _ in EXAMPLES) == expected
    assert DOCUMENT.count("```json") == len(EXAMPLES)


def test_every_failure_is_explained() -> None:
    """Whoever writes a bridge finds each code in the table."""
    table = DOCUMENT[DOCUMENT.index("| code ") :]
    assert [code for code in get_args(devices.FailureCode) if f"`{code}`" not in table] == []
