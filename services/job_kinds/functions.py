"""Kinds of jobs that the operator adds: Python functions, each attempt in a process of its own."""

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from services import results
from services.adapters.child import Child, Ended
from services.adapters.sandbox import Limits, SandboxMissing
from services.engine.claim import TaskContext, TaskRow
from services.engine.executors import MAX_RESULT, InProcess, executed
from services.engine.kind import Completion, TaskFunction
from services.engine.retry import TaskFailed
from services.job_kinds.command import mode
from services.portable import Attempt, Function
from services.settings import Settings

LIMITS = Limits(wall_s=3600, cpu_s=3600, memory_mb=1024)


@dataclass(frozen=True, slots=True)
class Named:
    """A function by `package.module:name`, which only the process that calls it imports."""

    path: str

    async def __call__(self, attempt: Attempt) -> Any:
        """Import and call it here."""
        module, _, name = self.path.partition(":")
        return await getattr(importlib.import_module(module), name)(attempt)


def functions(settings: Settings) -> Mapping[str, TaskFunction]:
    """The operator's functions by the kind of job."""
    return {
        kind: partial(in_process, kind, Named(path))
        for kind, path in settings.job_functions.paths.items()
    }


async def in_process(kind: str, function: Function, ctx: TaskContext, task: TaskRow) -> Completion:
    """One attempt. Raises: TaskFailed."""
    attempt = Attempt(
        kind=kind,
        input=msgspec.json.decode(task.definition),
        token=task.id,
        number=task.attempt,
    )
    executor = InProcess(partial(call, ctx.settings))
    return await results.completion(ctx, task.run_id, await executed(executor, function, attempt))


async def call(settings: Settings, path: str, argument: bytes) -> Ended:
    """Call a function in the sandbox. Raises: TaskFailed if there has to be one and is none."""
    child = Child(
        folders=Path(settings.data_dir / "jobs"),
        limits=LIMITS,
        mode=mode(settings),
        max_outcome=MAX_RESULT,
    )
    try:
        return await child.call(path, argument)
    except SandboxMissing as error:
        raise TaskFailed("SANDBOX_MISSING", str(error), retryable=True) from error
