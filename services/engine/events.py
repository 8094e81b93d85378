"""The event log's only writer.

The class of a payload is the type of the event: `TaskStarted` is `task.started` in the database and
TASK_STARTED on the channels of the first customer document.
"""

import re
from collections.abc import Sequence
from typing import Any

import msgspec

from db.pool import Transaction, jsonb
from db.queries import load
from services.context import new_id

sql = load("engine")


def event_type(payload: type) -> str:
    """`TaskStarted` → `task.started`."""
    return ".".join(re.findall(r"[A-Z][a-z]+", payload.__name__)).lower()


def channel_type(stored: str) -> str:
    """`task.started` → `TASK_STARTED`."""
    return stored.replace(".", "_").upper()


async def record(
    tx: Transaction, run_id: str, *payloads: msgspec.Struct, task_id: str | None = None
) -> None:
    """Write events of a run, in order, in the transaction that changes the state."""
    await record_each(tx, run_id, [(task_id, payload) for payload in payloads])


async def record_each(
    tx: Transaction, run_id: str, told: Sequence[tuple[str | None, msgspec.Struct]]
) -> None:
    """Write events of a run, in order, each with its task."""
    entries = [entry(payload, task_id) for task_id, payload in told]
    if entries:
        await tx.run(sql.record_run_events, run_id=run_id, events=jsonb(entries))
        tx.hint("event", run_id)


async def record_tenant(tx: Transaction, about: str, payload: msgspec.Struct) -> None:
    """Write an event of the tenant about a queue, by its name, or a schedule, by its id."""
    noun, _, _ = event_type(type(payload)).partition(".")
    await record_outside(tx, None, f"{noun}:{about}", payload)


async def record_project(tx: Transaction, project_id: str, payload: msgspec.Struct) -> None:
    """Write an event of a project outside any run."""
    await record_outside(tx, project_id, None, payload)


async def record_outside(
    tx: Transaction, project_id: str | None, about: str | None, payload: msgspec.Struct
) -> None:
    """Write an event outside any run."""
    await tx.run(
        sql.record_outside_event,
        id=new_id("evt"),
        project_id=project_id,
        about=about,
        type=event_type(type(payload)),
        payload=payload,
    )
    tx.hint("feed", tx.tenant)


def entry(payload: msgspec.Struct, task_id: str | None) -> dict[str, Any]:
    """One event as the statement takes it."""
    kind = event_type(type(payload))
    return {"id": new_id("evt"), "type": kind, "taskId": task_id, "payload": payload}
