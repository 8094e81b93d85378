"""Which tasks may run again when one is done again."""

from graphlib import TopologicalSorter
from typing import Literal

import msgspec

Status = Literal["pending", "waiting", "running", "succeeded", "failed", "skipped", "cancelled"]
LIVE = ("pending", "waiting", "running")


class Node(msgspec.Struct, frozen=True):
    """A task of a run, and the ids of those that it depends on."""

    id: str
    slug: str
    status: Status
    form: str | None
    condition: str | None
    unmet: int
    after: list[str]


def reopened(nodes: list[Node], task_id: str) -> tuple[set[str], dict[str, int]]:
    """The tasks that are open again with one that is done again, and how much tasks wait for now.

    A skipped task is open again if it could run, as far as anyone knows now. The second has a
    number for each task that is open again, and for each other that still waits for one of them.
    """
    known = {node.id: node for node in nodes}
    again = {task_id}
    for one in TopologicalSorter({node.id: node.after for node in nodes}).static_order():
        node = known[one]
        if node.status == "skipped" and again & set(node.after) and may_run(node, known, again):
            again.add(one)
    waiting = {
        node.id
        for node in nodes
        if node.status == "pending" and node.unmet and again & set(node.after)
    }
    return again, {one: unmet(known[one], known, again) for one in again | waiting}


def is_live(one: str, known: dict[str, Node], again: set[str]) -> bool:
    """Whether a task can still end."""
    return one in again or known[one].status in LIVE


def may_run(node: Node, known: dict[str, Node], again: set[str]) -> bool:
    """Whether a task could run, as far as anyone knows now."""
    hopes = [is_live(one, known, again) or known[one].status == "succeeded" for one in node.after]
    if node.condition == "any_succeeded" and hopes:
        return any(hopes)
    return node.condition == "all_ended" or all(hopes)


def unmet(node: Node, known: dict[str, Node], again: set[str]) -> int:
    """How many of those that it depends on have to end before it begins."""
    if node.condition == "any_succeeded" and any(
        known[one].status == "succeeded" for one in node.after
    ):
        return 0
    return sum(is_live(one, known, again) for one in node.after)
