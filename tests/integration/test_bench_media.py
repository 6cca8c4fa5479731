"""`rvw bench media` really seats people and passes their packets on: tiny, so that only its honesty is measured."""

import json

import pytest
from typer.testing import CliRunner

from rvw.cli.bench import app
from rvw.cli.bench.runs import Bench
from rvw.cli.bench.stream import PICTURE_BYTES, SOUND_BYTES
from rvw.cli.bench.sweep import sweep, table, together

pytestmark = pytest.mark.alone


def test_one_visit_by_compiled_code() -> None:
    """Two publishers send 200 packets a second each, and as many arrive; the figures say by what."""
    ran = CliRunner().invoke(app, ["media", "--visits", "1", "--seconds", "2", "--rounds", "1", "--json"])
    assert ran.exit_code == 0, ran.output
    (seen,) = json.loads(ran.stdout)["rvw"]
    assert seen["forwards_by"] == "compiled"
    assert (seen["loss"], seen["silent_streams"]) == (0.0, 0)
    assert seen["cpu_us_per_forwarded_packet"] > 0
    assert 0 < seen["delay_ms"]["p50"] <= seen["delay_ms"]["p99"]


def test_a_sweep_goes_on_at_the_same_worker() -> None:
    """Visits of the run before have left; the table says at how many it ended."""
    outcome = sweep(Bench(quiet=True, interpreted=True), 1, {2: (1, 2), 3: (1,)})
    pairs, threes = outcome["curves"]
    assert [point["visits"] for point in pairs["points"]] == [1, 2]
    assert pairs["points"][0]["forwards_by"] == "interpreted"
    assert threes["points"][0]["packets_out_per_s"] > 2 * threes["points"][0]["packets_in_per_s"] * 0.9
    assert all(point["silent_streams"] == 0 for curve in outcome["curves"] for point in curve["points"])
    assert f"visits of 3: {threes['largest']}" in table(outcome)


def test_several_workers_carry_together() -> None:
    """Each has its own client; what they carry is added up."""
    bench = Bench(quiet=True, interpreted=True)
    bench.cores = [*bench.cores[:1], *bench.cores[-1:]] * 2
    both = together(bench, 2, 1, 1)
    assert (both["workers"], both["visits"], len(both["each"])) == (2, 2, 2)
    assert both["packets_out_per_s"] > sum(it["packets_out_per_s"] for it in both["each"]) - 1


def test_recording_is_measured_by_what_is_on_the_disk() -> None:
    """Two visits with and without taps: nothing is lost, bytes are those of voices and pictures, and a film is made."""
    words = ["recording", "--visits", "2", "--seconds", "2", "--rounds", "1", "--film", "2", "--json"]
    ran = CliRunner().invoke(app, words)
    assert ran.exit_code == 0, ran.output
    told = json.loads(ran.stdout)
    assert told["spool"]["lost"] == 0
    assert 0 < told["spool"]["overhead"] < 0.2
    sent_a_minute = 2 * 60 * (150 * PICTURE_BYTES + 50 * SOUND_BYTES)
    assert told["spool"]["bytes_per_visit_minute"] == pytest.approx(sent_a_minute, rel=0.25)
    assert told["film"]["bytes_per_minute"] > 0
    assert told["film"]["cpu_s_per_minute"] > 0
    assert told["cpu_us_per_forwarded_packet"]["on"] > 0
