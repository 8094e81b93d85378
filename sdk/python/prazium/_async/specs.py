"""client.specs"""

import builtins
from collections.abc import Mapping, Sequence

from .._calls import given
from .._generated.api.specs import (
    approve_spec,
    clarify_project,
    get_spec,
    list_questions,
    list_specs,
    regenerate_spec,
    submit_answers,
)
from .._idempotency import Key
from ..models import (
    Answer,
    AnsweredQuestions,
    Approval,
    Questions,
    RegenerateSpec,
    Spec,
    SpecState,
    SpecSummary,
    SubmitAnswers,
)
from .resource import AsyncPages, AsyncResource


class AsyncSpecs(AsyncResource):
    """From the description to an approved spec: questions, answers, documents."""

    async def clarify(self, project_id: str, *, idempotency_key: Key = None) -> Questions:
        """Ask what the description leaves open.

        Raises: ConflictError after approval.
        """
        return await self._data(clarify_project.call(project_id), idempotency_key)

    async def questions(self, project_id: str) -> AnsweredQuestions:
        """The questions that were asked, with the answers given so far."""
        return await self._data(list_questions.call(project_id))

    async def submit_answers(
        self,
        project_id: str,
        answers: Mapping[str, bool | str | builtins.list[str]] | Sequence[Answer],
        *,
        idempotency_key: Key = None,
    ) -> SpecState:
        """Answer the open questions, by their ids or as `Answer`s, and get the spec.

        A question without an answer is decided by the agent.

        Raises: ConflictError if no questions are open.
        """
        if isinstance(answers, Mapping):
            answers = [Answer(question_id=id, answer=answer) for id, answer in answers.items()]
        body = SubmitAnswers(answers=[*answers])
        return await self._data(submit_answers.call(project_id, body=body), idempotency_key)

    async def approve(self, project_id: str, *, idempotency_key: Key = None) -> Approval:
        """Freeze the newest spec for building.

        Raises: ConflictError if it is not in review.
        """
        return await self._data(approve_spec.call(project_id), idempotency_key)

    async def regenerate(
        self, project_id: str, *, feedback: str | None = None, idempotency_key: Key = None
    ) -> SpecState:
        """Write a new version, with a remark on the present one; it has to be approved again."""
        body = RegenerateSpec(feedback=given(feedback))
        return await self._data(regenerate_spec.call(project_id, body=body), idempotency_key)

    def list(self, project_id: str, *, page_size: int = 20) -> AsyncPages[SpecSummary]:
        """All versions, newest first, without their documents."""
        return self._pages(lambda page: list_specs.call(project_id, page=page, page_size=page_size))

    async def get(self, project_id: str, version: int) -> Spec:
        """One version with its documents."""
        return await self._data(get_spec.call(project_id, version))
