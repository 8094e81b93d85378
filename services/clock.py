"""What time it is for the database: by its clock, jobs begin and end.

A process reckons from a clock that only counts, so that neither a machine whose clock is wrong nor
one whose clock is set anew changes when anything is due.
"""

import asyncio
import time
from datetime import UTC, datetime, timedelta

import structlog

from db.errors import DatabaseError
from db.pool import Database
from db.queries import load

log = structlog.get_logger()
sql = load("system")

EVERY_S = 30.0
RETRY_S = 1.0
MOST_S = 1.0
"""An answer that took longer says too little."""
BOOT = getattr(time, "CLOCK_BOOTTIME", None)


def counted() -> float:
    """Seconds that have passed; also those of a machine asleep, where its system counts them."""
    return time.clock_gettime(BOOT) if BOOT is not None else time.monotonic()


class Clock:
    """The database's time; this machine's until it has been asked for the first time."""

    def __init__(self) -> None:
        self.set(datetime.now(UTC), counted())

    def now(self) -> datetime:
        """The time, in UTC."""
        return self._time + timedelta(seconds=counted() - self._at)

    def set(self, told: datetime, at: float) -> None:
        """It was so late `at` this moment (`counted`)."""
        self._time, self._at = told.astimezone(UTC), at

    async def ask(self, db: Database) -> bool:
        """Ask the database; whether its answer came soon enough to be used.

        Raises: DatabaseError.
        """
        async with db.system() as tx:
            began = counted()
            told = await tx.value(sql.tell_time)
            took = counted() - began
        if took > MOST_S:
            return False
        self.set(told, began + took / 2)
        return True

    async def follow(self, db: Database) -> None:
        """Ask again and again, until this is cancelled."""
        while True:
            try:
                told = await self.ask(db)
            except DatabaseError:
                told = False  # who needs the database says that it is away
            except Exception as error:
                told = False
                log.error("clock.not_told", exc_info=error)
            await asyncio.sleep(EVERY_S if told else RETRY_S)
