"""A data folder that cannot be used."""

import shutil

import pytest

from services import builds, files, folders
from services.adapters import git
from services.errors import NotFound, PraziumError
from tests.faults.conftest import MARK, Site, sleeping


async def test_a_folder_that_cannot_be_made_fails_the_run_without_host_paths(site: Site) -> None:
    site.settings.data_dir.mkdir(parents=True)
    (site.settings.data_dir / "repos").write_text("in the way")
    _, error = await site.fail()
    assert error.code == "STORAGE_UNAVAILABLE"
    assert str(site.folder) not in error.message
    assert site.tasks()["decompose"] == ("failed", 3)
    listed = await files.list_files(site.ctx, site.project_id, "main", "/")
    assert listed.entries == []
    with pytest.raises(NotFound):
        await files.get_file(site.ctx, site.project_id, "README.md", "main")


async def test_a_worktree_that_cannot_be_made_fails_the_run(site: Site) -> None:
    site.settings.data_dir.mkdir(parents=True)
    blocker = site.settings.data_dir / "workspaces"
    blocker.write_text("in the way")
    _, error = await site.fail()
    assert error.code == "STORAGE_UNAVAILABLE"
    assert str(site.folder) not in error.message
    assert site.worktrees() == []


async def test_a_ruined_repository_is_a_documented_error(site: Site) -> None:
    await site.start()
    folders.repository(site.settings, site.project_id).mkdir(parents=True)
    with pytest.raises(PraziumError):
        await files.list_files(site.ctx, site.project_id, "main", "/")
    with pytest.raises(PraziumError):
        await files.get_file(site.ctx, site.project_id, "README.md", "main")
    with pytest.raises(PraziumError):
        await files.list_refs(site.ctx, site.project_id)


async def test_of_a_killed_worker_neither_folder_nor_entry_is_left(site: Site) -> None:
    await site.start()
    repository = folders.repository(site.settings, site.project_id)
    git.ensure_repository(repository)
    left = [folders.worktree(site.settings, site.project_id, f"run-1-task-{n}") for n in range(3)]
    for path in left:
        git.add_worktree(repository, path, git.root(repository))
    shutil.rmtree(left[0])  # killed before the folder was made, or after it was removed
    for entry in repository.glob(f"worktrees/{left[1].name}-*"):
        shutil.rmtree(entry)
    assert await builds.sweep(site.ctx.app) == 3
    assert site.worktrees() == []


async def test_the_worktree_of_a_running_task_is_kept(site: Site) -> None:
    site.program(before=f"[ $scope != openapi.yaml ] || sleep {MARK}")
    await site.start()
    async with site.working():
        await site.until(sleeping)
        assert await builds.sweep(site.ctx.app) == 0
        assert len(site.worktrees()) == 2
    assert sleeping() == []  # a worker that stops ends its programs and tidies up
    assert site.worktrees() == []
