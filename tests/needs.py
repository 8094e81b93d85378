"""What some tests need of the machine: `.ci/run` installs it where it may.

A product without git and bubblewrap is whole, so its tests pass there too; what git or bubblewrap
alone can show is skipped, and counted.
"""

import shutil

import pytest

from services.adapters.sandbox import bubblewrap

needs_bubblewrap = pytest.mark.skipif(
    not bubblewrap.works(), reason="bubblewrap does not work on this machine"
)
needs_git = pytest.mark.skipif(
    not shutil.which("git"), reason="there is no git program on this machine"
)
