"""The agent that is always there: description in, working application out."""

from services.adapters.agents.scaffold.agent import ScaffoldAgent

__all__ = ["ScaffoldAgent"]
