"""The agents by name, made from the settings."""

import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from generated.models import AgentName
from services.adapters.agents import Agent, AgentError
from services.adapters.agents.chat import ChatEndpoint
from services.adapters.agents.command import CommandAgent
from services.adapters.agents.model import Model
from services.adapters.agents.openai import OpenAIAgent
from services.adapters.agents.scaffold import ScaffoldAgent
from services.adapters.sandbox import Limits
from services.errors import Unavailable, invalid
from services.settings import Settings


@contextmanager
def answering() -> Iterator[None]:
    """Ask an agent while a caller waits.

    Raises: Unavailable if the agent cannot answer.
    """
    try:
        yield
    except AgentError as error:
        raise Unavailable(f"The agent could not answer: {error}"[:1000]) from error


def default(settings: Settings) -> Agent:
    """The agent of the settings."""
    return named(settings, AgentName(settings.agent))


def named(settings: Settings, name: AgentName) -> Agent:
    """The agent of this name.

    Raises: ValidationFailed if the installation has no settings for it.
    """
    match name:
        case AgentName.scaffold:
            return ScaffoldAgent()
        case AgentName.openai if settings.openai_api_key:
            return openai(settings)
        case AgentName.command if settings.agent_command:
            return command(settings)
    raise invalid("/agent", f"the agent {name} is not set up on this installation")


def model(settings: Settings) -> Model | None:
    """The model that answers prompts; None unless the agent of the settings is one."""
    if settings.agent != AgentName.openai or not settings.openai_api_key:
        return None
    return Model(
        ChatEndpoint(
            base_url=settings.openai_base_url,
            api_key=settings.openai_api_key,
            model=settings.openai_model,
            timeout_s=settings.agent_timeout,
            max_response_kb=4096,
            attempts=3,
        )
    )


def openai(settings: Settings) -> Agent:
    """Any OpenAI-compatible chat endpoint."""
    return OpenAIAgent(
        base_url=settings.openai_base_url,
        api_key=settings.openai_api_key,
        model=settings.openai_model,
        timeout_s=settings.agent_timeout,
    )


def command(settings: Settings) -> Agent:
    """A coding agent's program; the plan is the scaffold's."""
    return CommandAgent(
        command=shlex.split(settings.agent_command),
        limits=Limits(wall_s=settings.agent_timeout),
        sandbox_mode=settings.sandbox,
        planner=ScaffoldAgent(),
        env_allow=[name.strip() for name in settings.agent_env.split(",") if name.strip()],
        read_only=[Path(folder) for folder in settings.agent_folders.split(":") if folder],
    )
