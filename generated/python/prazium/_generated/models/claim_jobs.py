from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="ClaimJobs")


@_attrs_define
class ClaimJobs:
    """What a worker can take.

    Attributes:
        queues (list[str]): From these queues. Example: ['default'].
        kinds (list[str]): Of these kinds. Example: ['thumbnail.make'].
        worker_id (str | Unset): A worker's id. Example: wrk_01kb0rg5t7kvy1a3wn6s9r2x8z.
        name (str | Unset): What the worker is called, for people. Example: thumbnails-1.
        limit (int | Unset): At most so many. Default: 1. Example: 10.
        wait_seconds (int | Unset): How long to wait for the first. Default: 0. Example: 0.
        lease_seconds (int | Unset): How long the lease is without a heartbeat. Example: 30.
        holds (list[str] | Unset): All jobs that the worker has, after an answer to a claim was
            lost; what it was given beside these is free again at once, and that was no attempt.
            Example: ['job_01kb0rd2y5hqv7w9sk3p6n8r4t'].
    """

    queues: list[str]
    kinds: list[str]
    worker_id: str | Unset = UNSET
    name: str | Unset = UNSET
    limit: int | Unset = 1
    wait_seconds: int | Unset = 0
    lease_seconds: int | Unset = UNSET
    holds: list[str] | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        queues = self.queues

        kinds = self.kinds

        worker_id = self.worker_id
        name = self.name
        limit = self.limit
        wait_seconds = self.wait_seconds
        lease_seconds = self.lease_seconds
        holds: list[str] | Unset = UNSET
        if not isinstance(self.holds, Unset):
            holds = self.holds

        field_dict: dict[str, Any] = {
            "queues": queues,
            "kinds": kinds,
        }
        if worker_id is not UNSET:
            field_dict["workerId"] = worker_id
        if name is not UNSET:
            field_dict["name"] = name
        if limit is not UNSET:
            field_dict["limit"] = limit
        if wait_seconds is not UNSET:
            field_dict["waitSeconds"] = wait_seconds
        if lease_seconds is not UNSET:
            field_dict["leaseSeconds"] = lease_seconds
        if holds is not UNSET:
            field_dict["holds"] = holds
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the object from the wire.

        Raises: KeyError, TypeError or ValueError if a field is missing or of another type.
        """
        _fields = dict(src_dict)
        queues = cast(list[str], _fields.pop("queues"))

        kinds = cast(list[str], _fields.pop("kinds"))

        worker_id = _fields.pop("workerId", UNSET)
        name = _fields.pop("name", UNSET)
        limit = _fields.pop("limit", UNSET)
        wait_seconds = _fields.pop("waitSeconds", UNSET)
        lease_seconds = _fields.pop("leaseSeconds", UNSET)
        holds = cast(list[str], _fields.pop("holds", UNSET))

        _model = cls(
            queues=queues,
            kinds=kinds,
            worker_id=worker_id,
            name=name,
            limit=limit,
            wait_seconds=wait_seconds,
            lease_seconds=lease_seconds,
            holds=holds,
        )
        return _model
