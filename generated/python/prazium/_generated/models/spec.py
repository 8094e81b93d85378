from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.spec_documents import SpecDocuments

T = TypeVar("T", bound="Spec")


@_attrs_define
class Spec:
    """One version of a project's spec.

    Attributes:
        version (int): Grows by one with each version. Example: 1.
        documents (SpecDocuments): The spec, as four Markdown documents.
        feedback (None | str): The remark that led to this version. Example: Add more detail
            about the notification system.
        created_at (datetime.datetime | None): When it was written. Example:
            2026-01-15T10:45:00Z.
        approved_at (datetime.datetime | None): When it was approved. Example:
            2026-01-15T11:00:00Z.
    """

    version: int
    documents: SpecDocuments
    feedback: None | str
    created_at: datetime.datetime | None
    approved_at: datetime.datetime | None
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        version = self.version
        documents = self.documents.to_dict()
        feedback: None | str
        feedback = self.feedback
        created_at: None | str
        if isinstance(self.created_at, datetime.datetime):
            created_at = self.created_at.isoformat()
        else:
            created_at = self.created_at
        approved_at: None | str
        if isinstance(self.approved_at, datetime.datetime):
            approved_at = self.approved_at.isoformat()
        else:
            approved_at = self.approved_at
        field_dict: dict[str, Any] = {
            **self.additional_properties,
            "version": version,
            "documents": documents,
            "feedback": feedback,
            "createdAt": created_at,
            "approvedAt": approved_at,
        }
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the object from the wire.

        Raises: KeyError, TypeError or ValueError if a field is missing or of another type.
        """
        from ..models.spec_documents import SpecDocuments

        _fields = dict(src_dict)
        version = _fields.pop("version")
        documents = SpecDocuments.from_dict(_fields.pop("documents"))

        feedback = cast("None | str", _fields.pop("feedback", None))

        def _parse_created_at(data: Any) -> datetime.datetime | None:
            if data is None:
                return data
            created_at_type_0 = datetime.datetime.fromisoformat(data)

            return created_at_type_0

        created_at = _parse_created_at(_fields.pop("createdAt", None))

        def _parse_approved_at(data: Any) -> datetime.datetime | None:
            if data is None:
                return data
            approved_at_type_0 = datetime.datetime.fromisoformat(data)

            return approved_at_type_0

        approved_at = _parse_approved_at(_fields.pop("approvedAt", None))

        _model = cls(
            version=version,
            documents=documents,
            feedback=feedback,
            created_at=created_at,
            approved_at=approved_at,
        )
        _model.additional_properties = _fields
        return _model
