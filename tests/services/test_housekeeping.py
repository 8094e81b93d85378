"""What is swept, and that one failure stops nothing else."""

import os
import time
from pathlib import Path

import pytest

from services import builds, exports
from services.adapters import git
from services.builds import sweeping
from services.context import App


def lost_worktree(app: App, name: str) -> Path:
    """A worktree that no task calls its own."""
    folder = app.settings.data_dir / "workspaces" / "proj_x" / "wt" / name
    folder.mkdir(parents=True)
    return folder


async def test_worktrees_of_nobody_are_removed(app: App) -> None:
    folder = lost_worktree(app, "run-1-task-001")
    assert await builds.sweep(app) == 1
    assert not folder.exists()


async def test_a_worktree_that_cannot_be_removed_stops_no_other(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    stuck, loose = lost_worktree(app, "a-stuck"), lost_worktree(app, "b-loose")

    def remove(repository: Path, worktree: Path) -> None:
        if worktree == stuck:
            raise git.GitFailure("It is stuck.")
        worktree.rmdir()

    monkeypatch.setattr(sweeping.git, "remove_worktree", remove)
    assert await builds.sweep(app) == 1
    assert stuck.exists() and not loose.exists()


async def test_archives_that_were_never_finished_are_dropped_after_a_while(app: App) -> None:
    folder = app.settings.data_dir / "exports"
    folder.mkdir(parents=True)
    old, new = folder / "old.part", folder / "new.part"
    for path in (old, new):
        path.write_bytes(b"half")
    long_ago = time.time() - 7200
    os.utime(old, (long_ago, long_ago))
    await exports.expire(app)
    assert new.exists() and not old.exists()
