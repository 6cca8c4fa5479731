"""Simulated days: repeatable, over before midnight, and worse when something is taken away."""

from functools import cache
from pathlib import Path

import msgspec
import pytest
from typer.testing import CliRunner

import config
from rvw.cli import app
from rvw.cli.simulate import play, read, table
from rvw.domain.simulation import Outcome, Scenario
from rvw.domain.simulation.scenario import Kind, Place, Trouble
from rvw.errors import InvalidInput

SCENARIOS = config.FOLDER / "scenarios"
ORDINARY = SCENARIOS / "ordinary-day-pudong.toml"


@cache
def day_of(file: Path, seed: int = 1, fall_back: bool | None = None) -> Outcome:
    """A day of a shipped scenario, played once."""
    return play(read(file), seed, fall_back)


SMALL = Scenario(
    name="small",
    places=(
        Place("street", "街道", 60, 2, next="city", group="here"),
        Place("other", "邻街", 20, 2, next="city", group="there"),
        Place("city", "市级", 10, 2),
    ),
    matters=(Kind("card", "社保卡", 1, 10),),
    arrivals=(0.0,) * 8 + (1.0,) * 9,
)


def test_the_same_seed_gives_the_same_bytes() -> None:
    """And another seed another day."""
    command = ["simulate", str(ORDINARY), "--json"]
    one, two = (CliRunner().invoke(app, [*command, "--seed", "2"]).stdout for _ in range(2))
    assert one == two
    assert msgspec.json.decode(one, type=Outcome) == day_of(ORDINARY, 2)
    assert msgspec.structs.replace(day_of(ORDINARY), seed=2) != day_of(ORDINARY, 2)


def test_everybody_comes_to_an_end() -> None:
    """No visit is open when the agenda is empty; every ticket is in the figures."""
    day = play(SMALL, 1)
    assert day.open_at_the_end == 0
    assert day.total.visits == sum(row.visits for row in day.places) > 50
    assert day.total.load is not None
    assert 0.1 < day.total.load < 0.9


def test_the_interval_said_at_the_ticket_is_honest() -> None:
    """On the ordinary day four of five waits are inside it, and also of those who really had to wait."""
    for seed in (1, 2):
        day = day_of(ORDINARY, seed)
        assert day.inside_share is not None
        assert day.inside_share >= 0.8
        assert day.inside_waited_share is not None
        assert day.inside_waited_share >= 0.75


def test_without_the_chains_it_is_visibly_worse() -> None:
    """The nearer desks' queues have nowhere to go."""
    with_, without = day_of(ORDINARY), day_of(ORDINARY, fall_back=False)
    assert (with_.total.prompt_share or 0) > (without.total.prompt_share or 0) + 0.1
    assert with_.total.elsewhere > 0 == without.total.elsewhere


def test_half_of_the_officers_are_missed() -> None:
    """Same residents, same places."""
    ordinary, half = day_of(ORDINARY), day_of(SCENARIOS / "half-leave-at-11.toml")
    assert ordinary.total.visits == half.total.visits
    assert (half.total.prompt_share or 0) < (ordinary.total.prompt_share or 0) - 0.2


def test_a_cut_line_ends_talks_and_a_closed_hall_takes_nobody() -> None:
    """Talks of officers who are cut off go back to the queue; dark kiosks give no tickets."""
    cut = Trouble(places=("here",), since=10, until=11, lines_drop=True)
    dark = Trouble(places=("there",), since=8, until=18, officers=False, kiosks=True)
    day = play(msgspec.structs.replace(SMALL, troubles=(cut, dark)), 1)
    by_name = {row.place: row for row in day.places}
    assert by_name["邻街"].visits == 0
    assert by_name["街道"].elsewhere > play(SMALL, 1).places[0].elsewhere
    assert day.open_at_the_end == 0


@pytest.mark.parametrize("file", sorted(SCENARIOS.glob("*.toml")), ids=lambda file: file.stem)
def test_every_shipped_scenario_can_be_read(file: Path) -> None:
    """And is named like its file."""
    assert read(file).name == file.stem


def test_the_forty_one_cities_are_all_there() -> None:
    """With 2,000 officers and 30,000 residents."""
    told = read(SCENARIOS / "monday-41-cities.toml")
    assert sum(one.visits > 0 for one in told.places) == 41
    assert sum(one.officers for one in told.places) == 2000
    assert round(sum(one.visits for one in told.places)) == 30_000


def test_a_wrong_file_is_refused_with_the_reason(tmp_path: Path) -> None:
    """A chain that leads nowhere, a key that is not one."""
    file = tmp_path / "wrong.toml"
    file.write_text(ORDINARY.read_text().replace('next = "pudong"', 'next = "nowhere"'))
    with pytest.raises(InvalidInput, match="nowhere"):
        read(file)
    file.write_text("colour = 1\n" + ORDINARY.read_text())
    with pytest.raises(InvalidInput, match="colour"):
        read(file)


def test_the_table_names_places_and_the_interval() -> None:
    """What people read."""
    text = table(play(SMALL, 1))
    assert "街道" in text
    assert "inside the interval" in text
