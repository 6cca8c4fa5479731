"""What a worker refuses to start with, and the addresses it announces."""

import socket
import sys
from pathlib import Path

import pytest

from media.__main__ import main
from media.app import check
from media.core.srtp import check_private_seams
from media.datagrams import Datagrams
from media.shell import addresses
from media.steady import SteadyClock
from rvw.errors import InvalidSettings
from rvw.settings import Media
from tests.unit.media.test_datagrams import CLOCK, read


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["--set", "media.udp_port"],
        ["--set", "media.unknown=1"],
        ["--config", "/nowhere/at/all.toml"],
        ["--set", "security.control_secret=s", "--set", "media.codecs=VP8,H265"],
        ["--set", "security.control_secret=s", "--set", "media.udp_port=99999"],
        ["--set", "security.control_secret=s", "--set", "media.host=localhost"],
    ],
)
def test_wrong_settings_end_with_a_sentence(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """And with exit code 2."""
    assert main(arguments) == 2
    assert len(capsys.readouterr().err.split()) > 3


def test_a_port_that_is_taken_is_a_wrong_setting(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The sentence names the key."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        file = tmp_path / "settings.toml"
        file.write_text(f'[media]\nudp_port = {taken.getsockname()[1]}\n[security]\ncontrol_secret = "s"\n')
        assert main(["--config", str(file)]) == 2
    assert "media.udp_port" in capsys.readouterr().err


def test_an_empty_secret_is_refused() -> None:
    """Anybody could control the worker."""
    with pytest.raises(InvalidSettings, match="control_secret"):
        check(Media(), "")
    check(Media(), "s")


def test_announces_what_browsers_can_reach() -> None:
    """What was set; else the address bound; else every address of the machine, the loopback last."""
    assert addresses("0.0.0.0", ("192.0.2.1",)) == ("192.0.2.1",)
    assert addresses("127.0.0.1", ()) == ("127.0.0.1",)
    assert addresses("0.0.0.0", ())[-1] == "127.0.0.1"
    assert {"::1", "127.0.0.1"} <= set(addresses("::", ()))


def test_a_missing_private_seam_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before the first packet, and by its name."""
    check_private_seams()
    monkeypatch.delattr(sys.modules["pylibsrtp"], "_binding")
    with pytest.raises(ImportError, match=r"_binding\.ffi"):
        check_private_seams()


def test_the_socket_does_not_block_and_drops_what_cannot_be_sent() -> None:
    """An unreachable address is no reason to stop."""
    datagrams = Datagrams("127.0.0.1", 0, CLOCK)
    try:
        here = ("127.0.0.1", datagrams.port)
        datagrams.send([(b"one", here), (b"two", ("127.0.0.1", 0)), (b"three", here)])
        assert datagrams.dropped == 1
        received = read(datagrams)
        assert [data for data, _, _ in received] == [b"one", b"three"]
        assert all(CLOCK() - 1 < arrival <= CLOCK() for _, _, arrival in received)
    finally:
        datagrams.close()


def test_the_clock_is_steady() -> None:
    """It starts at the wall clock."""
    clock = SteadyClock()
    first = clock()
    assert clock() >= first > 1_700_000_000
