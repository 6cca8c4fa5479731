"""Tells signaling where this worker is, so that a worker joins the pool by being started.

Any one signaling process is enough: it writes the address down for all of them. The worker has signaling's address and the
control secret, and no address of any store.
"""

import asyncio
from collections.abc import Sequence

import msgspec
import structlog

from rvw.protocol.media import Register

log = structlog.get_logger()

REGISTER_S = 2.0
"""How often: well within the lease that signaling gives."""

REQUEST_S = 2.0
"""How long one signaling process may take to answer before the next is asked."""


async def keep_registered(url: str, signaling: Sequence[str], secret: str) -> None:
    """Register `url` at the first of `signaling` that answers, again and again, until cancelled."""
    import httpx2  # it takes a tenth of a second, and a worker that restarts is waited for

    headers = {"Authorization": f"Bearer {secret}", "Content-Type": "application/json"}
    known = True
    async with httpx2.AsyncClient(headers=headers, timeout=REQUEST_S) as http:
        while True:
            faults = []
            for origin in signaling:
                try:
                    answer = await http.post(f"{origin}/media/workers", content=msgspec.json.encode(Register(url)))
                    answer.raise_for_status()
                    break
                except httpx2.HTTPError as error:
                    faults.append(f"{origin}: {error!r}")
            if known and len(faults) == len(signaling):
                log.warning("signaling does not register this worker", faults=faults)
            known = len(faults) < len(signaling)
            await asyncio.sleep(REGISTER_S)
