"""A process that fires schedules: python -m tests.faults.firers URL FOLDER FIRST MINUTES AT_ONCE

It takes each minute from the first on for the present one, so many times at once.
"""

import asyncio
import sys
from datetime import datetime, timedelta
from pathlib import Path

from services import firing
from services.context import App, opened
from services.settings import Settings


async def follow(app: App, first: datetime, minutes: int) -> None:
    """Fire what is due at each minute."""
    for minute in range(minutes):
        await firing.fire(app, first + timedelta(minutes=minute))


async def main(url: str, folder: str, first: str, minutes: str, at_once: str) -> None:
    """Fire in so many tasks at once."""
    settings = Settings(data_dir=Path(folder), pool_size=8, pool_wait=60)
    async with opened(settings, url) as app:
        start = datetime.fromisoformat(first)
        await asyncio.gather(*[follow(app, start, int(minutes)) for _ in range(int(at_once))])


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
