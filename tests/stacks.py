"""The whole product with settings of a test's own."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager

import pytest

from scripts.stack import Stack, running
from services.settings import Settings


@contextmanager
def running_with(
    environment: Mapping[str, str], settings: Settings, workers: int
) -> Iterator[Stack]:
    """Database, API and workers that have begun in this environment, which is theirs alone.

    It must not last as long as they do: a fixture of a session or a module lives on while tests of
    other modules start processes of their own.
    """
    with ExitStack() as stack:
        with pytest.MonkeyPatch.context() as patch:
            for variable, value in environment.items():
                patch.setenv(variable, value)
            started = stack.enter_context(running(settings, workers=workers))
        yield started
