"""Compiled code comes while a worker runs, or not at all; then the worker says why, and goes on."""

import asyncio
import os
import sys
from pathlib import Path
from types import ModuleType

import pytest

from media import compiling
from media.compiling import folder, hasten, load


async def test_a_running_worker_gets_it_from_a_process_of_its_own() -> None:
    """And the environment is left as it was."""
    before = os.environ["NUMBA_CACHE_DIR"]
    taken: list[ModuleType] = []
    async with asyncio.timeout(240):
        assert await hasten(folder(Path("var")), taken.append) == ""
    assert [it.__name__ for it in taken] == ["media.turning"]
    assert os.environ["NUMBA_CACHE_DIR"] == before


async def test_a_folder_that_cannot_be_written_is_a_reason(tmp_path: Path) -> None:
    """Nothing is raised: forwarding goes on without."""
    (tmp_path / "taken").write_text("a file")
    assert "taken" in await hasten(tmp_path / "taken", lambda _: None)


async def test_a_system_without_such_calls_is_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    """The socket stays as it was."""
    monkeypatch.setattr(sys, "executable", "/bin/true")  # there is nothing to compile: another test has seen to it
    load(folder(Path("var")))

    def refuse(_: ModuleType) -> None:
        raise OSError("no batches here")

    assert await hasten(folder(Path("var")), refuse) == "OSError: no batches here"


def test_other_sources_are_compiled_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows laid out otherwise must never meet machine code made for the old ones."""
    before = compiling._name()
    monkeypatch.setattr(compiling, "_LAID_DOWN_BY", ("turning",))
    assert compiling._name() != before


def test_an_operator_may_say_where_it_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """By numba's own variable; else with the product's data."""
    monkeypatch.setenv("NUMBA_CACHE_DIR", "/elsewhere")
    assert folder(Path("var")) == Path("/elsewhere")
    monkeypatch.setenv("NUMBA_CACHE_DIR", "")
    assert folder(Path("var")) == Path("var/compiled")


def test_it_is_loaded_once() -> None:
    """The second call finds what the first one made."""
    assert load(folder(Path("var"))) is load(folder(Path("var")))
