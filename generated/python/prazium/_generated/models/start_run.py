from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

from ..models.agent_name import AgentName, check_agent_name
from ..models.start_run_trigger import StartRunTrigger, check_start_run_trigger
from ..types import UNSET, Unset

T = TypeVar("T", bound="StartRun")


@_attrs_define
class StartRun:
    """How the build is to be done.

    Attributes:
        trigger (StartRunTrigger | Unset): What starts the run. Example: manual.
        agent (AgentName | Unset): Who does the work. Example: scaffold.
    """

    trigger: StartRunTrigger | Unset = UNSET
    agent: AgentName | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        trigger: str | Unset = UNSET
        if not isinstance(self.trigger, Unset):
            trigger = self.trigger

        agent: str | Unset = UNSET
        if not isinstance(self.agent, Unset):
            agent = self.agent

        field_dict: dict[str, Any] = {}
        if trigger is not UNSET:
            field_dict["trigger"] = trigger
        if agent is not UNSET:
            field_dict["agent"] = agent
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the object from the wire.

        Raises: KeyError, TypeError or ValueError if a field is missing or of another type.
        """
        _fields = dict(src_dict)
        _trigger = _fields.pop("trigger", UNSET)
        trigger: StartRunTrigger | Unset
        if isinstance(_trigger, Unset):
            trigger = UNSET
        else:
            trigger = check_start_run_trigger(_trigger)

        _agent = _fields.pop("agent", UNSET)
        agent: AgentName | Unset
        if isinstance(_agent, Unset):
            agent = UNSET
        else:
            agent = check_agent_name(_agent)

        _model = cls(
            trigger=trigger,
            agent=agent,
        )
        return _model
