"""The commands by which IT staff tell the database who exists."""

import sys
from pathlib import Path
from subprocess import run

import config
from rvw.domain.people import Role
from rvw.settings import Security
from signaling.auth import Auth
from signaling.records import open_store

SECRET = "a-secret-for-tests-that-is-long-enough"


def rvw(data: Path, *words: str) -> tuple[int, str]:
    """Run a command on a data folder."""
    done = run([sys.executable, "-m", "rvw.cli", *words, "--data", str(data)], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


async def test_a_tenancy_an_account_and_a_kiosk_come_into_being(tmp_path: Path) -> None:
    """Loaded, added, and a code made: the officer signs in and the kiosk enrols."""
    assert rvw(tmp_path, "tenancy", "load", str(config.FOLDER / "demo.toml")) == (0, "")
    words = [
        "--role",
        "officer",
        "--name",
        "尤示例",
        "--authority",
        "pudong",
        "--desk",
        "pudong",
        "--password",
        "correct-horse-9",
    ]
    assert rvw(tmp_path, "account", "add", "pudong9", *words, "--skill", "social-card=1", "--skill", "*=3") == (0, "")
    code, fault = rvw(tmp_path, "account", "add", "pudong8", *words, "--skill", "social-card=best")
    assert (code, "MATTER=GRADE" in fault) == (2, True)
    code, again = rvw(tmp_path, "account", "add", "pudong9", *words)
    assert code == 2
    assert "pudong9" in again
    enrolment = rvw(tmp_path, "kiosk", "code", "kiosk-pudong-1")[1].strip()
    assert rvw(tmp_path, "kiosk", "code", "nowhere")[0] == 2
    async with open_store(f"sqlite:///{tmp_path / 'rvw.sqlite3'}") as store:
        auth = Auth(store, Security(secret=SECRET))
        officer = await auth.login("pudong9", "correct-horse-9")
        assert (officer.actor.role, officer.actor.desks) == (Role.OFFICER, ("pudong",))
        assert [(skill.matter, skill.grade) for skill in officer.actor.skills] == [("social-card", 1), ("*", 3)]
        assert (await auth.enrol(enrolment)).actor.id == "kiosk-pudong-1"
