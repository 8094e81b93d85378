"""Specs: from the description to an approved set of documents."""

from datetime import datetime
from typing import Any

import msgspec

from db.pool import Transaction, jsonb
from db.queries import load
from generated.models import (
    AnsweredQuestion,
    AnsweredQuestions,
    AnswersSubmitted,
    Approval,
    ApprovedSpec,
    ProjectStatus,
    Question,
    Questions,
    QuestionsAsked,
    RegenerateSpec,
    Spec,
    SpecApproved,
    SpecGenerated,
    SpecState,
    SpecSummary,
    SubmitAnswers,
)
from services import agents
from services.adapters.agents import Brief
from services.answers import checked
from services.context import Context
from services.engine import events
from services.errors import ChangedMeanwhile, NotFound, WrongState
from services.pages import Page, page_of
from services.projects import refusal, require

sql = load("specs")

ASKABLE = [ProjectStatus.draft, ProjectStatus.clarifying, ProjectStatus.spec_review]
ANSWERABLE = [ProjectStatus.clarifying]
APPROVABLE = [ProjectStatus.spec_review]
REGENERABLE = [
    ProjectStatus.spec_review,
    ProjectStatus.approved,
    ProjectStatus.completed,
    ProjectStatus.failed,
]


class BriefRow(msgspec.Struct, frozen=True):
    """What the customer has said so far, and the newest version of the spec (0: none)."""

    name: str
    description: str
    status: ProjectStatus
    questions: list[Question]
    answers: dict[str, Any]
    feedback: list[str]
    version: int
    updated_at: datetime

    def brief(self, **changes: Any) -> Brief:
        """The brief for an agent."""
        said = Brief(
            name=self.name,
            description=self.description,
            questions=self.questions,
            answers=self.answers,
            feedback=self.feedback,
        )
        return msgspec.structs.replace(said, **changes)


async def clarify_project(ctx: Context, project_id: str) -> Questions:
    """Ask what the description leaves open; open questions are returned as they are.

    Raises: NotFound, WrongState after approval, ChangedMeanwhile.
    """
    row = await read_brief(ctx, project_id, ASKABLE)
    if row.status == ProjectStatus.clarifying:
        return Questions(questions=row.questions)
    with agents.answering():
        asked = await agents.default(ctx.settings).ask(row.brief(questions=[], answers={}))
    async with ctx.transaction() as tx:
        if not await tx.run(
            sql.ask_questions,
            project_id=project_id,
            questions=jsonb(asked),
            updated_at=row.updated_at,
        ):
            return await asked_meanwhile(tx, project_id)
        await events.record_project(tx, project_id, QuestionsAsked(count=len(asked)))
    return Questions(questions=asked)


async def list_questions(ctx: Context, project_id: str) -> AnsweredQuestions:
    """The questions with the answers given so far.

    Raises: NotFound.
    """
    row = await read_brief(ctx, project_id, list(ProjectStatus))
    return AnsweredQuestions(
        questions=[
            AnsweredQuestion(
                **msgspec.structs.asdict(question),
                answer=row.answers.get(question.id, msgspec.UNSET),
            )
            for question in row.questions
        ]
    )


async def submit_answers(ctx: Context, project_id: str, submitted: SubmitAnswers) -> SpecState:
    """Take the answers and write the first version of the spec from them.

    Raises: NotFound, ValidationFailed naming each wrong answer, WrongState unless questions are
    open, ChangedMeanwhile.
    """
    row = await read_brief(ctx, project_id, ANSWERABLE)
    answers = checked(row.questions, submitted.answers)
    brief = row.brief(answers=answers)
    with agents.answering():
        documents = await agents.default(ctx.settings).specify(brief)
    async with ctx.transaction() as tx:
        if not await tx.run(
            sql.accept_answers,
            project_id=project_id,
            answers=answers,
            updated_at=row.updated_at,
        ):
            raise await changed(tx, project_id, ANSWERABLE)
        await events.record_project(tx, project_id, AnswersSubmitted(count=len(answers)))
        spec = await create_spec(tx, project_id, row.version + 1, brief, documents, None)
    return SpecState(status=ProjectStatus.spec_review, spec=spec)


