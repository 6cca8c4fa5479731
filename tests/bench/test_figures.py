"""What the benchmark computes, and the load it plays; how fast a machine is, no test asks."""

from pathlib import Path

import msgspec
import pytest

from rvw.cli.bench import janus
from rvw.cli.bench.figures import Seen, percentile, ratios
from rvw.cli.bench.path import Path as Connection
from rvw.cli.bench.path import Received, remote
from rvw.cli.bench.stream import FRAME_PACKETS, SLOTS, Numbers, Sender, wheel
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


def test_loss_is_what_is_missing_between_first_and_last() -> None:
    """However often the numbers wrap."""
    stream = Received(65_530)
    stream.count, stream.highest = 8, 65_540
    assert stream.lost() == 3


def test_a_publisher_sends_two_hundred_packets_a_second(unused: Connection) -> None:
    """Six of a picture in each frame of 40 ms, in pairs 5 ms apart, and two of sound."""
    numbers = Numbers()
    pairs = [(Sender(unused, numbers, 10), Sender(unused, numbers, 20, 21)) for _ in range(3)]
    slots = wheel(pairs)
    assert (len(slots), sum(len(slot) for slot in slots)) == (SLOTS, 3 * (FRAME_PACKETS + 2))
    first = pairs[0][1]
    assert [at for at, slot in enumerate(slots) for sender in slot if sender is first] == [0, 0, 5, 5, 10, 10]


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
