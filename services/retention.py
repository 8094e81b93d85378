"""What is kept for how long; the weeks of jobs come and go as partitions."""

from db.queries import load
from services.context import App, system_transaction

sql = load("system")

WEEKS_AHEAD = 4
"""Longer than any worker pauses; a job without a week would be kept for ever."""
MOST_FORGOTTEN = 10_000


async def keep_weeks(app: App) -> None:
    """Make the weeks ahead, and drop those whose jobs are all older than they are kept."""
    async with system_transaction(app) as tx:
        await tx.run(sql.keep_weeks, ahead=WEEKS_AHEAD, days=app.settings.job_days)


async def forget_skips(app: App) -> None:
    """Forget the times without a job that are older than jobs are kept, some at a time."""
    forgotten = MOST_FORGOTTEN
    while forgotten == MOST_FORGOTTEN:
        async with system_transaction(app) as tx:
            days = app.settings.job_days
            forgotten = await tx.run(sql.forget_skips, days=days, most=MOST_FORGOTTEN)


async def forget_losses(app: App) -> None:
    """Forget which leases were lost more than a day ago."""
    async with system_transaction(app) as tx:
        await tx.run(sql.forget_losses)
