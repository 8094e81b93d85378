"""Where things are, below the data folder. What the API shows is relative to it."""

from pathlib import Path

from services.settings import Settings


def repository(settings: Settings, project_id: str) -> Path:
    """The project's bare Git repository."""
    return settings.data_dir / "repos" / f"{project_id}.git"


def worktree(settings: Settings, project_id: str, name: str) -> Path:
    """A task's worktree."""
    return settings.data_dir / "workspaces" / project_id / "wt" / name


def archive(settings: Settings, export_id: str, suffix: str) -> Path:
    """An export's archive."""
    return settings.data_dir / "exports" / f"{export_id}.{suffix}"


def blobs(settings: Settings) -> Path:
    """What is too large for a row."""
    return settings.data_dir / "blobs"


def secret(settings: Settings) -> Path:
    """What cursors are signed with, where no setting says it."""
    return settings.data_dir / "secret"


def shown(settings: Settings, path: Path) -> str:
    """A path as the API shows it."""
    return path.relative_to(settings.data_dir).as_posix()
