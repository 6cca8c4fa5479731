"""What the benchmark computes, and the load it plays; how fast a machine is, no test asks."""

from pathlib import Path

import msgspec
import pytest

from rvw.cli.bench import janus
from rvw.cli.bench.figures import Seen, percentile, ratios
from rvw.cli.bench.path import remote
from rvw.cli.bench.stream import FRAME_PACKETS, SLOTS, wheel
from rvw.errors import Unavailable

SEEN = Seen(
    packets_in_per_s=400.0,
    packets_out_per_s=400.0,
    cpu_us_per_forwarded_packet=50.0,
    core_share=0.02,
    core_share_per_visit=0.02,
    resident_bytes=1,
    delay_ms={"p50": 0.2, "p95": 0.4, "p99": 0.5, "p100": 0.6},
    client_core_share=0.1,
    join_ms={"p50": 10.0, "p95": 12.0},
)


def test_percentiles_are_by_nearest_rank() -> None:
    """And of nothing they are nothing."""
    assert [percentile(range(1, 101), at) for at in (50, 99, 100)] == [51.0, 100.0, 100.0]
    assert percentile([], 99) == 0.0


def test_two_servers_are_compared_by_their_medians() -> None:
    """A run that a busy machine spoiled does not decide."""
    slower = msgspec.structs.replace(SEEN, cpu_us_per_forwarded_packet=100.0)
    spoiled = msgspec.structs.replace(SEEN, cpu_us_per_forwarded_packet=900.0)
    compared = ratios([SEEN, SEEN, spoiled], [slower, slower, slower])
    assert (compared["cpu_us_per_forwarded_packet"], compared["delay_ms_p99"]) == (0.5, 1.0)


def test_a_publisher_sends_two_hundred_packets_a_second() -> None:
    """Six of a picture in each frame of 40 ms, in pairs 5 ms apart, and two of sound."""
    slots = wheel(3)
    assert (len(slots), sum(len(slot) for slot in slots)) == (SLOTS, 3 * (FRAME_PACKETS + 2))
    assert [at for at, slot in enumerate(slots) for stream in slot if stream == 1] == [0, 0, 5, 5, 10, 10]


def test_the_server_is_found_in_its_description() -> None:
    """On this machine, or not at all."""
    text = "a=ice-ufrag:u\r\na=ice-pwd:p\r\na=candidate:1 1 udp 1 {} 4000 typ host\r\n"
    found = remote(text.format("127.0.0.1"))
    assert (found.host, found.port, found.ufrag, found.password) == ("127.0.0.1", 4000, "u", "p")
    with pytest.raises(Unavailable):
        remote(text.format("203.0.113.9"))


def test_janus_is_kept_on_this_machine(tmp_path: Path) -> None:
    """No address beyond it, and no server asked for the way out."""
    janus.configure(tmp_path, 8188, 0)
    text = "".join(file.read_text() for file in tmp_path.glob("*.jcfg"))
    assert 'ws_ip = "127.0.0.1"' in text
    assert 'ice_enforce_list = "10.255.255.1"' in text
    assert "stun" not in text
