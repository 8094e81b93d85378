"""A process full of claimers, for tests of what must hold over processes.

`python -m tests.engine.claimers URL COUNT HOLD_S`: each of COUNT claimers takes one task at a time,
works on it for about HOLD_S and finishes it. It looks again when it is told to, or once a second.
"""

import asyncio
import random
import sys
from pathlib import Path

from db.listen import wait
from db.pool import Transaction
from generated.models import Failure, Outcome
from services.context import App, new_id, opened, system_transaction, tenant_transaction
from services.engine import claim, limits
from services.engine.complete import Success, finish
from services.engine.kind import EndedRun, Kind
from services.engine.lanes import Heads
from services.settings import Settings

POLL_S = 1.0


async def nothing(tx: Transaction, run: EndedRun, how: Outcome, error: Failure | None) -> None:
    """Nothing follows the end of a run."""


KINDS = {"test": Kind(functions={}, ended=nothing)}


LEASE_S = 3.0


async def claimer(app: App, hold_s: float) -> None:
    """One that works alone."""
    heads, worker_id = Heads(), new_id("wrk")
    with app.hints.subscribe("ready", "test.do") as hint:
        while True:
            async with system_transaction(app) as tx:
                leases = await claim.claim(
                    tx,
                    heads,
                    worker_id=worker_id,
                    kinds=["test.do"],
                    slots=1,
                    lease_seconds=LEASE_S,
                )
            for lease in leases:
                await asyncio.sleep(hold_s * random.uniform(0.5, 1.5))
                async with tenant_transaction(app, lease.tenant_id) as tx:
                    tasks = await claim.begin(tx, [lease])
                    await finish(tx, KINDS, [Success(task) for task in tasks])
            if not leases:
                await wait(hint, POLL_S)


async def main(url: str, count: int, hold_s: float) -> None:
    """All claimers of a process, until it is killed."""
    settings = Settings(data_dir=Path("/nonexistent"), pool_size=100, pool_wait=30.0)
    async with opened(settings, url) as app:
        claimers = (claimer(app, hold_s) for _ in range(count))
        await asyncio.gather(limits.keep(app), *claimers)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3])))
