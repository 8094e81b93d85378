from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.command_job_input_env_type_0 import CommandJobInputEnvType0

T = TypeVar("T", bound="CommandJobInput")


@_attrs_define
class CommandJobInput:
    """A program that runs in the sandbox, without network, in an empty folder that is deleted
    afterwards. Only programs that the installation names in `PRAZIUM_JOB_COMMANDS` are run.

    Attributes:
        command (list[str]): The program's name and its arguments; no shell reads them. Example:
            ['jq', '.name'].
        stdin (None | str): What it reads from its standard input. Example: {"name":"Ada"}.
        env (CommandJobInputEnvType0 | None): Variables of its environment, beside PATH, HOME
            and LANG. Example: {'NO_COLOR': '1'}.
        timeout_seconds (int | None): The longest that it may run; then it is killed with all
            that it has started. Example: 60.
    """

    command: list[str]
    stdin: None | str
    env: CommandJobInputEnvType0 | None
    timeout_seconds: int | None
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        from ..models.command_job_input_env_type_0 import CommandJobInputEnvType0

        command = self.command

        stdin: None | str
        stdin = self.stdin
        env: dict[str, Any] | None
        if isinstance(self.env, CommandJobInputEnvType0):
            env = self.env.to_dict()
        else:
            env = self.env
        timeout_seconds: int | None
        timeout_seconds = self.timeout_seconds
        field_dict: dict[str, Any] = {
            **self.additional_properties,
            "command": command,
            "stdin": stdin,
            "env": env,
            "timeoutSeconds": timeout_seconds,
        }
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the object from the wire.

        Raises: KeyError, TypeError or ValueError if a field is missing or of another type.
        """
        from ..models.command_job_input_env_type_0 import CommandJobInputEnvType0

        _fields = dict(src_dict)
        command = cast(list[str], _fields.pop("command"))

        stdin = cast("None | str", _fields.pop("stdin", None))

        def _parse_env(data: Any) -> CommandJobInputEnvType0 | None:
            if data is None:
                return data
            env_type_0 = CommandJobInputEnvType0.from_dict(data)

            return env_type_0

        env = _parse_env(_fields.pop("env", None))

        timeout_seconds = cast("int | None", _fields.pop("timeoutSeconds", None))

        _model = cls(
            command=command,
            stdin=stdin,
            env=env,
            timeout_seconds=timeout_seconds,
        )
        _model.additional_properties = _fields
        return _model
