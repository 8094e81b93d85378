"""Whether tasks make a graph."""

from collections import Counter
from collections.abc import Sequence
from graphlib import CycleError, TopologicalSorter

import msgspec


class InvalidGraph(Exception):
    """The tasks do not make a graph; the message says why."""


class Node(msgspec.Struct, kw_only=True):
    """A task among others: its name in the plan, its name in the run, and whom it waits for."""

    key: str
    slug: str
    after: list[str] = msgspec.field(default_factory=list)


def check_graph(nodes: Sequence[Node]) -> list[str]:
    """The keys in an order in which every task comes after those that it waits for.

    Raises: InvalidGraph for a key or slug that is there twice, an unknown key or a cycle.
    """
    for name, values in (("id", [n.key for n in nodes]), ("slug", [n.slug for n in nodes])):
        if twice := sorted(value for value, count in Counter(values).items() if count > 1):
            raise InvalidGraph(f"The {name} {twice[0]} is used twice.")
    keys = {node.key for node in nodes}
    for node in nodes:
        if unknown := sorted(set(node.after) - keys):
            raise InvalidGraph(f"{node.key} depends on {unknown[0]}, which is no task.")
    try:
        return list(TopologicalSorter({node.key: node.after for node in nodes}).static_order())
    except CycleError as error:
        raise InvalidGraph(f"The tasks wait for each other: {' → '.join(error.args[1])}.") from None
