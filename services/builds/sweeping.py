"""Worktrees that a killed worker left behind."""

from pathlib import Path

from db.queries import load
from services import folders
from services.adapters import git
from services.context import App, system_transaction
from services.settings import Settings
from services.threads import in_thread

sql = load("tasks")


async def sweep(app: App) -> int:
    """Remove every worktree that no running task calls its own; how many there were."""
    found = {folders.shown(app.settings, path): path for path in worktrees(app.settings)}
    if not found:
        return 0
    async with system_transaction(app) as tx:
        kept = set(await tx.value(sql.list_worktrees, paths=list(found)) or [])
    lost = [path for shown, path in found.items() if shown not in kept]
    for path in lost:
        repository = folders.repository(app.settings, path.parent.parent.name)
        await in_thread(git.remove_worktree, repository, path)
    return len(lost)


def worktrees(settings: Settings) -> list[Path]:
    """All worktrees on disk: their folders, and those of which only git's entry is left."""
    found = set(settings.data_dir.glob("workspaces/*/wt/*"))
    for entry in settings.data_dir.glob("repos/*.git/worktrees/*"):
        name, _, _ = entry.name.rpartition("-")  # the adapter appends a digest
        found.add(folders.worktree(settings, entry.parent.parent.stem, name))
    return sorted(found)
