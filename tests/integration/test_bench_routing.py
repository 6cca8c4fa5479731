"""`rvw bench routing` really routes and writes: tiny, so that only its honesty is measured."""

import json

from typer.testing import CliRunner

from rvw.cli.bench import app, routing


def test_every_officer_gets_somebody_and_the_curve_is_printed() -> None:
    """A hundred offers through the real write path; a board of three hundred officers, and one of a hundred before it."""
    told = CliRunner().invoke(app, ["routing", "--officers", "300", "--waiting", "600", "--written", "100", "--json"])
    assert told.exit_code == 0, told.output
    figures = json.loads(told.stdout)
    assert [one["officers"] for one in (*figures["growth"], figures["pure"])] == [100, 300]
    assert figures["pure"]["offers"] > 0
    assert figures["written"]["offers"] == 100
    assert figures["written"]["offers_per_s"] > 0
    assert figures["resident_mb"] > 0
    assert figures["written"]["profile"]
    text = routing.table(figures)
    assert "offers/s written" in text
    assert "MB resident" in text
