"""What the engine does now, in the terminal: queues, workers, failures, once a second."""

import asyncio
import time
from collections.abc import Iterator

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from services.context import App
from services.engine.lanes import OWN_QUEUE
from services.errors import NotFound, Unavailable
from services.overview import (
    FAILURE_MINUTES,
    MOST,
    ROWS,
    Flow,
    Overview,
    Queue,
    Seen,
    Wanted,
    look,
)

EVERY_S = 1.0
WIDE = 140
"""Columns of a frame that goes to no terminal."""
SILENT_S = {True: 15.0, False: 60.0}
"""So long after their last word, our own workers and others are marked as silent."""
NUMBERS = ("Ready", "Delayed", "Parked", "Running", "Failed", "Oldest", "Starts/s", "Ends/s")
UNITS = ((86400, "d"), (3600, "h"), (60, "min"))


async def show(app: App, wanted: Wanted, *, once: bool) -> None:
    """Show frames until this is cancelled, or one frame.

    Raises: Unavailable if there is no database for one frame, NotFound if what it is to show is
    not there.
    """
    console = Console(stderr=False)
    if once or not console.is_terminal:
        await print_once(app, wanted, console)
        return
    shown, failed_at = None, 0.0
    with Live(console=console, screen=True, auto_refresh=False) as live:
        while True:
            began = time.monotonic()
            try:
                shown, failed_at = await look(app, wanted, shown), 0.0
                live.update(frame(shown, wanted), refresh=True)
            except Unavailable as error:
                failed_at = failed_at or began
                live.update(away(shown, wanted, began - failed_at, error), refresh=True)
            await asyncio.sleep(max(0.1, EVERY_S - (time.monotonic() - began)))


async def print_once(app: App, wanted: Wanted, console: Console) -> None:
    """Print one frame; rates need two looks.

    Raises: Unavailable, NotFound if what is wanted is not there.
    """
    first = await look(app, wanted)
    if first.unknown:
        raise NotFound(nothing(first, wanted))
    await asyncio.sleep(EVERY_S)
    if not console.is_terminal:
        console = Console(width=max(console.width, WIDE))
    console.print(frame(await look(app, wanted, first), wanted))


def away(
    shown: Overview | None, wanted: Wanted, seconds: float, error: Unavailable
) -> RenderableType:
    """What was seen last, under a line that says so."""
    line = Text(f"No answer from the database for {age(seconds)}: {error} Trying on.", "bold red")
    return Group(line, Text(), frame(shown, wanted)) if shown else line


def frame(shown: Overview, wanted: Wanted) -> RenderableType:
    """One look as a screen."""
    return Group(*parts(shown, wanted))


def parts(shown: Overview, wanted: Wanted) -> Iterator[RenderableType]:
    """The parts of a screen, from top to bottom."""
    yield totals(shown)
    yield Text()
    if shown.queues:
        yield queue_table(shown)
        if len(shown.queues) == ROWS:
            yield Text(f"The first {ROWS} queues; --tenant and --queue show others.", "dim")
    else:
        yield Text(nothing(shown, wanted), "dim")
    yield Text()
    if shown.workers:
        yield worker_table(shown)
    else:
        yield Text("No worker was heard of in the last two minutes: start `prazium worker`.", "red")
    if shown.failures:
        yield Text()
        yield failure_table(shown)


def nothing(shown: Overview, wanted: Wanted) -> str:
    """Why there are no queues."""
    if shown.unknown == "tenant":
        return f"There is no tenant {wanted.tenant}."
    if shown.unknown == "queue":
        return f"There is no queue {wanted.queue}; a queue is made by its first job."
    return "Nothing here yet: a queue is made by its first job."


def totals(shown: Overview) -> Text:
    """The installation in two lines."""
    depth, vitals = shown.depth, shown.vitals
    lost = vitals.leases_lost_last_hour
    text = Text()
    text.append("prazium top", "bold")
    text.append(f"  {shown.moment.at:%Y-%m-%d %H:%M:%S} UTC    ", "dim")
    text.append(f"workers {vitals.workers_alive:,}", "" if vitals.workers_alive else "bold red")
    text.append(f"  over HTTP {count(vitals.http_workers_alive)}    ")
    text.append(f"leases lost in the last hour {lost:,}\n", "yellow" if lost else "")
    text.append(f"ready {count(depth.ready)}  delayed {count(depth.delayed)}  ")
    text.append(f"running {count(depth.running)}  waits of graphs {count(depth.waiting)}    ")
    text.append("oldest waiting ")
    text.append(f"{age(vitals.oldest_ready_seconds)}, ")
    text.append(f"for our own workers {age(vitals.oldest_own_ready_seconds)}")
    return text


