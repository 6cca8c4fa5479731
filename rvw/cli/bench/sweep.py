"""From one visit until a server is full: what visits of two, three and six cost, and what more workers carry."""

import os
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any

import msgspec

from rvw.cli.bench.figures import Plan, Seen
from rvw.cli.bench.runs import CALM_MS, Bench
from rvw.cli.bench.seats import resident_bytes

CURVES = {2: (1, 2, 5, 10, 20, 40, 80, 120, 160, 200), 3: (1, 5, 10, 20, 40, 60, 80), 6: (1, 2, 5, 10, 15, 20)}
"""Peers of a visit, and the numbers of visits tried; a curve ends early where the server is full."""

FULL_MS = 20.0
"""A server is full when the 99th percentile of delay is above this, or anything is lost."""

ATTEMPTS = 2
"""How often a number of visits is tried that was too much: a neighbour on the machine may have been it. For the same
reason a curve ends only when two numbers in a row were too much."""

WORKERS = (
    "A worker is a process on a core of its own, and the client that keeps it busy needs another: this machine has {cores} "
    "cores, so {most} at once can be measured."
)


def sweep(bench: Bench, seconds: int, curves: dict[int, tuple[int, ...]] | None = None) -> dict[str, Any]:
    """Measure all curves, then several workers at once. Each curve is of one server."""
    measured = [
        _curve(bench, name, peers, numbers, seconds)
        for peers, numbers in (curves or CURVES).items()
        for name in bench.servers
    ]
    largest = {curve["server"]: curve["largest"] for curve in reversed(measured)}
    most = max(1, len(bench.cores) // 2)
    return {
        "cores": len(bench.cores),
        "seconds": seconds,
        "full_above_ms": FULL_MS,
        "largest": largest,
        "curves": measured,
        "workers_note": WORKERS.format(cores=len(os.sched_getaffinity(0)), most=most),
        "workers": [together(bench, workers, largest["rvw"], seconds) for workers in range(2, most + 1)],
    }


def table(outcome: dict[str, Any]) -> str:
    """Return the figures for people."""
    heads = ("server", "peers", "visits", "packets/s", "µs/packet", "core %", "MB/visit", "p50 ms", "p95", "p99", "loss %")
    lines = ["".join(f"{head:>10}" for head in (*heads, "join ms", "late ms"))]
    for curve in outcome["curves"]:
        for it in curve["points"]:
            delay = it["delay_ms"]
            cells = (
                curve["server"], curve["peers"], it["visits"], f"{it['packets_out_per_s']:.0f}",
                f"{it['cpu_us_per_forwarded_packet']:.1f}", f"{100 * it['core_share']:.1f}",
                f"{it['resident_bytes_per_visit'] / 1e6:.2f}", *(f"{delay[at]:.2f}" for at in ("p50", "p95", "p99")),
                f"{100 * it['loss']:.3f}", f"{it['join_ms']['p50']:.0f}", f"{it['client_lag_ms_p99']:.1f}",
            )  # fmt: skip
            lines.append("".join(f"{cell:>10}" for cell in cells))
        ended = f"; more ended by {curve['ended_by']}" if curve["ended_by"] else ""
        lines.append(f"{curve['server']}, visits of {curve['peers']}: {curve['largest']}{ended}")
    return "\n".join([*lines, outcome["workers_note"]])


def carried(seen: Seen) -> bool:
    """Whether the server had room for this."""
    return seen.delay_ms["p99"] <= FULL_MS and not seen.loss and not seen.silent_streams


def together(bench: Bench, workers: int, visits: int, seconds: int) -> dict[str, Any]:
    """Let each of several workers carry `visits` of two at the same time; return what each had to say."""
    servers, clients = bench.cores[:workers], bench.cores[-workers:]
    with ExitStack() as stack, ThreadPoolExecutor(workers) as threads:
        running = [stack.enter_context(bench.servers["rvw"](core)) for core in servers]
        plan = Plan(visits=max(1, visits), peers=2, seconds=seconds)
        runs = threads.map(
            lambda server, core: bench.once(server, plan, resident_bytes(server.pid), core), running, clients
        )
        seen = list(runs)
    return {
        "workers": workers,
        "visits": workers * plan.visits,
        "packets_out_per_s": sum(it.packets_out_per_s for it in seen),
        "carried": all(carried(it) for it in seen),
        "each": msgspec.to_builtins(seen),
    }


def _curve(bench: Bench, name: str, peers: int, numbers: tuple[int, ...], seconds: int) -> dict[str, Any]:
    points: list[dict[str, Any]] = []
    largest = 0
    with bench.servers[name](bench.cores[0]) as server:
        empty = resident_bytes(server.pid)
        first = 0
        for visits in numbers:
            for _ in range(ATTEMPTS):
                plan = Plan(visits=visits, peers=peers, seconds=seconds, first_visit=first, leave=True)
                seen = bench.once(server, plan, empty, bench.cores[-1])
                first += visits
                if carried(seen):
                    break
            points.append({"visits": visits, "carried": carried(seen), **msgspec.to_builtins(seen)})
            if carried(seen):
                largest = visits
            elif not all(point["carried"] for point in points[-2:-1]):
                break
    return {
        "server": name,
        "peers": peers,
        "largest": largest,
        "ended_by": "" if points[-1]["carried"] else _reason(seen),
        "points": points,
    }


def _reason(seen: Seen) -> str:
    """Say what was too much at the end of a curve: the server, or what played the load."""
    if seen.client_lag_ms_p99 > CALM_MS:
        return "a client that was late itself: the machine was busy, or the client's core full"
    return "loss" if seen.loss or seen.silent_streams else "delay"
