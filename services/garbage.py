"""Python's collector of cycles, in a process that lives long."""

import gc

YOUNG = 20_000
"""How many more objects made than freed call the collector; Python's own figure is 700."""


def collect_rarely() -> None:
    """Spare the collector what lives as long as the process, and most of its youngest rounds.

    A request or a job leaves hardly any cycles; by default the collector looks for them every few
    requests, and with all that a batch of jobs holds it goes through the whole process again and
    again: a third of what a worker did.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, 20, 50)
