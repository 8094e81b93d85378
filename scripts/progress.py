"""A build's events as a live display: a line per task and a bar for the whole."""

import time
from dataclasses import dataclass, field

from prazium import Event, Prazium
from prazium.models import (
    CheckCompleted,
    FileCreated,
    FileModified,
    RunAdvanced,
    RunCompleted,
    TaskCompleted,
    TaskLost,
    TaskReleased,
    TaskRetried,
    TaskStarted,
)
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.spinner import Spinner
from rich.table import Table

MARKS = {
    "pending": "[dim]·[/dim]",
    "succeeded": "[green]✓[/green]",
    "failed": "[red]✗[/red]",
    "cancelled": "[yellow]-[/yellow]",
}


@dataclass
class Line:
    """What is known of a task."""

    slug: str
    sequence: int
    status: str = "pending"
    began: float = 0.0
    took: float = 0.0
    files: int = 0
    note: str = ""

    @property
    def elapsed(self) -> str:
        """Seconds since it began."""
        if self.status == "pending":
            return ""
        seconds = time.monotonic() - self.began if self.status == "running" else self.took
        return f"{seconds:5.1f} s"


@dataclass
class Board:
    """The run as the events tell it."""

    phase: str = "decomposing"
    lines: dict[str, Line] = field(default_factory=dict)

    def take(self, event: Event) -> None:
        """Let one event change the board."""
        line = self.lines.get(event.task_id or "")
        match event.payload:
            case RunAdvanced(status=status) | RunCompleted(status=status):
                self.phase = str(status)
            case TaskStarted() if line:
                line.status, line.began, line.note = "running", time.monotonic(), ""
            case FileCreated() | FileModified() if line:
                line.files += 1
            case CheckCompleted(name=name, passed=passed) if line:
                line.note += f"{name} {'✓' if passed else '✗'}  "
            case TaskRetried(error=error) if line:
                line.status, line.note = "pending", f"again: {error.message}"
            case TaskLost() if line:
                line.status, line.note = "pending", "again: its worker was lost"
            case TaskReleased() if line:
                line.status, line.note = "pending", "its worker has stopped"
            case TaskCompleted() if line:
                self.end(line, event.payload)

    def end(self, line: Line, payload: TaskCompleted) -> None:
        """A task has ended."""
        line.took = time.monotonic() - line.began if line.began else 0.0
        line.status = str(payload.status)
        if payload.error:
            line.note = payload.error.message

    def __rich__(self) -> RenderableType:
        table = Table.grid(padding=(0, 2))
        for line in sorted(self.lines.values(), key=lambda each: each.sequence):
            running = line.status == "running"
            mark: RenderableType = Spinner("dots") if running else MARKS[line.status]
            files = {0: "", 1: "1 file"}.get(line.files, f"{line.files} files")
            table.add_row("", mark, line.slug, line.status, line.elapsed, files, line.note)
        return Group(table, self.bar())

    def bar(self) -> RenderableType:
        """How much of the whole is done."""
        total = len(self.lines)
        done = sum(line.status == "succeeded" for line in self.lines.values())
        row = Table.grid(padding=(0, 2))
        row.add_row("", ProgressBar(total=total or 1, completed=done, width=40))
        row.columns[-1].width = 40
        row.add_row("", f"{done} of {total} tasks · {self.phase}")
        return row


def follow(console: Console, client: Prazium, project_id: str, run_id: str) -> None:
    """Show the run's events until it has ended."""
    board = Board()
    with Live(board, console=console, refresh_per_second=8, transient=False):
        for event in client.runs.stream_events(project_id, run_id):
            if (
                event.task_id and event.task_id not in board.lines
            ) or event.event_type == "RUN_PLANNED":
                learn(board, client, project_id, run_id)
            board.take(event)


def learn(board: Board, client: Prazium, project_id: str, run_id: str) -> None:
    """Add the tasks that are new."""
    for task in client.tasks.list(project_id, run_id):
        board.lines.setdefault(task.id, Line(task.slug, task.sequence))
