from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.health_status import HealthStatus, check_health_status

if TYPE_CHECKING:
    from ..models.health_components import HealthComponents
    from ..models.health_engine import HealthEngine

T = TypeVar("T", bound="Health")


@_attrs_define
class Health:
    """How the service is.

    Attributes:
        status (HealthStatus): How something is. Example: healthy.
        version (str): The service's version. Example: 1.0.0.
        components (HealthComponents): The parts that the service needs.
        engine (HealthEngine | None): How the engine is over all tenants, at most a second old;
            missing while the database does not tell.
        warnings (list[str] | None): What an operator should know. Example: [].
    """

    status: HealthStatus
    version: str
    components: HealthComponents
    engine: HealthEngine | None
    warnings: list[str] | None
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        from ..models.health_engine import HealthEngine

        status: str = self.status
        version = self.version
        components = self.components.to_dict()
        engine: dict[str, Any] | None
        if isinstance(self.engine, HealthEngine):
            engine = self.engine.to_dict()
        else:
            engine = self.engine
        warnings: list[str] | None
        if isinstance(self.warnings, list):
            warnings = self.warnings

        else:
            warnings = self.warnings
        field_dict: dict[str, Any] = {
            **self.additional_properties,
            "status": status,
            "version": version,
            "components": components,
            "engine": engine,
            "warnings": warnings,
        }
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the object from the wire.

        Raises: KeyError, TypeError or ValueError if a field is missing or of another type.
        """
        from ..models.health_components import HealthComponents
        from ..models.health_engine import HealthEngine

        _fields = dict(src_dict)
        status = check_health_status(_fields.pop("status"))

        version = _fields.pop("version")
        components = HealthComponents.from_dict(_fields.pop("components"))

        def _parse_engine(data: Any) -> HealthEngine | None:
            if data is None:
                return data
            engine_type_1 = HealthEngine.from_dict(data)

            return engine_type_1

        engine = _parse_engine(_fields.pop("engine", None))

        def _parse_warnings(data: Any) -> list[str] | None:
            if data is None:
                return data
            warnings_type_0 = cast(list[str], data)

            return warnings_type_0

        warnings = _parse_warnings(_fields.pop("warnings", None))

        _model = cls(
            status=status,
            version=version,
            components=components,
            engine=engine,
            warnings=warnings,
        )
        _model.additional_properties = _fields
        return _model
