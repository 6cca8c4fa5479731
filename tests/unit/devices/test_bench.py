"""The simulated devices: what people do at them, and what goes wrong."""

import pytest

from rvw.cli.devices.bench import Bench, Makers, SimPerson
from rvw.errors import InvalidInput
from rvw.protocol import devices as d

WANG = SimPerson("wang", "王示例", "310115195203079026")


class Table:
    """A bench, and what it has said, with the delay of each."""

    def __init__(self) -> None:
        self.said: list[tuple[d.BridgeToPage, float]] = []
        makers = Makers(
            photo=lambda one: one.id.encode(),
            still=str.encode,
            code=lambda one: f"code of {one.id}",
            verdict=lambda one, challenge, same: f"{one.id} {challenge} {same}",
        )
        self.bench = Bench({"wang": WANG}, makers, lambda message, delay_s: self.said.append((message, delay_s)))

    def heard(self) -> list[d.BridgeToPage]:
        """Return what was said since last asked."""
        said, self.said = self.said, []
        return [message for message, _ in said]


@pytest.fixture
def table() -> Table:
    """A bench to which a page is attached."""
    one = Table()
    one.bench.take(d.AttachBridge(1))
    attached = one.heard()[0]
    assert isinstance(attached, d.BridgeAttached)
    assert {device.state for device in attached.devices} == {"ready"}
    return one


def test_a_card_is_read_whether_it_comes_before_or_after(table: Table) -> None:
    """The page waits, the card comes; the card stays, and the next request reads it at once."""
    table.bench.take(d.ReadCard("1", 60))
    assert table.heard() == []
    table.bench.script("insert card wang")
    table.bench.take(d.ReadCard("2", 60))
    assert table.heard() == [
        d.CardRead("1", WANG.number, "王示例", "", "d2FuZw=="),
        d.CardRead("2", WANG.number, "王示例", "", "d2FuZw=="),
    ]
    table.bench.script("remove card")
    table.bench.take(d.ReadCard("3", 60))
    table.bench.expire("3")
    assert table.heard() == [d.DeviceFailed("3", "nothing_shown")]


def test_a_card_of_no_use_is_not_read_where_it_lies(table: Table) -> None:
    """A broken chip stays on the reader: `another` waits for one that is put on, and reads that at once."""
    table.bench.script("unreadable card")
    table.bench.take(d.ReadCard("1", 60))
    table.bench.take(d.ReadCard("2", 60, another=True))
    assert [type(one) for one in table.heard()] == [d.DeviceFailed]
    table.bench.script("insert card wang")
    assert [type(one) for one in table.heard()] == [d.CardRead]


def test_every_request_is_answered_once(table: Table) -> None:
    """Code, signature, verdict, print: each once, and what comes after is for nobody."""
    table.bench.take(d.ReadCode("1", 60))
    table.bench.take(d.TakeSignature("2", 60, "表"))
    table.bench.take(d.AskVerdict("3", 60, "challenge"))
    table.bench.take(d.PrintPaper("4", "表", "JVBERg=="))
    for line in ("show code wang", "show code wang", "sign", "look wang differs", "look wang"):
        table.bench.script(line)
    for ref in "1234":
        table.bench.expire(ref)
    printed, code, signed, verdict = table.heard()
    assert printed == d.PaperPrinted("4")
    assert table.bench.printed == [("表", "JVBERg==")]
    assert code == d.CodeRead("1", "code of wang")
    assert isinstance(signed, d.SignatureTaken)
    assert len(signed.strokes) == 3
    assert verdict == d.VerdictGiven("3", "wang challenge False")


def test_what_goes_wrong_is_told(table: Table) -> None:
    """A second request, a broken chip, a pad pulled out while somebody signs, an empty printer."""
    table.bench.take(d.ReadCard("1", 60))
    table.bench.take(d.ReadCard("2", 60))
    table.bench.script("unreadable card")
    table.bench.take(d.TakeSignature("3", 60, "表"))
    table.bench.script("unplug pad")
    table.bench.take(d.TakeSignature("4", 60, "表"))
    table.bench.script("paper out")
    table.bench.take(d.PrintPaper("5", "表", ""))
    table.bench.take(d.ReadCode("6", 60))
    table.bench.take(d.StopDevice("6"))
    failed = [(one.ref, one.code) for one in table.heard() if isinstance(one, d.DeviceFailed)]
    assert failed == [
        ("2", "busy"),
        ("1", "unreadable"),
        ("3", "unplugged"),
        ("4", "unplugged"),
        ("5", "paper_out"),
        ("6", "stopped"),
    ]
    assert table.bench.printed == []


def test_a_slow_device_answers_late(table: Table) -> None:
    """The answer is the same; it leaves after the seconds that were said."""
    table.bench.script("slow camera 3")
    table.bench.script("still 户口簿")
    table.bench.take(d.TakeStill("1"))
    message, delay_s = table.said[0]
    assert isinstance(message, d.StillTaken)
    assert delay_s == 3


@pytest.mark.parametrize("line", ["", "insert card nobody", "unplug kettle", "slow card soon", "sing"])
def test_a_line_that_says_nothing_is_refused(table: Table, line: str) -> None:
    """Whoever types is told what there is."""
    with pytest.raises(InvalidInput):
        table.bench.script(line)
