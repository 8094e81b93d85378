"""Python's collector of cycles, in a process that lives long."""

import gc

YOUNG = 20_000
"""How many more objects made than freed call the collector; Python's own figure is 700."""
HELD = 100
"""More objects than one task that is worked on holds: 32, and those of its function."""


def collect_rarely(at_once: int = 0) -> None:
    """Spare the collector what lives as long as the process, and most of its youngest rounds.

    A request or a job leaves hardly any cycles; by default the collector looks for them every few
    requests, and with all that a batch of jobs holds it goes through the whole process again and
    again: a third of what a worker did. So many tasks may be worked on `at_once`: they come and go
    together, and none of them is garbage before it ends.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(max(YOUNG, at_once * HELD), 20, 50)
