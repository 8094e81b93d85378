"""Worktrees that a killed worker left behind."""

from pathlib import Path

import structlog

from db.queries import load
from services import folders
from services.adapters import git
from services.context import App, system_transaction
from services.settings import Settings
from services.threads import in_thread

sql = load("tasks")
log = structlog.get_logger()


async def sweep(app: App) -> int:
    """Remove every worktree that no running task calls its own; how many there were."""
    found = {folders.shown(app.settings, path): path for path in worktrees(app.settings)}
    if not found:
        return 0
    async with system_transaction(app) as tx:
        kept = set(await tx.value(sql.list_worktrees, paths=list(found)) or [])
    lost = [path for shown, path in found.items() if shown not in kept]
    return sum([await removed(app, path) for path in lost])


async def removed(app: App, path: Path) -> bool:
    """Whether the worktree could be removed; one that cannot stops no other."""
    repository = folders.repository(app.settings, path.parent.parent.name)
    try:
        await in_thread(git.remove_worktree, repository, path)
    except git.GitFailure as error:
        log.warning("sweep.failed", worktree=folders.shown(app.settings, path), error=str(error))
        return False
    return True


def worktrees(settings: Settings) -> list[Path]:
    """All worktrees on disk: their folders, and those of which only git's entry is left."""
    found = set(settings.data_dir.glob("workspaces/*/wt/*"))
    for entry in settings.data_dir.glob("repos/*.git/worktrees/*"):
        name, _, _ = entry.name.rpartition("-")  # the adapter appends a digest
        found.add(folders.worktree(settings, entry.parent.parent.stem, name))
    return sorted(found)
