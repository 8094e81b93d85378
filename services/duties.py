"""What every worker process does beside its tasks, again and again.

All workers do it, so each duty bears being done by several at once.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import NamedTuple

import structlog

from services import builds, exports, firing, idempotency, results, retention, worker
from services.context import App

log = structlog.get_logger()

HOUSEKEEPING_S = 30.0
FIRING_S = 0.4
RETRY_S = 1.0


class Duty(NamedTuple):
    """What is to be done, and the pause after it in seconds."""

    chore: Callable[[App], Awaitable[object]]
    pause_s: float


DUTIES = (
    Duty(firing.fire, FIRING_S),
    Duty(builds.sweep, HOUSEKEEPING_S),
    Duty(exports.expire, HOUSEKEEPING_S),
    Duty(idempotency.expire, HOUSEKEEPING_S),
    Duty(worker.forget, HOUSEKEEPING_S),
    Duty(retention.forget_losses, 3600.0),
    Duty(retention.forget_skips, 3600.0),
    Duty(retention.keep_weeks, 3600.0),
    Duty(results.sweep, 3600.0),
)


async def keep(app: App) -> None:
    """Do all duties until this is cancelled."""
    async with asyncio.TaskGroup() as group:
        for duty in DUTIES:
            group.create_task(perform(app, duty))


async def perform(app: App, duty: Duty) -> None:
    """Do one; what fails is tried again, and stops no other."""
    while True:
        try:
            await duty.chore(app)
        except Exception as error:
            log.warning("duty.failed", duty=duty.chore.__module__, error=repr(error))
            await asyncio.sleep(RETRY_S)
        await asyncio.sleep(duty.pause_s)
