"""Projects: names, filters, archiving, tenants."""

import pytest

from generated.models import CreateProject, ProjectStatus, UpdateProject
from services import projects, specs
from services.context import Context
from services.errors import NameTaken, NotFound

NEW = CreateProject(name="Clinic", description="Pets and owners.")


async def test_a_new_project_is_a_draft_without_a_spec(ctx: Context) -> None:
    project = await projects.create_project(ctx, NEW)
    assert project.status == "draft"
    assert not project.spec
    assert project.repo_path == f"repos/{project.id}.git"


async def test_two_live_projects_of_a_tenant_do_not_share_a_name(ctx: Context) -> None:
    await projects.create_project(ctx, NEW)
    with pytest.raises(NameTaken):
        await projects.create_project(ctx, CreateProject(name="CLINIC", description="x"))


async def test_a_name_is_free_again_after_archiving(ctx: Context) -> None:
    first = await projects.create_project(ctx, NEW)
    await projects.delete_project(ctx, first.id)
    second = await projects.create_project(ctx, NEW)
    assert second.id != first.id


async def test_another_tenant_may_use_the_same_name(ctx: Context, other_ctx: Context) -> None:
    await projects.create_project(ctx, NEW)
    assert (await projects.create_project(other_ctx, NEW)).name == "Clinic"


async def test_a_foreign_project_is_as_missing_as_an_unknown_one(
    ctx: Context, other_ctx: Context
) -> None:
    project = await projects.create_project(ctx, NEW)
    for call in (projects.get_project, projects.delete_project):
        with pytest.raises(NotFound):
            await call(other_ctx, project.id)
    with pytest.raises(NotFound):
        await projects.update_project(other_ctx, project.id, UpdateProject(name="Mine"))
    assert (await projects.get_project(ctx, project.id)).name == "Clinic"


async def test_an_archived_project_is_not_found_and_not_listed(ctx: Context) -> None:
    project = await projects.create_project(ctx, NEW)
    state = await projects.delete_project(ctx, project.id)
    assert state.status == "archived"
    with pytest.raises(NotFound):
        await projects.get_project(ctx, project.id)
    with pytest.raises(NotFound):
        await projects.delete_project(ctx, project.id)
    assert (await projects.list_projects(ctx, 1, 20, None, None)).items == []


async def test_a_list_is_paged_newest_first(ctx: Context) -> None:
    for number in range(5):
        await projects.create_project(ctx, CreateProject(name=f"P{number}", description="x"))
    page = await projects.list_projects(ctx, 2, 2, None, None)
    assert [project.name for project in page.items] == ["P2", "P1"]
    assert (page.pagination.total, page.pagination.total_pages) == (5, 3)


async def test_a_search_takes_its_text_literally(ctx: Context) -> None:
    await projects.create_project(ctx, CreateProject(name="100% done", description="x"))
    await projects.create_project(ctx, CreateProject(name="1000 done", description="y_z"))
    assert await names(ctx, "100%") == ["100% done"]
    assert await names(ctx, "Y_Z") == ["1000 done"]
    assert await names(ctx, "nothing") == []


async def test_a_status_filter_keeps_only_that_state(ctx: Context) -> None:
    draft = await projects.create_project(ctx, NEW)
    asked = await projects.create_project(ctx, CreateProject(name="Asked", description="Pets."))
    await specs.clarify_project(ctx, asked.id)
    page = await projects.list_projects(ctx, 1, 20, ProjectStatus.draft, None)
    assert [project.id for project in page.items] == [draft.id]


async def test_a_new_description_takes_open_questions_back(ctx: Context) -> None:
    project = await projects.create_project(ctx, NEW)
    await specs.clarify_project(ctx, project.id)
    same = await projects.update_project(ctx, project.id, UpdateProject(name="Vets"))
    assert (same.status, same.name) == ("clarifying", "Vets")
    changed = await projects.update_project(ctx, project.id, UpdateProject(description="Bikes."))
    assert changed.status == "draft"


async def names(ctx: Context, search: str) -> list[str]:
    """The names of the projects that a search finds."""
    page = await projects.list_projects(ctx, 1, 20, None, search)
    return [project.name for project in page.items]
