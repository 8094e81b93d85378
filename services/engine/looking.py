"""The look for what is due or lost: each worker frees it, for all of them."""

import asyncio
import random
from collections.abc import Callable

import structlog

from services.context import App
from services.engine import claim
from services.engine.expiry import expire
from services.engine.kind import Kinds
from services.errors import Unavailable

log = structlog.get_logger()

LOOK_S = 0.2
"""How often due and lost tasks are looked for."""
AGAIN_S = 0.01
"""So soon it is looked again while there is more than one look sees."""
EVER_S = 4e9
LOOKS_BACK_S = {1: 5.0, 5: 60.0, 300: 3600.0, 3000: EVER_S}
"""Every so many looks, what became due or was lost so long ago; see `Heads` for why not all."""


async def look(app: App, kinds: Kinds, holds_off: Callable[[], bool]) -> None:
    """Free what is due or lost, again and again; begin with all that there is.

    So it is again when a look saw only a part, failed or was left out: meanwhile the rest has
    grown older than the next looks go back.
    """
    looks, since = 0, EVER_S
    while True:
        at, since, more = since, EVER_S, False
        try:
            if not holds_off() and not (more := await free(app, kinds, at)):
                looks += 1
                since = max(back for every, back in LOOKS_BACK_S.items() if looks % every == 0)
        except Unavailable:
            log.warning("worker.database_unavailable")
        except Exception as error:
            log.error("worker.look_failed", exc_info=error)
        await asyncio.sleep(AGAIN_S if more else LOOK_S * random.uniform(0.9, 1.1))


async def free(app: App, kinds: Kinds, since: float) -> bool:
    """Free what became due, was lost or expired since; whether there is more than was seen."""
    freeing = await claim.free(app, since)
    app.metrics.leases_lost += freeing.lost
    more = await expire(app, kinds, since)
    return more or freeing.more
