"""Where an attempt runs: in the worker's loop, in a process of its own, or elsewhere.

The contract of every executor is written in docs/executors.md and tried by the tests in
tests/engine/executor_contract.py.
"""

import asyncio
import contextlib
import re
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Protocol

import msgspec
import structlog

from services.engine.retry import TaskFailed
from services.portable import Attempt, CannotDo, Function

log = structlog.get_logger()

MAX_RESULT = 16 * 1024 * 1024
GIVE_UP_S = 1.5
CODE = re.compile(r"[A-Z][A-Z0-9_]{2,49}")
NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")


class Stopped(Exception):
    """The attempt ended because it was told to."""


class Execution(Protocol):
    """An attempt that was started."""

    def cancel(self) -> None:
        """Tell it to end; it has ended within two seconds. May be called again, and too late."""

    async def result(self) -> msgspec.Raw:
        """Wait for the end, as often as wanted; what the function returned, as JSON.

        Raises: TaskFailed whatever went wrong, Stopped after `cancel`.
        """


class Executor(Protocol):
    """Runs attempts."""

    def start(self, function: Function, attempt: Attempt) -> Execution:
        """Begin an attempt. Whatever cannot be started is a failure of the attempt."""


async def executed(executor: Executor, function: Function, attempt: Attempt) -> msgspec.Raw:
    """Run an attempt to its end; a cancelled caller goes on when the attempt has ended.

    Raises: TaskFailed.
    """
    execution = executor.start(function, attempt)
    try:
        return await execution.result()
    except asyncio.CancelledError:
        execution.cancel()
        with contextlib.suppress(TaskFailed, Stopped):
            await asyncio.shield(execution.result())
        raise


def end(task: "asyncio.Task[Any]", give_up_s: float, given_up: Callable[[], object]) -> None:
    """Cancel a task, and once more if it does not end; then call `given_up` and let it be.

    A well-behaved task has two thirds of the time to tidy up in peace.
    """
    loop = asyncio.get_running_loop()

    def give_up() -> None:
        if not task.done():
            log.warning("attempt.given_up", task=task.get_name())
            ABANDONED.add(task)
            task.add_done_callback(forget)
            given_up()

    def ended(_: object) -> None:
        again.cancel()
        last.cancel()

    task.cancel()
    again = loop.call_later(give_up_s * 2 / 3, task.cancel)
    last = loop.call_later(give_up_s, give_up)
    task.add_done_callback(ended)


ABANDONED: set["asyncio.Task[Any]"] = set()
"""What has not ended although it was told to; held so that it is not collected half done."""


def forget(task: "asyncio.Task[Any]") -> None:
    """Let go of what has ended after all, whatever it raises."""
    ABANDONED.discard(task)
    if not task.cancelled():
        task.exception()


class Running:
    """A coroutine that has ended `give_up_s` after it is told to, at the latest.

    One that goes on nevertheless is not waited for, and whatever it does is not looked at.
    """

    def __init__(self, work: Coroutine[Any, Any, Any], give_up_s: float = GIVE_UP_S) -> None:
        self._task = asyncio.create_task(work)
        self._given_up = asyncio.get_running_loop().create_future()
        self._give_up_s = give_up_s
        self._told = False

    def cancel(self) -> None:
        """Tell it to end."""
        if not self._told and not self._task.done():
            self._told = True
            end(self._task, self._give_up_s, lambda: self._given_up.set_result(None))

    async def result(self) -> Any:
        """Wait for the end. Raises: Stopped after `cancel`, or what the coroutine raises."""
        await asyncio.wait({self._task, self._given_up}, return_when=asyncio.FIRST_COMPLETED)
        if self._told:
            if self._task.done():
                forget(self._task)
            raise Stopped
        return self._task.result()


class InLoop:
    """In the worker's event loop: cheap, for functions that wait more than they compute.

    A function that blocks the loop blocks the worker; that one belongs into a process.
    """

    def start(self, function: Function, attempt: Attempt) -> Execution:
        """Begin an attempt."""
        return Running(in_loop(function, attempt))


async def in_loop(function: Function, attempt: Attempt) -> msgspec.Raw:
    """Call the function here. Raises: TaskFailed."""
    try:
        return as_json(await function(attempt))
    except CannotDo as error:
        raise failure(error) from error
    except TaskFailed:
        raise
    except Exception as error:
        log.error("attempt.crashed", kind=attempt.kind, exc_info=error)
        raise crashed(f"The function raised {type(error).__name__}.") from error


def as_json(value: Any) -> msgspec.Raw:
    """What a function returned. Raises: TaskFailed if it is no JSON, or none that can be kept."""
    try:
        encoded = msgspec.json.encode(value)
    except (TypeError, ValueError, OverflowError, RecursionError) as error:
        raise TaskFailed("RESULT_INVALID", "What the function returned is not JSON.") from error
    check_size(encoded)
    if b"\\u0000" in encoded and NUL.search(encoded):
        raise TaskFailed("RESULT_INVALID", "The result holds the character U+0000.")
    return msgspec.Raw(encoded)


