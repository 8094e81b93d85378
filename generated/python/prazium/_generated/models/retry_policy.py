from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

from ..models.backoff import Backoff, check_backoff
from ..types import UNSET, Unset

T = TypeVar("T", bound="RetryPolicy")


@_attrs_define
class RetryPolicy:
    """How often and when a failed attempt is followed by another.

    Attributes:
        max_attempts (int | Unset): Attempts in all. Default: 3. Example: 3.
        backoff (Backoff | Unset): How the pauses between attempts grow. Example: exponential.
        base_seconds (float | Unset): The first pause. Default: 1.0. Example: 1.
        cap_seconds (float | Unset): The longest pause. Default: 600.0. Example: 600.
        jitter (bool | Unset): Whether each pause is shortened by chance so that not all come at
            once. Default: True. Example: True.
        non_retryable (list[str] | Unset): Codes of failures after which there is no further
            attempt. Example: ['INVALID_IMAGE'].
    """

    max_attempts: int | Unset = 3
    backoff: Backoff | Unset = UNSET
    base_seconds: float | Unset = 1.0
    cap_seconds: float | Unset = 600.0
    jitter: bool | Unset = True
    non_retryable: list[str] | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        max_attempts = self.max_attempts
        backoff: str | Unset = UNSET
        if not isinstance(self.backoff, Unset):
            backoff = self.backoff

        base_seconds = self.base_seconds
        cap_seconds = self.cap_seconds
        jitter = self.jitter
        non_retryable: list[str] | Unset = UNSET
        if not isinstance(self.non_retryable, Unset):
            non_retryable = self.non_retryable

        field_dict: dict[str, Any] = {}
        if max_attempts is not UNSET:
            field_dict["maxAttempts"] = max_attempts
        if backoff is not UNSET:
            field_dict["backoff"] = backoff
        if base_seconds is not UNSET:
            field_dict["baseSeconds"] = base_seconds
        if cap_seconds is not UNSET:
            field_dict["capSeconds"] = cap_seconds
        if jitter is not UNSET:
            field_dict["jitter"] = jitter
        if non_retryable is not UNSET:
            field_dict["nonRetryable"] = non_retryable
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the object from the wire.

        Raises: KeyError, TypeError or ValueError if a field is missing or of another type.
        """
        _fields = dict(src_dict)
        max_attempts = _fields.pop("maxAttempts", UNSET)
        _backoff = _fields.pop("backoff", UNSET)
        backoff: Backoff | Unset
        if isinstance(_backoff, Unset):
            backoff = UNSET
        else:
            backoff = check_backoff(_backoff)

        base_seconds = _fields.pop("baseSeconds", UNSET)
        cap_seconds = _fields.pop("capSeconds", UNSET)
        jitter = _fields.pop("jitter", UNSET)
        non_retryable = cast(list[str], _fields.pop("nonRetryable", UNSET))

        _model = cls(
            max_attempts=max_attempts,
            backoff=backoff,
            base_seconds=base_seconds,
            cap_seconds=cap_seconds,
            jitter=jitter,
            non_retryable=non_retryable,
        )
        return _model
