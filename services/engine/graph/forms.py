"""Tasks with a form: what their definitions say, and what opening them leads to."""

from datetime import datetime
from typing import Any, Literal

import msgspec

from generated.models import Failure, TaskCompleted, TaskOutcome, TaskWaiting
from services.engine.lanes import OWN_QUEUE
from services.engine.references import Budget, Reference, resolve
from services.engine.retry import TaskFailed, TaskOptions

MOST_ITEMS = 10_000
MOST_BEGUN_BYTES = 64 * 1024 * 1024
BESIDE = ", and with those of what begins together; a map's `concurrency` limits that"


class MapDefinition(msgspec.Struct, frozen=True, omit_defaults=True):
    """A task for each item of a list: `over` is the list or a reference to it.

    `input` is the definition of each, in which `$item` stands for the item; so many run `at_once`.
    With the form `run` each item is a sub-run.
    """

    over: Any
    kind: str
    input: Any
    form: Literal["run"] | None = None
    at_once: int = MOST_ITEMS
    queue: str = OWN_QUEUE
    priority: int = 0
    max_attempts: int = 3
    options: TaskOptions | None = None
    refs: list[Reference] | None = None


class WaitDefinition(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a task waits for: a time (`at` or `seconds`), a signal, or an answer.

    With a signal or an answer the time is when it stops waiting: then it fails, or has the result
    `otherwise` if there is one. `by` are the subjects that may answer; without it, everyone.
    """

    reason: Literal["timer", "signal", "answer"]
    at: datetime | None = None
    seconds: float | None = None
    name: str | None = None
    by: list[str] | None = None
    otherwise: list[Any] = []
    about: Any = None


class RunDefinition(msgspec.Struct, frozen=True):
    """A run of a kind that takes `input`."""

    kind: str
    input: Any


class Opened(msgspec.Struct, frozen=True):
    """A task with a form whose turn it is; what it refers to, and how deep its run is in others.

    A map that is done again was `expanded` before.
    """

    id: str
    slug: str
    form: Literal["map", "wait", "run"]
    status: Literal["pending", "waiting"]
    sequence: int
    unmet: int
    definition: Any
    refs: list[Reference]
    results: list[list[Any]] | None
    expanded: bool
    depth: int

    def resolved(self) -> Any:
        """The definition with what it refers to; one that refers to nothing is as it will be.

        Raises: TaskFailed.
        """
        if not self.refs:
            return self.definition
        return resolve(self.definition, self.refs, self.results)


class Ended(msgspec.Struct, frozen=True):
    """The end of a task; not `stored` is one that is still to be written."""

    id: str
    outcome: TaskOutcome = TaskOutcome.skipped
    result: Any = None
    error: Failure | None = None
    stored: bool = True

    @property
    def payload(self) -> TaskCompleted:
        """The event of it."""
        return TaskCompleted(status=self.outcome, error=self.error or msgspec.UNSET)


class Rest(msgspec.Struct, frozen=True):
    """A task that rests until a time or so many seconds, or until its sub-run has ended."""

    task: Opened
    told: TaskWaiting
    at: datetime | None = None
    seconds: float | None = None
    child_id: str | None = None

    def row(self) -> dict[str, Any]:
        """As the statement takes it."""
        return {
            "id": self.task.id,
            "at": self.at,
            "seconds": self.seconds,
            "child_id": self.child_id,
        }


class Opening(msgspec.Struct):
    """What opening tasks leads to: ends, rest, sub-runs to start, items to be opened in turn."""

    ended: list[Ended] = []
    resting: list[Rest] = []
    runs: list[tuple[Opened, RunDefinition]] = []
    items: list[str] = []
    budget: Budget = msgspec.field(default_factory=lambda: Budget(MOST_BEGUN_BYTES, beside=BESIDE))

    def fail(self, task: Opened, error: TaskFailed) -> None:
        """A task could not be opened."""
        self.ended.append(Ended(task.id, TaskOutcome.failed, error=error.failure, stored=False))
