"""`python -m signaling --config FILE --set web.port=8080 …`: one signaling process."""

import asyncio
import logging
import os
import sys
from pathlib import Path

import structlog
import uvloop

from rvw.errors import RvwError
from rvw.settings import arguments, load
from signaling.app import run

BAD_START = 2


def main() -> int:
    """Serve until told to stop; return the exit code."""
    try:
        given = arguments(sys.argv[1:])
        settings = load(Path(given.config).read_text() if given.config else "", os.environ, given.flags)
        _log(settings.log_level)
        uvloop.run(run(settings))
    except (RvwError, OSError) as error:
        print(f"signaling cannot run: {error}", file=sys.stderr)  # noqa: T201 - the last word of a process
        return BAD_START
    except (KeyboardInterrupt, asyncio.CancelledError):
        pass
    return 0


def _log(level: str) -> None:
    """Log JSON lines to a file or pipe, and lines for people to a terminal."""
    last = structlog.dev.ConsoleRenderer() if sys.stderr.isatty() else structlog.processors.JSONRenderer(ensure_ascii=False)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            last,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


sys.exit(main())
