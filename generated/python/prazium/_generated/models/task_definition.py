from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="TaskDefinition")


@_attrs_define
class TaskDefinition:
    """What a task is to do, and where it may do it.

    Attributes:
        id (str): Its id in the plan. Example: task-001.
        slug (str): Its name, unique in the run. Example: ui-shell.
        description (str): One line. Example: Create the page shell.
        instructions (str): All that the agent needs to know. Example: Create static/index.html
            with a navigation of the resources..
        dependencies (list[str]): Ids of definitions that must succeed before. Example: [].
        path_scope (list[str]): Globs of the files that it may touch. Example: ['static/**'].
        expected_outputs (list[str]): Files that it is expected to write. Example:
            ['static/index.html'].
    """

    id: str
    slug: str
    description: str
    instructions: str
    dependencies: list[str]
    path_scope: list[str]
    expected_outputs: list[str]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        id = self.id
        slug = self.slug
        description = self.description
        instructions = self.instructions
        dependencies = self.dependencies

        path_scope = self.path_scope

        expected_outputs = self.expected_outputs

        field_dict: dict[str, Any] = {
            **self.additional_properties,
            "id": id,
            "slug": slug,
            "description": description,
            "instructions": instructions,
            "dependencies": dependencies,
            "pathScope": path_scope,
            "expectedOutputs": expected_outputs,
        }
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the object from the wire.

        Raises: KeyError, TypeError or ValueError if a field is missing or of another type.
        """
        _fields = dict(src_dict)
        id = _fields.pop("id")
        slug = _fields.pop("slug")
        description = _fields.pop("description")
        instructions = _fields.pop("instructions")
        dependencies = cast(list[str], _fields.pop("dependencies"))

        path_scope = cast(list[str], _fields.pop("pathScope"))

        expected_outputs = cast(list[str], _fields.pop("expectedOutputs"))

        _model = cls(
            id=id,
            slug=slug,
            description=description,
            instructions=instructions,
            dependencies=dependencies,
            path_scope=path_scope,
            expected_outputs=expected_outputs,
        )
        _model.additional_properties = _fields
        return _model
