"""A process that fires schedules, so many times at once.

It takes each minute from the first on for the present one. Processes are forked from one that has
imported all that they need.
"""

import asyncio
import multiprocessing
from datetime import datetime, timedelta
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from services import firing
from services.context import App, opened
from services.settings import Settings


async def follow(app: App, first: datetime, minutes: int) -> None:
    """Fire what is due at each minute."""
    for minute in range(minutes):
        await firing.fire(app, first + timedelta(minutes=minute))


async def fire(url: str, folder: Path, first: datetime, minutes: int, at_once: int) -> None:
    """Fire in so many tasks at once."""
    settings = Settings(data_dir=folder, pool_size=8, pool_wait=60)
    async with opened(settings, url) as app:
        await asyncio.gather(*[follow(app, first, minutes) for _ in range(at_once)])


def main(*given: Any) -> None:
    """What the process does."""
    asyncio.run(fire(*given))


def started(*given: Any) -> BaseProcess:
    """A process that fires; what is given is for `fire`."""
    server = multiprocessing.get_context("forkserver")
    server.set_forkserver_preload([__name__])
    process = server.Process(target=main, args=given, daemon=True)
    process.start()
    return process
