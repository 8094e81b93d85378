"""client.tasks"""

import builtins

from .._generated.api.tasks import get_task, list_tasks
from ..models import Task
from .resource import Resource


class Tasks(Resource):
    """The steps of a run, each on its own branch in its own worktree."""

    def list(self, project_id: str, run_id: str) -> builtins.list[Task]:
        """The tasks of a run by sequence."""
        return self._data(list_tasks.call(project_id, run_id))

    def get(self, project_id: str, run_id: str, task_id: str) -> Task:
        """One task with its definition and result."""
        return self._data(get_task.call(project_id, run_id, task_id))
