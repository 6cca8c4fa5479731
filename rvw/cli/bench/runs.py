"""Runs of servers by turns, each afresh on one core, with the client on another."""

import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import msgspec

from rvw.cli.bench import janus, network, ours
from rvw.cli.bench.figures import Plan, Seen, line, ratios
from rvw.cli.bench.seats import Server, resident_bytes
from rvw.errors import Unavailable

CURVE = (1, 2, 5, 10, 20, 40, 60, 80, 100, 120)
"""Visits of a sweep; it ends early once a server is full."""

FULL = 0.97
"""A core used this much is full."""

LOST = 0.001
"""A loss above this counts as loss: a shared machine drops a packet now and then."""

ATTEMPTS = 3
CALM_MS = 2.0
"""A run whose client was later than this says more of the machine than of the server: it is made again."""


class Bench:
    """Runs servers by turns, each time afresh, and the client beside them."""

    def __init__(
        self, against: str, server_core: int, janus_event_loops: int, settings: tuple[str, ...], quiet: bool
    ) -> None:
        cores = sorted(os.sched_getaffinity(0))
        self._client_core = next((core for core in reversed(cores) if core != server_core), server_core)
        self._quiet = quiet
        self._servers: dict[str, Callable[[], AbstractContextManager[Server]]] = {
            "rvw": lambda: ours.running(server_core, settings)
        }
        if against:
            self._servers["janus"] = lambda: janus.running(server_core, janus_event_loops)
            network.isolate()

    def compare(self, visits: int, peers: int, seconds: int, rounds: int, loss: float = 0.0) -> dict[str, Any]:
        """Measure each server `rounds` times, by turns: a busy neighbour then disturbs both."""
        seen: dict[str, list[Seen]] = {name: [] for name in self._servers}
        for _ in range(rounds):
            for name in self._servers:
                seen[name].append(self._run(name, visits, peers, seconds, loss))
        outcome: dict[str, Any] = {"visits": visits, "peers": peers, "seconds": seconds}
        outcome |= {name: msgspec.to_builtins(runs) for name, runs in seen.items()}
        if len(seen) > 1:
            ours_, theirs = seen.values()
            outcome["ratio"] = ratios(ours_, theirs)
            self._tell(f" ratio {outcome['ratio']}")
        return outcome

    def sweep(self, peers: int, seconds: int) -> dict[str, Any]:
        """Measure one number of visits after another, each server until it is full."""
        curves: dict[str, list[dict[str, Any]]] = {name: [] for name in self._servers}
        full: set[str] = set()
        for visits in CURVE:
            for name in self._servers.keys() - full:
                seen = self._run(name, visits, peers, seconds, 0.0)
                curves[name].append({"visits": visits, **msgspec.to_builtins(seen)})
                if seen.core_share > FULL or seen.loss > LOST or seen.silent_streams:
                    full.add(name)
        return {"peers": peers, "seconds": seconds, **curves}

    def _run(self, name: str, visits: int, peers: int, seconds: int, loss: float) -> Seen:
        """Measure once, or again while the machine was busy with other things; the calmest run counts."""
        runs: list[Seen] = []
        while len(runs) < ATTEMPTS and (not runs or runs[-1].client_lag_ms_p99 > CALM_MS):
            runs.append(self._once(name, visits, peers, seconds, loss))
        return min(runs, key=lambda seen: seen.client_lag_ms_p99)

    def _once(self, name: str, visits: int, peers: int, seconds: int, loss: float) -> Seen:
        with self._servers[name]() as server:
            before = resident_bytes(server.pid)
            plan = Plan(
                server=name, server_url=server.url, server_pid=server.pid, client_core=self._client_core,
                visits=visits, peers=peers, seconds=seconds, loss=loss,
            )  # fmt: skip
            seen = play(plan)
        seen = msgspec.structs.replace(seen, resident_bytes_per_visit=(seen.resident_bytes - before) / visits)
        self._tell(line(name, visits, peers, seen))
        return seen

    def _tell(self, text: str) -> None:
        if not self._quiet:
            print(text, flush=True)


def play(plan: Plan) -> Seen:
    """Play the load in a process of its own. Raises `Unavailable` when it fails."""
    command = [sys.executable, "-m", "rvw.cli.bench.client", msgspec.json.encode(plan).decode()]
    finished = subprocess.run(command, capture_output=True, text=True, check=False)
    if finished.returncode:
        raise Unavailable(f"the benchmark's client has failed: {finished.stderr.strip().splitlines()[-1]}")
    return msgspec.json.decode(finished.stdout, type=Seen)
