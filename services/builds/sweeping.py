"""Worktrees that a killed worker left behind."""

from pathlib import Path

from db.queries import load
from services import folders
from services.adapters import git
from services.context import App, system_transaction
from services.threads import in_thread

sql = load("tasks")


async def sweep(app: App) -> int:
    """Remove every worktree that no running task calls its own; how many there were."""
    found = {folders.shown(app.settings, path): path for path in worktrees(app.settings.data_dir)}
    if not found:
        return 0
    async with system_transaction(app) as tx:
        kept = set(await tx.value(sql.list_worktrees, paths=list(found)) or [])
    lost = [path for shown, path in found.items() if shown not in kept]
    for path in lost:
        repository = folders.repository(app.settings, path.parent.parent.name)
        await in_thread(git.remove_worktree, repository, path)
    return len(lost)


def worktrees(data_dir: Path) -> list[Path]:
    """All worktrees on disk."""
    return sorted((data_dir / "workspaces").glob("*/wt/*"))
