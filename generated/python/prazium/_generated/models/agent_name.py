from typing import Literal, cast

AgentName = Literal["command", "openai", "scaffold"]


def check_agent_name(value: object) -> AgentName:
    """The value as it came: one that only a newer server knows is kept."""
    if not isinstance(value, str):
        raise TypeError(f"expected a text, not {value!r}")
    return cast(AgentName, value)
