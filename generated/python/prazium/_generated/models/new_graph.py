from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define

from ..models.on_failure import OnFailure, check_on_failure
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.new_graph_task import NewGraphTask

T = TypeVar("T", bound="NewGraph")


@_attrs_define
class NewGraph:
    """What is to be done, and in which order.

    Attributes:
        tasks (list[NewGraphTask]): The tasks, in any order.
        name (str | Unset): What it is, for people. Example: Nightly thumbnails.
        on_failure (OnFailure | Unset): What follows a failure: what does not need the task goes
            on, or the graph ends. Example: continue.
        output (Any | Unset): What comes of the graph when it succeeds: any JSON, with
            references to its tasks. Example: {'images': {'$from': 'resize'}}.
        dry_run (bool | Unset): Answer the plan and store nothing. Default: False. Example:
            False.
    """

    tasks: list[NewGraphTask]
    name: str | Unset = UNSET
    on_failure: OnFailure | Unset = UNSET
    output: Any | Unset = UNSET
    dry_run: bool | Unset = False

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        tasks = []
        for tasks_item_data in self.tasks:
            tasks_item = tasks_item_data.to_dict()
            tasks.append(tasks_item)

        name = self.name
        on_failure: str | Unset = UNSET
        if not isinstance(self.on_failure, Unset):
            on_failure = self.on_failure

        output = self.output
        dry_run = self.dry_run
        field_dict: dict[str, Any] = {
            "tasks": tasks,
        }
        if name is not UNSET:
            field_dict["name"] = name
        if on_failure is not UNSET:
            field_dict["onFailure"] = on_failure
        if output is not UNSET:
            field_dict["output"] = output
        if dry_run is not UNSET:
            field_dict["dryRun"] = dry_run
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the object from the wire.

        Raises: KeyError, TypeError or ValueError if a field is missing or of another type.
        """
        from ..models.new_graph_task import NewGraphTask

        _fields = dict(src_dict)
        tasks = []
        _tasks = _fields.pop("tasks")
        for tasks_item_data in _tasks:
            tasks_item = NewGraphTask.from_dict(tasks_item_data)

            tasks.append(tasks_item)

        name = _fields.pop("name", UNSET)
        _on_failure = _fields.pop("onFailure", UNSET)
        on_failure: OnFailure | Unset
        if isinstance(_on_failure, Unset):
            on_failure = UNSET
        else:
            on_failure = check_on_failure(_on_failure)

        output = _fields.pop("output", UNSET)
        dry_run = _fields.pop("dryRun", UNSET)
        _model = cls(
            tasks=tasks,
            name=name,
            on_failure=on_failure,
            output=output,
            dry_run=dry_run,
        )
        return _model
