"""`rvw simulate`: plays a day of a scenario file in virtual time and prints what residents and officers would see."""

import json
import random
import tomllib
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from rvw.domain.simulation import Day, Outcome, Row, Scenario
from rvw.errors import InvalidInput


def simulate(
    scenario: Annotated[Path, typer.Argument(metavar="SCENARIO.toml", help="See config/scenarios.")],
    seed: Annotated[int, typer.Option(help="Same seed, same day, same bytes.")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON only.")] = False,
    fall_back: Annotated[bool | None, typer.Option("--fall-back/--no-fall-back", help="Ask further desks.")] = None,
) -> None:
    """Play a day in virtual time over the same routing and visit code; print waits, 021, abandonment and load."""
    outcome = play(read(scenario), seed, fall_back)
    print(json.dumps(msgspec.to_builtins(outcome), ensure_ascii=False, indent=2) if as_json else table(outcome))


def read(file: Path) -> Scenario:
    """Return the scenario in a file. Raises `InvalidInput` with what is wrong."""
    try:
        found = msgspec.convert(tomllib.loads(file.read_text(encoding="utf-8")), Scenario)
    except (OSError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise InvalidInput(f"{file}: {error}") from error
    unknown = {one.next for one in found.places if one.next} - {one.id for one in found.places}
    if unknown:
        raise InvalidInput(f"{file}: no such place: {', '.join(sorted(unknown))}")
    return found


def play(scenario: Scenario, seed: int, fall_back: bool | None = None) -> Outcome:
    """Return what the day came to."""
    if fall_back is not None:
        scenario = msgspec.structs.replace(scenario, fall_back=fall_back)
    return Day(scenario, random.Random(seed), seed).run()  # noqa: S311 - a game, not a secret


def table(outcome: Outcome) -> str:
    """Return what people read."""
    lines = [f"{'visits':>7} {'p50':>6} {'p90':>6} {'021':>7} {'left':>7} {'elsewhere':>9} {'load':>7}  place"]
    lines += [_line(row) for row in (*outcome.places, outcome.total)]
    chains = "with" if outcome.fall_back else "without"
    lines.append(f"\n{outcome.scenario}: seed {outcome.seed}, {chains} fall-back chains, {outcome.events} events")
    lines.append(f"solved {_percent(outcome.solved_share)}, never answered {outcome.unanswered}")
    inside, waited = _percent(outcome.inside_share), _percent(outcome.inside_waited_share)
    lines.append(f"waits inside the interval said at the ticket: {inside}; of those over a minute: {waited}")
    return "\n".join(lines)


def _line(row: Row) -> str:
    shares = (_percent(row.prompt_share), _percent(row.abandoned_share))
    return (
        f"{row.visits:7d} {_seconds(row.wait_p50_s):>6} {_seconds(row.wait_p90_s):>6} {shares[0]:>7} {shares[1]:>7} "
        f"{row.elsewhere:9d} {_percent(row.load):>7}  {row.place}"
    )


def _seconds(value: float | None) -> str:
    return "–" if value is None else f"{value:.0f} s"


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.1f} %"
