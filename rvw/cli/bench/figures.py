"""What a run is asked to do, what was seen, and how two servers compare."""

from collections.abc import Sequence
from statistics import median

from msgspec import Struct, field


class Plan(Struct, frozen=True, kw_only=True):
    """One run against one server."""

    visits: int
    peers: int
    seconds: int
    server: str = ""
    server_url: str = ""
    server_pid: int = 0
    client_core: int = 0
    loss: float = 0.0
    """Share of picture packets that publishers lose on purpose, and repeat when asked."""
    seed: int = 7
    stall_ms: int = 0
    """How long the server is stopped before figures are taken: what was missed meanwhile must not weigh on it for ever."""
    machine_code: str = ""
    """The folder where the client's is kept."""
    first_visit: int = 0
    """Visits are numbered from here: those of one server before are not met again."""
    recorded: bool = False
    """Whether all voices and pictures are recorded."""
    leave: bool = False
    """Whether the visits are ended, so that the server is empty for the next run."""


class Seen(Struct, frozen=True, kw_only=True):
    """The figures of one run. Delays are from before the client's send call to the kernel's arrival stamp."""

    packets_in_per_s: float
    packets_out_per_s: float
    cpu_us_per_forwarded_packet: float
    core_share: float
    core_share_per_visit: float
    resident_bytes: int
    delay_ms: dict[str, float]
    client_core_share: float
    client_lag_ms_p99: float = 0.0
    """How late the client itself was: when this is large, the machine was busy and the delays are not the server's."""
    loss: float = 0.0
    """Of the packets since figures were taken, and of those that were still on their way then."""
    silent_streams: int = 0
    """Streams that should have come and never did."""
    join_ms: dict[str, float] = field(default_factory=dict)
    resident_bytes_per_visit: float = 0.0
    forwards_by: str = ""
    """What passed packets on: `compiled` code, `interpreted`, or the `server's own`."""


def percentile(values: Sequence[float], at: int) -> float:
    """Return the nearest-rank percentile; 0 of nothing, the largest at 100."""
    if not values:
        return 0.0
    ordered = sorted(values)
    return float(ordered[min(len(ordered) - 1, len(ordered) * at // 100)])


def ratios(ours: Sequence[Seen], theirs: Sequence[Seen]) -> dict[str, float]:
    """Compare the medians of two servers that were measured by turns."""

    def compare(figures: Sequence[tuple[float, float]]) -> float:
        other = median(it[1] for it in figures)
        return round(median(it[0] for it in figures) / other, 3) if other else 0.0

    pairs = list(zip(ours, theirs, strict=True))
    return {
        "cpu_us_per_forwarded_packet": compare(
            [(a.cpu_us_per_forwarded_packet, b.cpu_us_per_forwarded_packet) for a, b in pairs]
        ),
        **{f"delay_ms_{at}": compare([(a.delay_ms[at], b.delay_ms[at]) for a, b in pairs]) for at in ("p50", "p95", "p99")},
        "join_ms_p50": compare([(a.join_ms["p50"], b.join_ms["p50"]) for a, b in pairs]),
    }


def line(server: str, visits: int, peers: int, seen: Seen) -> str:
    """Return one line of the table that people read."""
    delay = seen.delay_ms
    return (
        f"{server:>6} {visits:4}×{peers} {seen.packets_out_per_s:8.0f}/s {seen.cpu_us_per_forwarded_packet:6.1f} µs "
        f"{100 * seen.core_share:5.1f} % of a core  delay {delay['p50']:.2f} {delay['p95']:.2f} {delay['p99']:.2f} ms  "
        f"loss {100 * seen.loss:.3f} %  join {seen.join_ms['p50']:.0f} ms  client {100 * seen.client_core_share:.0f} %, "
        f"{seen.client_lag_ms_p99:.1f} ms late"
    )
