"""Solo runs: one task each, queued by the thousand in one statement."""

from datetime import datetime
from operator import attrgetter
from typing import Any

import msgspec

from db.pool import Transaction, records
from db.queries import load
from services.context import new_id
from services.engine import limits
from services.engine.claim import ready
from services.engine.lanes import Lane
from services.engine.retry import TaskOptions

sql = load("solo")

DEFAULT_QUEUE = "default"

Row = dict[str, Any]


class NewRun(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A solo run to queue; `kind` and `name` say what is to be done with `input`.

    `options` is kept with the run for whoever made it; the engine reads `task_options` alone. It
    fails if it is not begun by `start_by`, if an attempt takes longer than `timeout_s` (then there
    may be another), or if it has not ended by `end_by`. At most `concurrency_limit` runs of the
    tenant with this `concurrency_key` have a place at once; the limit of the newest counts.
    """

    id: str
    kind: str
    name: str
    input: Any
    queue: str = DEFAULT_QUEUE
    priority: int = 0
    trigger: str = "api"
    options: Any = None
    tags: list[str] | None = None
    dedupe_key: str | None = None
    run_at: datetime | None = None
    max_attempts: int = 3
    task_options: TaskOptions | None = None
    timeout_s: float | None = None
    start_by: datetime | None = None
    end_by: datetime | None = None
    concurrency_key: str | None = None
    concurrency_limit: int | None = None
    parent_id: str | None = None
    parent_task: str | None = None
    depth: int = 0

    @property
    def task_kind(self) -> str:
        """The kind of its task: no name can be another run's kind."""
        return f"{self.kind}.{self.name}"

    def lane(self, tenant_id: str) -> Lane:
        """Where it waits."""
        return Lane(tenant_id, self.queue, self.task_kind, self.priority)


COMMON = (
    "kind",
    "name",
    "trigger",
    "queue",
    "priority",
    "max_attempts",
    "timeout_s",
    "concurrency_limit",
    "depth",
)
"""What runs of a batch are alike in, most often."""
common_of = attrgetter(*COMMON)
OWN = tuple(name for name in NewRun.__struct_fields__ if name not in (*COMMON, "id"))
own_of = attrgetter(*OWN)


class Queued(msgspec.Struct, frozen=True):
    """A run that was queued."""

    run_id: str


class Keyed(msgspec.Struct, frozen=True):
    """The live run that has a key."""

    run_id: str
    queue: str
    key: str


async def enqueue(tx: Transaction, runs: list[NewRun]) -> list[str]:
    """Queue runs in the tenant of `tx`; each one's id, or that of the live one with its key."""
    ids = {run.id: run.id for run in runs}
    left = runs
    while left:
        rows, series = rows_of(tx, left)
        queued = await tx.all(sql.enqueue_runs, Queued, runs=records(rows), series=records(series))
        fresh = {run.run_id for run in queued}
        left = [run for run in left if run.id not in fresh]
        others = await keyed(tx, left) if left else {}
        ids |= {run.id: others[key_of(run)] for run in left if key_of(run) in others}
        left = [run for run in left if key_of(run) not in others]  # those have just ended
    if any(run.concurrency_key for run in runs):
        limits.noted(tx)
    tx.hint("feed", tx.tenant)
    for kind in {run.task_kind for run in runs}:
        ready(tx, tx.tenant, kind)
    return [ids[run.id] for run in runs]


def key_of(run: NewRun) -> tuple[str, str | None]:
    """What two live runs cannot share."""
    return run.queue, run.dedupe_key


async def keyed(tx: Transaction, runs: list[NewRun]) -> dict[tuple[str, str | None], str]:
    """The live runs that have the keys of these, by queue and key."""
    keys = [{"queue": run.queue, "key": run.dedupe_key} for run in runs]
    found = await tx.all(sql.list_keyed, Keyed, keys=records(keys))
    return {(run.queue, run.key): run.run_id for run in found}


def rows_of(tx: Transaction, runs: list[NewRun]) -> tuple[list[Row], list[Row]]:
    """Runs as the statement takes them, and their series: what many have in common is said once."""
    numbers: dict[Any, int] = {}
    rows: list[Row] = []
    series: list[Row] = []
    for run in runs:
        number = numbers.setdefault(common_of(run), len(series))
        if number == len(series):
            series.append(row_of_series(tx, run, number))
        own = zip(OWN, own_of(run), strict=True)
        rows.append(
            {
                "series": number,
                "run_id": run.id,
                "task_id": new_id("task"),
                "event_id": new_id("evt"),
                **{name: value for name, value in own if value is not None},
            }
        )
    return rows, series


def row_of_series(tx: Transaction, run: NewRun, number: int) -> Row:
    """What a run has in common with others of its series."""
    return {
        "series": number,
        "lane": run.lane(tx.tenant).id,
        "task_kind": run.task_kind,
        **{name: getattr(run, name) for name in COMMON},
    }
