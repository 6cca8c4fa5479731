"""`python -m media --config FILE --set media.udp_port=40000 …`: run a media worker.

Exits with 0 after SIGTERM or SIGINT, with 2 and a sentence when the settings are wrong.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from media.app import run
from media.compiling import folder
from rvw.errors import InvalidSettings
from rvw.settings import Settings, load


def main(arguments: Sequence[str]) -> int:
    """Run a worker; return the exit code."""
    try:
        settings = _settings(arguments)
        data = Path(settings.store.data)
        spool = Path(settings.media.spool) if settings.media.spool else data / "spool"
        run(settings.media, settings.security.control_secret, settings.log_level, folder(data), spool)
    except InvalidSettings as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


def _settings(arguments: Sequence[str]) -> Settings:
    parser = argparse.ArgumentParser(prog="python -m media", description="Run a media worker.")
    parser.add_argument("--config", type=Path, help="the settings file (TOML)")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="a setting, over the file's")
    options = parser.parse_args(arguments)
    flags = dict(_flag(text) for text in options.set)
    return load(_text(options.config) if options.config else "", os.environ, flags)


def _flag(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise InvalidSettings(f"--set takes NAME=VALUE, not {text!r}")
    return name, value


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidSettings(f"the settings file {path} cannot be read: {error}") from error


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
