"""A data folder that cannot be used."""

import pytest

from services import files, folders
from services.errors import NotFound, PraziumError
from tests.faults.conftest import Site


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
