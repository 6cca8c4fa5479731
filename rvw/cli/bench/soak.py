"""A long talk on a lossy line: does every loss come back, and does the worker's memory stay what it is?"""

import os
import statistics
import threading
import time
from typing import Any

import httpx2

from rvw.cli.bench import ours
from rvw.cli.bench.figures import Plan
from rvw.cli.bench.runs import machine_code, play
from rvw.cli.bench.seats import resident_bytes

SAMPLE_S = 5.0

SETTLED = 0.2
"""Of the time: what is kept of each stream fills up first."""


class Memory:
    """Samples what a process holds while the `with` block lasts."""

    def __init__(self, pid: int) -> None:
        self.samples: list[tuple[float, int]] = []
        self._pid = pid
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look)

    def __enter__(self) -> "Memory":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        began = time.monotonic()
        while not self._over.wait(SAMPLE_S):
            self.samples.append((time.monotonic() - began, resident_bytes(self._pid)))

    def slope(self) -> float:
        """Return by how many bytes a minute it has grown once it had settled; 0 of too few samples."""
        settled = self.samples[int(SETTLED * len(self.samples)) :]
        if len(settled) < 3:
            return 0.0
        return 60 * statistics.linear_regression(*zip(*settled, strict=True)).slope


def soak(minutes: float, loss: float, visits: int) -> dict[str, Any]:
    """Let `visits` of two talk, each picture losing `loss` of its packets on the way to the worker; return the figures."""
    cores = sorted(os.sched_getaffinity(0))
    with ours.running(cores[0]) as server, httpx2.Client(headers={"authorization": f"Bearer {ours.SECRET}"}) as http:
        plan = Plan(
            server="rvw", server_url=server.url, server_pid=server.pid, client_core=cores[-1],
            visits=visits, peers=2, seconds=round(60 * minutes), loss=loss, machine_code=machine_code(),
        )  # fmt: skip
        with Memory(server.pid) as memory:
            seen = play(plan)
        peers = http.get(f"{server.url}/v1/statistics").json()["peers"]
    pictures = [track for peer in peers for track in peer["tracks"] if track["slot"] == "camera" and track["packets"]]
    return {
        "minutes": minutes,
        "loss": loss,
        "visits": visits,
        "packets_a_picture": min((track["packets"] for track in pictures), default=0),
        "lost_before_repeats_about": round(loss * sum(track["packets"] for track in pictures)),
        "lost_after_repeats": sum(track["lost"] for track in pictures),
        "lost_at_receivers_share": seen.loss,
        "silent_streams": seen.silent_streams,
        "delay_ms": seen.delay_ms,
        "core_share": seen.core_share,
        "client_late_ms_p99": seen.client_lag_ms_p99,
        "memory_bytes": [size for _, size in memory.samples],
        "memory_growth_bytes_per_minute": round(memory.slope()),
    }
