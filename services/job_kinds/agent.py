"""Kind `agent`: ask the installation's model."""

from msgspec import UNSET

from generated.models import AgentJobInput, AgentJobResult, ModelUsage
from services import agents, json_schemas
from services.adapters.agents import AgentError
from services.adapters.agents.model import Answer, Question, Unfit
from services.context import App
from services.engine.retry import TaskFailed

NOT_CONFIGURED = (
    "This installation has no model. It needs PRAZIUM_AGENT=openai, PRAZIUM_OPENAI_API_KEY and, "
    "for an endpoint that is not OpenAI's, PRAZIUM_OPENAI_BASE_URL."
)


async def agent(app: App, given: AgentJobInput, token: str) -> AgentJobResult:
    """Ask the model; there is no way to tell it that a question was asked before.

    Raises: TaskFailed if there is no model, it fails, or its answers do not match.
    """
    model = agents.model(app.settings)
    if model is None:
        raise TaskFailed("AGENT_NOT_CONFIGURED", NOT_CONFIGURED)
    try:
        return result(await model.answer(question(given)))
    except Unfit as error:
        raise TaskFailed("AGENT_ANSWER_UNFIT", str(error), retryable=error.retryable) from error
    except AgentError as error:
        raise TaskFailed("AGENT_FAILED", str(error), retryable=error.retryable) from error


def question(given: AgentJobInput) -> Question:
    """The input as the model's adapter takes it."""
    schema = None if given.answer_schema is UNSET else given.answer_schema
    return Question(
        prompt=given.prompt,
        system=given.system or "",
        schema=schema,
        checker=None if schema is None else json_schemas.compiled(schema, "/answerSchema"),
        max_tokens=given.max_output_tokens or None,
    )


def result(answer: Answer) -> AgentJobResult:
    """The answer as the contract has it; the database holds no NUL."""
    return AgentJobResult(
        text=answer.text.replace("\0", "\ufffd"),
        value=answer.value,
        model=answer.model[:200],
        usage=ModelUsage(
            requests=answer.requests,
            input_tokens=answer.input_tokens,
            output_tokens=answer.output_tokens,
        ),
    )
