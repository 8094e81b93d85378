"""What a worker can be made with."""

import math
from collections.abc import Sequence


def check_options(
    queues: Sequence[str], concurrency: int, lease_seconds: int, drain_seconds: float
) -> None:
    """Refuse what no worker could work with, before it waits for ever.

    Raises: ValueError that names the option.
    """
    is_list = not isinstance(queues, str) and len(queues) > 0
    check("queues", queues, "a list of names", is_list)
    check("concurrency", concurrency, "a whole number from 1", is_whole(concurrency, 1))
    is_lease = is_whole(lease_seconds, 5, 3600)
    check("lease_seconds", lease_seconds, "a whole number from 5 to 3600", is_lease)
    check("drain_seconds", drain_seconds, "0 or more", drain_seconds >= 0)


def check(name: str, value: object, wanted: str, is_right: bool) -> None:
    """Raises: ValueError that says what the option of that name has to be."""
    if not is_right:
        raise ValueError(f"{name} has to be {wanted}, not {value!r}")


def is_whole(value: float, least: int, most: float = math.inf) -> bool:
    """Whether it is a whole number of this range."""
    return isinstance(value, int) and least <= value <= most
