from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.sandbox_kind import SandboxKind, check_sandbox_kind

if TYPE_CHECKING:
    from ..models.verification_check import VerificationCheck

T = TypeVar("T", bound="VerificationResult")


@_attrs_define
class VerificationResult:
    """The evidence that the built application works.

    Attributes:
        passed (bool): Whether all checks passed. Example: True.
        sandbox (SandboxKind): What kept the application in. Example: bubblewrap.
        commit (str): A Git commit, as 40 hexadecimal digits. Example:
            4b825dc642cb6eb9a060e54bf8d69288fbee4904.
        checks (list[VerificationCheck]): What was checked.
    """

    passed: bool
    sandbox: SandboxKind
    commit: str
    checks: list[VerificationCheck]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        passed = self.passed
        sandbox: str = self.sandbox
        commit = self.commit
        checks = []
        for checks_item_data in self.checks:
            checks_item = checks_item_data.to_dict()
            checks.append(checks_item)

        field_dict: dict[str, Any] = {
            **self.additional_properties,
            "passed": passed,
            "sandbox": sandbox,
            "commit": commit,
            "checks": checks,
        }
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the object from the wire.

        Raises: KeyError, TypeError or ValueError if a field is missing or of another type.
        """
        from ..models.verification_check import VerificationCheck

        _fields = dict(src_dict)
        passed = _fields.pop("passed")
        sandbox = check_sandbox_kind(_fields.pop("sandbox"))

        commit = _fields.pop("commit")
        checks = []
        _checks = _fields.pop("checks")
        for checks_item_data in _checks:
            checks_item = VerificationCheck.from_dict(checks_item_data)

            checks.append(checks_item)

        _model = cls(
            passed=passed,
            sandbox=sandbox,
            commit=commit,
            checks=checks,
        )
        _model.additional_properties = _fields
        return _model
