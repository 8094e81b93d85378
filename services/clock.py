"""What time it is for the database: all that ends by a time ends by its clock.

A process reckons from its own monotonic clock, so that neither a machine whose clock is wrong nor
one whose clock is set anew changes when anything is due.
"""

import asyncio
from datetime import UTC, datetime, timedelta
from time import monotonic

from db.errors import DatabaseError
from db.pool import Database
from db.queries import load

sql = load("system")

EVERY_S = 30.0
RETRY_S = 1.0
MOST_S = 1.0
"""An answer that took longer says too little."""


class Clock:
    """The database's time; this machine's until it has been asked for the first time."""

    def __init__(self) -> None:
        self.set(datetime.now(UTC), monotonic())

    def now(self) -> datetime:
        """The time, in UTC."""
        return self._time + timedelta(seconds=monotonic() - self._at)

    def set(self, time: datetime, at: float) -> None:
        """It was so late `at` this moment of the monotonic clock."""
        self._time, self._at = time.astimezone(UTC), at

    async def ask(self, db: Database) -> bool:
        """Ask the database; whether its answer came soon enough to be used.

        Raises: DatabaseError.
        """
        async with db.system() as tx:
            began = monotonic()
            time = await tx.value(sql.tell_time)
            took = monotonic() - began
        if took > MOST_S:
            return False
        self.set(time, began + took / 2)
        return True

    async def follow(self, db: Database) -> None:
        """Ask again and again, until this is cancelled."""
        while True:
            try:
                told = await self.ask(db)
            except DatabaseError:
                told = False  # who needs the database says that it is away
            await asyncio.sleep(EVERY_S if told else RETRY_S)