async def regenerate_spec(ctx: Context, project_id: str, request: RegenerateSpec) -> SpecState:
    """Write a new version from the present description, the answers and all feedback.

    Raises: NotFound, WrongState before there is a spec or while a run is live, ChangedMeanwhile.
    """
    row = await read_brief(ctx, project_id, REGENERABLE)
    feedback = request.feedback or None
    brief = row.brief(feedback=[*row.feedback, *([feedback] if feedback else [])])
    with agents.answering():
        documents = await agents.default(ctx.settings).specify(brief)
    async with ctx.transaction() as tx:
        if not await tx.run(sql.reopen_review, project_id=project_id, updated_at=row.updated_at):
            raise await changed(tx, project_id, REGENERABLE)
        spec = await create_spec(tx, project_id, row.version + 1, brief, documents, feedback)
    return SpecState(status=ProjectStatus.spec_review, spec=spec)


async def approve_spec(ctx: Context, project_id: str) -> Approval:
    """Freeze the newest version for building.

    Raises: NotFound, WrongState unless the project is in spec_review.
    """
    async with ctx.transaction() as tx:
        if not await tx.run(sql.approve_project, project_id=project_id):
            raise await refusal(tx, project_id, APPROVABLE)
        approved = await tx.one(sql.approve_spec, ApprovedSpec, project_id=project_id)
        await events.record_project(tx, project_id, SpecApproved(version=approved.version))
    return Approval(status=ProjectStatus.approved, spec=approved)


async def list_specs(ctx: Context, project_id: str, page: int, page_size: int) -> Page[SpecSummary]:
    """A page of the versions, newest first.

    Raises: NotFound.
    """
    async with ctx.transaction() as tx:
        await require(tx, project_id)
        return await page_of(
            tx, sql.list_specs, sql.count_specs, SpecSummary, page, page_size, project_id=project_id
        )


async def get_spec(ctx: Context, project_id: str, version: int) -> Spec:
    """One version with its documents.

    Raises: NotFound.
    """
    async with ctx.transaction() as tx:
        await require(tx, project_id)
        spec = await tx.first(sql.get_spec, Spec, project_id=project_id, version=version)
    if spec is None:
        raise NotFound("There is no such version of the spec.")
    return spec


async def read_brief(ctx: Context, project_id: str, allowed: list[ProjectStatus]) -> BriefRow:
    """What was said, if the project is in one of these states.

    Raises: NotFound, WrongState.
    """
    async with ctx.transaction(at_once=True) as tx:  # callers go on to the agent
        row = await tx.first(sql.get_brief, BriefRow, project_id=project_id)
    if row is None:
        raise NotFound("There is no such project.")
    if row.status not in allowed:
        raise WrongState("project", row.status, [str(state) for state in allowed])
    return row


async def asked_meanwhile(tx: Transaction, project_id: str) -> Questions:
    """The questions that another caller asked at the same moment.

    Raises: NotFound, WrongState, ChangedMeanwhile.
    """
    row = await tx.first(sql.get_brief, BriefRow, project_id=project_id)
    if row is None or row.status != ProjectStatus.clarifying:
        raise await changed(tx, project_id, ASKABLE)
    return Questions(questions=row.questions)


async def changed(tx: Transaction, project_id: str, allowed: list[ProjectStatus]) -> Exception:
    """Why a guarded change touched no row: missing, in another state, or edited meanwhile."""
    error = await refusal(tx, project_id, allowed)
    if isinstance(error, WrongState) and error.current in allowed:
        return ChangedMeanwhile()
    return error


async def create_spec(
    tx: Transaction,
    project_id: str,
    version: int,
    brief: Brief,
    documents: dict[str, str],
    feedback: str | None,
) -> Spec:
    """Store a version.

    Raises: ChangedMeanwhile (by its primary key) if someone else stored it first.
    """
    spec = await tx.one(
        sql.create_spec,
        Spec,
        project_id=project_id,
        version=version,
        brief=brief,
        documents=documents,
        feedback=feedback,
    )
    await events.record_project(tx, project_id, SpecGenerated(version=version))
    return spec
