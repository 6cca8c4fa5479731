"""`rvw media`: what an operator says to a media worker that runs.

Spoken to at its control port, with the control secret of the environment or of the data folder.
"""

import json
import os
import time
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from rvw.errors import InvalidInput, Unavailable
from rvw.protocol.media import Alive, Drain

app = typer.Typer(no_args_is_help=True, help="Media workers that run.")

LOOK_S = 1.0

Name = Annotated[
    str, typer.Argument(metavar="NAME", help="media-1 … of `rvw up`, or the address of a control port: http://host:8100")
]
Data = Annotated[Path, typer.Option(help="The data folder of `rvw up`.")]


@app.command()
def show(name: Name, data: Data = Path("var")) -> None:
    """Print how a worker is doing, as JSON."""
    print(json.dumps(_ask(_url(name, data), "GET", "health", None, data)))


@app.command()
def drain(
    name: Name,
    data: Data = Path("var"),
    wait: Annotated[bool, typer.Option("--wait", help="Return when nobody is connected to it any more.")] = False,
) -> None:
    """Give a worker no new rooms. Who waits or is on hold moves away at once, talks stay until they end."""
    url = _url(name, data)
    load = _drain(url, draining=True, data=data)
    while wait and load["peers"]:
        print(f"{load['peers']} connected, {load['rooms']} rooms", flush=True)
        time.sleep(LOOK_S)  # noqa: TID251 - an operator waits
        load = _ask(url, "GET", "health", None, data)
    print(json.dumps(load))


@app.command()
def resume(name: Name, data: Data = Path("var")) -> None:
    """Give a drained worker new rooms again."""
    print(json.dumps(_drain(_url(name, data), draining=False, data=data)))


def _drain(url: str, *, draining: bool, data: Path) -> dict[str, object]:
    load = msgspec.convert(_ask(url, "POST", "drain", Drain(draining), data), Alive)
    return {"peers": load.peers, "rooms": load.rooms, "draining": load.draining}


def _url(name: str, data: Path) -> str:
    if name.startswith("http"):
        return name.rstrip("/")
    file = data / "run" / f"{name}.url"
    if not file.exists():
        raise InvalidInput(f"{name} is not a worker of {data}: give its address, or --data")
    return file.read_text().strip()


def control_secret(data: Path) -> str:
    """Return what workers are shown: the secret of the environment, or that of the data folder."""
    from rvw.cli.machine import own_secrets

    secret = os.environ.get("RVW_SECURITY__CONTROL_SECRET", "")
    return own_secrets(data).control_secret if not secret and (data / "secrets.toml").exists() else secret


def _ask(url: str, method: str, what: str, body: msgspec.Struct | None, data: Path) -> dict[str, object]:
    import httpx2

    headers = {"Authorization": f"Bearer {control_secret(data)}"}
    try:
        content = msgspec.json.encode(body) if body else None
        response = httpx2.request(method, f"{url}/v1/{what}", content=content, headers=headers, timeout=5)
    except httpx2.HTTPError as error:
        raise Unavailable(f"the worker at {url} does not answer: {type(error).__name__}") from error
    if response.status_code != httpx2.codes.OK:
        raise InvalidInput(f"the worker at {url} refuses: {response.json().get('text', response.status_code)}")
    return dict(response.json())
