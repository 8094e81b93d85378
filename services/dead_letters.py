"""Dead letters: jobs that have failed, until they are retried or old."""

from db.pool import Transaction
from db.queries import load

sql = load("dead_letters")


async def add(tx: Transaction, job_id: str) -> None:
    """A job has failed."""
    await tx.run(sql.add_dead_letter, job_id=job_id)


async def remove(tx: Transaction, job_ids: list[str]) -> None:
    """These jobs are queued again."""
    await tx.run(sql.remove_dead_letters, job_ids=job_ids)
