"""`rvw bench`: how much the product carries on this machine, beside what others carry.

Everything runs on loopback, is bounded in time and number, and leaves no process behind.
"""

import asyncio
import json
import sys
from typing import Annotated

import typer

from rvw.errors import InvalidInput

app = typer.Typer(no_args_is_help=True, help="Measure on this machine, on loopback only.")


@app.callback()
def _group() -> None:
    """Measure on this machine."""


@app.command()
def media(
    visits: Annotated[int, typer.Option(min=1, max=200, help="Visits at once.")] = 10,
    peers: Annotated[int, typer.Option(min=2, max=8, help="Peers in each visit.")] = 2,
    seconds: Annotated[int, typer.Option(min=0, max=900, help="Of figures in each run. 0: 10, in a sweep 4.")] = 0,
    rounds: Annotated[int, typer.Option(min=1, max=10, help="Runs of each server, by turns.")] = 2,
    against: Annotated[str, typer.Option(help="Another server under the same load: janus")] = "",
    sweep: Annotated[bool, typer.Option("--sweep", help="From one visit until the core is full.")] = False,
    interpreted: Annotated[bool, typer.Option("--interpreted", help="Our worker without compiled code.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON only.")] = False,
    server_core: Annotated[int, typer.Option(min=0, help="The server's core; clients take another.")] = 0,
    janus_event_loops: Annotated[int, typer.Option(min=0, max=8, help="0: Janus' default.")] = 0,
    stall: Annotated[int, typer.Option(min=0, max=1000, help="Milliseconds a server stands still before figures.")] = 0,
    setting: Annotated[list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="Of our worker.")] = None,
) -> None:
    """Forward synthetic visits through a media worker; print what it costs, a line for each run as it ends."""
    if against not in ("", "janus"):
        raise InvalidInput("--against takes janus")
    from rvw.cli.bench import sweep as curves
    from rvw.cli.bench.runs import Bench

    settings = tuple(setting or ())
    bench = Bench(against, server_core, janus_event_loops, settings, interpreted=interpreted, quiet=as_json, stall_ms=stall)
    outcome = curves.sweep(bench, seconds or 4) if sweep else bench.compare(visits, peers, seconds or 10, rounds)
    if as_json:
        print(json.dumps(outcome, indent=2))
    elif sweep:
        print(curves.table(outcome))


@app.command("soak")
def run_soak(
    minutes: Annotated[float, typer.Option(min=0.1, max=600, help="How long.")] = 10.0,
    loss: Annotated[float, typer.Option(min=0, max=30, help="Of each picture's packets, in percent.")] = 2.0,
    visits: Annotated[int, typer.Option(min=1, max=40, help="Visits of two.")] = 2,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON only.")] = False,
) -> None:
    """Talk for long on a lossy line; print what was lost for good and how the worker's memory grew."""
    from rvw.cli.bench.soak import soak

    if not as_json:
        print(f"{visits} visits for {minutes:g} minutes, {loss:g} % of the pictures lost", flush=True)
    print(json.dumps(soak(minutes, loss / 100, visits), indent=None if as_json else 2))


@app.command("recording")
def run_recording(
    visits: Annotated[int, typer.Option(min=1, max=100, help="Of two, at once.")] = 20,
    seconds: Annotated[int, typer.Option(min=2, max=600, help="Of figures in each run.")] = 10,
    rounds: Annotated[int, typer.Option(min=1, max=10, help="Runs with and without recording, by turns.")] = 2,
    film: Annotated[int, typer.Option(min=2, max=600, help="Seconds of talk that are made into a film.")] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON only.")] = False,
) -> None:
    """Record synthetic visits; print what it costs beside forwarding, its bytes, and the time that a film takes."""
    from rvw.cli.bench import recording

    figures = recording.measure(visits, seconds, rounds, film, quiet=as_json)
    print(json.dumps(figures, indent=2) if as_json else recording.table(figures))


@app.command("routing")
def run_routing(
    officers: Annotated[int, typer.Option(min=100, max=100_000, help="On the board.")] = 10_000,
    waiting: Annotated[int, typer.Option(min=100, max=1_000_000, help="On the board.")] = 50_000,
    written: Annotated[int, typer.Option(min=100, max=50_000, help="Offers made through the real write path.")] = 4_000,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON only.")] = False,
) -> None:
    """Route on a large board, and write offers to a real Valkey; print what it costs."""
    from rvw.cli.bench import routing

    figures = routing.measure(officers, waiting, written)
    print(json.dumps(figures, indent=2) if as_json else routing.table(figures))


@app.command("annotation")
def run_annotation(
    visits: Annotated[int, typer.Option(min=1, max=300, help="At once, of three pages each.")] = 100,
    strokes: Annotated[float, typer.Option(min=0.1, max=30, help="A second, in each visit.")] = 20.0,
    seconds: Annotated[int, typer.Option(min=1, max=120, help="How long people draw.")] = 10,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON only.")] = False,
) -> None:
    """Draw in many visits through the real server; print how late others see it, its bytes and its cost."""
    from rvw.cli.bench import annotation

    figures = annotation.measure(visits, strokes, seconds)
    print(json.dumps(figures, ensure_ascii=False, indent=2) if as_json else annotation.table(figures))


@app.command("catalogue")
def run_catalogue(
    matters: Annotated[int, typer.Option(min=1, max=100_000, help="In the catalogue.")] = 10_000,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON only.")] = False,
) -> None:
    """Search a catalogue as large as a province's; print milliseconds, memory, and what a page is sent."""
    from rvw.cli.bench import catalogue

    figures = catalogue.measure(matters)
    print(json.dumps(figures, ensure_ascii=False, indent=2) if as_json else catalogue.table(figures))


@app.command("chaos")
def run_chaos(
    kiosks: Annotated[int, typer.Option(min=1, max=2000)] = 500,
    officers: Annotated[int, typer.Option(min=1, max=500)] = 100,
    seconds: Annotated[float, typer.Option(min=5, max=3600, help="How long people come.")] = 180.0,
    every: Annotated[float, typer.Option(min=1, help="Kill one of the two processes each so many seconds.")] = 10.0,
    sql: Annotated[str, typer.Option(metavar="URL", help="An empty PostgreSQL for the records; else SQLite.")] = "",
    seed: Annotated[int, typer.Option(help="Of who does what.")] = 7,
    plant: Annotated[bool, typer.Option("--plant", help="Spoil one visit, to see that it is found.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON only.")] = False,
) -> None:
    """Kill signaling processes under load; exit with 1 if anybody is lost, offered twice or without an ending."""
    from rvw.cli.bench.chaos import run, verdict

    asked = run.Chaos(kiosks=kiosks, officers=officers, seconds=seconds, every=every, sql=sql, seed=seed, plant=plant)
    told = asyncio.run(run.chaos(asked, lambda line: print(line, file=sys.stderr, flush=True)))
    print(json.dumps(told, ensure_ascii=False, indent=2) if as_json else verdict.table(told))
    sys.exit(0 if told["ok"] else 1)
