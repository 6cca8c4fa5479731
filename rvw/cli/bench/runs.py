"""Runs of servers by turns, each on one core, with the client on another."""

import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import msgspec

from media.compiling import folder
from rvw.cli.bench import janus, network, ours
from rvw.cli.bench.figures import Plan, Seen, line, ratios
from rvw.cli.bench.seats import Server, resident_bytes
from rvw.errors import Unavailable
from rvw.settings import Settings

ATTEMPTS = 2
CALM_MS = 5.0
"""A run whose client was later than this says more of the machine than of the server: it is made again."""


class Bench:
    """Runs servers by turns, each time afresh, and the client beside them."""

    def __init__(
        self,
        against: str = "",
        server_core: int = 0,
        janus_event_loops: int = 0,
        settings: tuple[str, ...] = (),
        *,
        interpreted: bool = False,
        quiet: bool = False,
        stall_ms: int = 0,
    ) -> None:
        cores = sorted(os.sched_getaffinity(0))
        self._quiet = quiet
        self._stall_ms = stall_ms
        self.cores = [server_core, *(core for core in cores if core != server_core)]
        """The server's first; the client's is the last one."""
        self.servers: dict[str, Callable[[int], AbstractContextManager[Server]]] = {
            "rvw": lambda core: ours.running(core, settings, interpreted)
        }
        if against:
            self.servers["janus"] = lambda core: janus.running(core, janus_event_loops)
            network.isolate()

    def compare(self, visits: int, peers: int, seconds: int, rounds: int, loss: float = 0.0) -> dict[str, Any]:
        """Measure each server `rounds` times, by turns: a busy neighbour then disturbs both."""
        seen: dict[str, list[Seen]] = {name: [] for name in self.servers}
        for _ in range(rounds):
            for name in self.servers:
                seen[name].append(self._run(name, visits, peers, seconds, loss))
        outcome: dict[str, Any] = {"visits": visits, "peers": peers, "seconds": seconds}
        outcome |= {name: msgspec.to_builtins(runs) for name, runs in seen.items()}
        if len(seen) > 1:
            ours_, theirs = seen.values()
            outcome["ratio"] = ratios(ours_, theirs)
            self.tell(f" ratio {outcome['ratio']}")
        return outcome

    def once(self, server: Server, plan: Plan, empty_bytes: int, client_core: int) -> Seen:
        """Play `plan` at a server that held `empty_bytes` before anybody had joined it."""
        plan = msgspec.structs.replace(
            plan,
            server=server.name, server_url=server.url, server_pid=server.pid,
            client_core=client_core, machine_code=machine_code(),
        )  # fmt: skip
        seen = play(plan)
        seen = msgspec.structs.replace(
            seen,
            resident_bytes_per_visit=(seen.resident_bytes - empty_bytes) / plan.visits,
            forwards_by=server.forwards_by,
        )
        self.tell(line(server.name, plan.visits, plan.peers, seen))
        return seen

    def tell(self, text: str) -> None:
        """Print for people."""
        if not self._quiet:
            print(text, file=sys.stderr, flush=True)

    def _run(self, name: str, visits: int, peers: int, seconds: int, loss: float) -> Seen:
        """Measure once, or again while the machine was busy with other things; the calmest run counts."""
        runs: list[Seen] = []
        while len(runs) < ATTEMPTS and (not runs or runs[-1].client_lag_ms_p99 > CALM_MS):
            with self.servers[name](self.cores[0]) as server:
                plan = Plan(visits=visits, peers=peers, seconds=seconds, loss=loss, stall_ms=self._stall_ms)
                runs.append(self.once(server, plan, resident_bytes(server.pid), self.cores[-1]))
        return min(runs, key=lambda seen: seen.client_lag_ms_p99)


def machine_code() -> str:
    """Return the folder where workers keep machine code, and the client its own."""
    return str(folder(Path(Settings().store.data)).absolute())


def play(plan: Plan) -> Seen:
    """Play the load in a process of its own. Raises `Unavailable` when it fails."""
    command = [sys.executable, "-m", "rvw.cli.bench.client", msgspec.json.encode(plan).decode()]
    finished = subprocess.run(command, capture_output=True, text=True, check=False)
    if finished.returncode:
        raise Unavailable(f"the benchmark's client has failed: {finished.stderr.strip().splitlines()[-1]}")
    return msgspec.json.decode(finished.stdout, type=Seen)
