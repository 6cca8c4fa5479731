"""A media worker as its own process, and a little site beside it that hands pages its answers."""

import asyncio
import json
import os
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import msgspec
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from rvw.protocol.media import LAYOUT

SECRET = "a secret for tests"
PAGE = Path(__file__).with_name("media_page.html")


class RunningWorker:
    """A worker that has said that it is ready."""

    def __init__(self, process: asyncio.subprocess.Process, ready: dict[str, Any], secret: str) -> None:
        self.process = process
        self.udp_port: int = ready["udp"]
        self.control = f"http://127.0.0.1:{ready['control']}"
        self.http = httpx2.AsyncClient(base_url=self.control, headers={"authorization": f"Bearer {secret}"})

    async def ask(self, what: str, body: object) -> dict[str, Any]:
        """POST to the worker, as signaling does."""
        response = await self.http.post(f"/v1/{what}", content=msgspec.json.encode(body))
        assert response.status_code == 200, response.text
        return dict(response.json())

    async def statistics(self) -> dict[str, Any]:
        """Return what the worker says of itself."""
        return dict((await self.http.get("/v1/statistics")).json())


@asynccontextmanager
async def media_worker(*settings: str, secret: str = SECRET) -> AsyncIterator[RunningWorker]:
    """Run `python -m media`; it must stop cleanly within a second and a half when told to."""
    flags = [part for setting in ("media.control_port=0", *settings) for part in ("--set", setting)]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "media", *flags,
        env={**os.environ, "RVW_SECURITY__CONTROL_SECRET": secret}, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stderr is not None
    try:
        ready = json.loads(await asyncio.wait_for(process.stderr.readline(), 30))
        assert ready["event"] == "media worker ready"
    except BaseException:
        process.kill()
        await process.wait()
        raise
    worker = RunningWorker(process, ready, secret)
    try:
        yield worker
    finally:
        await worker.http.aclose()
        if process.returncode is None:
            process.terminate()
        _, rest = await asyncio.wait_for(process.communicate(), 10)
    assert process.returncode == 0, rest.decode()
    assert '"level": "error"' not in rest.decode()


@asynccontextmanager
async def site(worker: RunningWorker, port: int = 0) -> AsyncIterator[str]:
    """Serve the page of a peer on localhost, where browsers give the camera away; yield its address.

    With `port`, browsers are sent there instead of to the worker's own.
    """

    async def page(_: Request) -> Response:
        return FileResponse(PAGE)

    async def layout(_: Request) -> Response:
        return Response(msgspec.json.encode(LAYOUT), media_type="application/json")

    async def forward(request: Request) -> Response:
        answer = await worker.http.post(f"/v1{request.url.path}", content=await request.body())
        there = f" {worker.udp_port} typ host".encode()
        content = answer.content.replace(there, f" {port or worker.udp_port} typ host".encode())
        return Response(content, answer.status_code, media_type="application/json")

    routes = [Route("/", page), Route("/layout", layout)]
    routes += [Route(path, forward, methods=["POST"]) for path in ("/join", "/bind", "/leave")]
    server = uvicorn.Server(uvicorn.Config(Starlette(routes=routes), log_config=None, lifespan="off", ws="none"))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        async with asyncio.TaskGroup() as tasks:
            serving = tasks.create_task(server._serve([listener]))
            try:
                yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
            finally:
                server.should_exit = True
                await serving