def queue_table(shown: Overview) -> Table:
    """A line for each queue."""
    table = listed("Tenant", "Queue")
    numbered(table, *NUMBERS)
    table.add_column("")
    for queue in shown.queues:
        flow = (shown.flows or {}).get(queue.key)
        rates = rated(flow) if shown.flows is not None else ("", "")
        held = (queue.ready, queue.delayed, queue.parked, queue.running, queue.failed)
        oldest = "" if queue.oldest_s is None else age(queue.oldest_s)
        table.add_row(
            plain(queue.tenant),
            name_of(queue.queue),
            *map(count, held),
            oldest,
            *rates,
            held_by(queue),
        )
    return table


def worker_table(shown: Overview) -> Table:
    """A line for each worker."""
    table = listed("Worker", "Whose", "Takes")
    numbered(table, "Working", "Lost", "Up", "Seen")
    for worker in shown.workers:
        table.add_row(
            plain(worker.place or worker.id),
            plain(worker.tenant) if worker.tenant else Text("ours", "dim"),
            takes(worker),
            f"{worker.working:,} of {worker.slots:,}",
            Text(f"{worker.leases_lost:,}", "yellow" if worker.leases_lost else ""),
            age(worker.up_s),
            seen(worker),
        )
    return table


def failure_table(shown: Overview) -> Table:
    """A line for each code."""
    table = listed(f"Failed in the last {FAILURE_MINUTES} minutes")
    numbered(table, "Jobs", "Last")
    for failed in shown.failures:
        ago = (shown.moment.at - failed.last).total_seconds()
        table.add_row(plain(failed.code), count(failed.failures), f"{age(ago)} ago")
    return table


def listed(*names: str) -> Table:
    """A table without lines that begins with columns of names.

    Where there is no room for all, words are cut and numbers are not.
    """
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold cyan")
    for name in names:
        table.add_column(words(name), max_width=40)
    return table


def numbered(table: Table, *names: str) -> None:
    """Columns of numbers behind those of names."""
    for name in names:
        table.add_column(name, justify="right", no_wrap=True)


def words(text: str, style: str = "") -> Text:
    """Words on one line that may be cut."""
    return Text(text, style, no_wrap=True, overflow="ellipsis")


def name_of(queue: str) -> Text:
    """A queue's name; what the product itself does has a queue of its own."""
    return words("builds, exports", "dim") if queue == OWN_QUEUE else plain(queue)


def held_by(queue: Queue) -> Text:
    """What holds a queue's jobs back, and what graphs wait for, which is nobody's work."""
    if queue.paused:
        return words("paused", "bold yellow")
    held = [f"waits of graphs {count(queue.waits)}"] if queue.waits else []
    if queue.concurrency is not None:
        held.append(f"{queue.concurrency:,} at once")
    if queue.rate_limit is not None:
        held.append(f"{queue.rate_limit:,} in {queue.rate_period_s:,} s")
    return words(", ".join(held), "dim")


def rated(flow: Flow | None) -> tuple[str, str]:
    """Starts and ends a second."""
    if flow is None:
        return "0", "0"
    seconds = max(flow.seconds, 0.001)
    return rate(flow.starts / seconds), rate(flow.ends / seconds)


def rate(value: float) -> str:
    """A rate: `0.4`, `1,240`."""
    return f"{value:.1f}" if 0 < value < 10 else f"{value:,.0f}"


def takes(worker: Seen) -> Text:
    """Which kinds of which queues a worker takes."""
    queues = [
        "builds, exports" if queue == OWN_QUEUE else queue for queue in worker.queues or ["all"]
    ]
    kinds = f"{', '.join(worker.kinds)} in " if worker.kinds else ""
    return plain(kinds + ", ".join(queues))


def seen(worker: Seen) -> Text:
    """When a worker was last heard of."""
    silent = worker.seen_s > SILENT_S[worker.tenant is None]
    return Text(f"{age(worker.seen_s)} ago", "bold red" if silent else "")


def count(n: int) -> str:
    """A number; at its bound it says so."""
    return f"{n:,}+" if n >= MOST else f"{n:,}"


def age(seconds: float) -> str:
    """`0.4 s`, `12 s`, `3 min`, `2 h`, `5 d`."""
    for size, unit in UNITS:
        if seconds >= 2 * size:
            return f"{seconds // size:,.0f} {unit}"
    return f"{seconds:.1f} s" if 0 < seconds < 10 else f"{seconds:.0f} s"


def plain(text: str) -> Text:
    """What others have named, without anything that a terminal would obey."""
    return words("".join(letter if letter.isprintable() else "\ufffd" for letter in text))
