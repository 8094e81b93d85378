"""client.projects"""

from .._calls import given
from .._generated.api.projects import (
    create_project,
    delete_project,
    get_project,
    list_projects,
    update_project,
)
from .._idempotency import Key
from ..models import (
    CreateProject,
    Project,
    ProjectState,
    ProjectStatus,
    ProjectSummary,
    UpdateProject,
)
from .resource import Pages, Resource


class Projects(Resource):
    """What is to be built: a name, a description and the state of both."""

    def create(self, *, name: str, description: str, idempotency_key: Key = None) -> Project:
        """Open a draft from a name and a description of what is to be built.

        Raises: ConflictError if a project has the name.
        """
        body = CreateProject(name=name, description=description)
        return self._data(create_project.call(body=body), idempotency_key)

    def list(
        self,
        *,
        status: ProjectStatus | None = None,
        search: str | None = None,
        page_size: int = 20,
    ) -> Pages[ProjectSummary]:
        """The projects, newest first; `search` is a part of the name or description."""
        return self._pages(
            lambda page: list_projects.call(
                page=page, page_size=page_size, status=given(status), search=given(search)
            )
        )

    def get(self, project_id: str) -> Project:
        """The project with its newest spec, if there is one."""
        return self._data(get_project.call(project_id))

    def update(
        self,
        project_id: str,
        *,
        name: str | None = None,
        description: str | None = None,
        idempotency_key: Key = None,
    ) -> Project:
        """Change the name or the description; a new description takes open questions back."""
        body = UpdateProject(name=given(name), description=given(description))
        return self._data(update_project.call(project_id, body=body), idempotency_key)

    def delete(self, project_id: str) -> ProjectState:
        """Archive the project: it and all below it are not found from then on.

        Raises: ConflictError while a run is live.
        """
        return self._data(delete_project.call(project_id))
