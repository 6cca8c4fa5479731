"""`rvw device-sim`: the devices of a kiosk, simulated. For trying the window out, for training, and for tests."""

import asyncio
import sys
import time
from pathlib import Path
from typing import Annotated

import typer

import config

app = typer.Typer(no_args_is_help=True, help="The devices of a kiosk, simulated: made-up people, cards, pens and faults.")

PORT = 17_710
Port = Annotated[int, typer.Option(help="The port of the bridge on 127.0.0.1; as in the setting kiosk.bridge.")]


@app.command("run")
def run(
    port: Port = PORT,
    origin: Annotated[list[str] | None, typer.Option(help="The window's origin; others are refused.")] = None,
    people: Annotated[Path, typer.Option(help="The made-up people.")] = config.FOLDER / "devices.toml",
    data: Annotated[Path, typer.Option(help="The window's data folder, for the made-up verifier's key.")] = Path("var"),
) -> None:
    """Run the bridge with its devices. Script lines come from the keyboard, or by `rvw device-sim do`."""
    from rvw.cli.devices import bridge

    origins = tuple(origin or ("http://127.0.0.1:8080",))
    asyncio.run(bridge.run(port, origins, people.read_text(encoding="utf-8"), data, time.time))


@app.command("do")
def do(
    words: Annotated[list[str], typer.Argument(metavar="LINE", help="insert card wang · sign · unplug printer · help")],
    port: Port = PORT,
) -> None:
    """Do what a person, or a fault, would do at the devices of a running bridge."""
    from rvw.cli.devices import bridge

    answer = asyncio.run(bridge.say(port, " ".join(words)))
    print(answer)
    sys.exit(1 if answer.startswith("no: ") else 0)
