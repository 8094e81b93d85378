"""A database for all tests of a module: each has a tenant of its own, and fires its schedules."""

from collections.abc import Iterator

import pytest

from tests.conftest import cloned


@pytest.fixture(scope="module")
def database(cluster: str, template: str) -> Iterator[str]:
    """One for a module."""
    with cloned(cluster, template) as url:
        yield url