def check_size(encoded: bytes) -> None:
    """Raises: TaskFailed for a result that is too large."""
    if len(encoded) > MAX_RESULT:
        limit = f"{MAX_RESULT // 2**20} MiB"
        raise TaskFailed("RESULT_TOO_LARGE", f"The result has more than {limit}.")


def failure(error: CannotDo) -> TaskFailed:
    """A function's own refusal as the engine records it."""
    code = error.code if CODE.fullmatch(error.code) else "FAILED"
    return TaskFailed(
        code,
        str(error).replace("\0", "\ufffd"),
        retryable=error.retryable,
        retry_after_s=error.retry_after_s,
    )


def crashed(message: str) -> TaskFailed:
    """An attempt that did not come to an end of its own; another may."""
    return TaskFailed("ATTEMPT_CRASHED", message, retryable=True)


class Ended(Protocol):
    """How a process ended (`adapters.child.Ended`)."""

    @property
    def outcome(self) -> bytes | None:
        """What it left: JSON with `result` or `failure`."""

    @property
    def exit_code(self) -> int | None:
        """None if it was killed."""

    @property
    def killed_for(self) -> str | None:
        """Which limit it passed."""

    @property
    def output_tail(self) -> str:
        """The end of what it printed."""


Call = Callable[[str, bytes], Awaitable[Ended]]
"""Calls the function `package.module:name` with the JSON of an attempt, in a process.

When it is cancelled, every process is dead before the cancellation goes on.
"""


class InProcess:
    """In a process of its own: the function may crash, compute for ever or be killed.

    The function must be found by its module and name (or tell its `path`), and its module must be
    importable alone.
    """

    def __init__(self, call: Call) -> None:
        self._call = call

    def start(self, function: Function, attempt: Attempt) -> Execution:
        """Begin an attempt."""
        # The sandbox ends its processes within two seconds by itself.
        return Running(self._run(function, attempt), give_up_s=10.0)

    async def _run(self, function: Function, attempt: Attempt) -> msgspec.Raw:
        try:
            ended = await self._call(path_of(function), msgspec.json.encode(attempt))
        except TaskFailed:
            raise
        except Exception as error:
            log.error("attempt.not_started", kind=attempt.kind, exc_info=error)
            raise crashed("The function's process could not be started.") from error
        if ended.exit_code != 0 or ended.outcome is None:
            log.warning(
                "attempt.process_ended", kind=attempt.kind, output=ended.output_tail[-2000:]
            )
            raise process_failure(ended)
        return read(ended.outcome)


def path_of(function: Function) -> str:
    """`package.module:name`. Raises: LookupError for what has no name of its own there."""
    if isinstance(path := getattr(function, "path", None), str):
        return path
    name = getattr(function, "__qualname__", "")
    if not name.isidentifier():
        raise LookupError(f"{function!r} is no function of a module.")
    return f"{function.__module__}:{name}"


KILLED = {
    "wall_time": ("TIMED_OUT", "The function took too long."),
    "cpu_time": ("LIMIT_EXCEEDED", "The function used too much processor time."),
    "memory": ("LIMIT_EXCEEDED", "The function used too much memory."),
    "processes": ("LIMIT_EXCEEDED", "The function ran too many processes."),
    "disk": ("LIMIT_EXCEEDED", "The function wrote too much to its folder."),
    "output": ("LIMIT_EXCEEDED", "The function printed too much."),
}


def process_failure(ended: Ended) -> TaskFailed:
    """Why a process came to nothing."""
    if ended.killed_for in KILLED:
        code, message = KILLED[ended.killed_for]
        return TaskFailed(code, message, retryable=ended.killed_for == "wall_time")
    code_shown = "" if ended.exit_code is None else f" with exit code {ended.exit_code}"
    return crashed(f"The function's process ended{code_shown} before the function did.")


class Refusal(msgspec.Struct):
    """A function's own refusal, as it crosses the wall."""

    code: str
    message: str
    retryable: bool = False
    retry_after_s: float | None = None


class Outcome(msgspec.Struct):
    """What a function came to, as it crosses the wall."""

    result: Any = None
    failure: Refusal | None = None


def read(outcome: bytes) -> msgspec.Raw:
    """The result. Raises: TaskFailed."""
    check_size(outcome)
    try:
        found = msgspec.json.decode(outcome, type=Outcome)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise crashed("The function's process left nothing that can be read.") from error
    if found.failure is not None:
        refusal = msgspec.structs.asdict(found.failure)
        raise failure(CannotDo(refusal.pop("code"), refusal.pop("message"), **refusal))
    return as_json(found.result)
