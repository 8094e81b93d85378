"""Specs: questions, answers, versions, approval."""

import asyncio

import pytest

from generated.models import (
    Answer,
    CreateProject,
    Project,
    Question,
    QuestionType,
    RegenerateSpec,
    StartRun,
    SubmitAnswers,
)
from services import agents, projects, runs, specs
from services.adapters.agents import Brief, Documents
from services.adapters.agents.scaffold import ScaffoldAgent
from services.answers import checked
from services.context import Context
from services.errors import ChangedMeanwhile, ValidationFailed, WrongState

NOTHING = SubmitAnswers(answers=[])


@pytest.fixture
async def project(ctx: Context) -> Project:
    """A draft."""
    new = CreateProject(name="Clinic", description="A clinic with pets, owners and visits.")
    return await projects.create_project(ctx, new)


async def test_asking_again_gives_the_same_questions(ctx: Context, project: Project) -> None:
    first = await specs.clarify_project(ctx, project.id)
    assert first.questions
    assert await specs.clarify_project(ctx, project.id) == first


async def test_answers_lead_to_the_first_version(ctx: Context, project: Project) -> None:
    asked = await specs.clarify_project(ctx, project.id)
    state = await specs.submit_answers(ctx, project.id, NOTHING)
    assert (state.status, state.spec.version) == ("spec_review", 1)
    listed = await specs.list_questions(ctx, project.id)
    assert [question.id for question in listed.questions] == [q.id for q in asked.questions]


async def test_answers_need_open_questions(ctx: Context, project: Project) -> None:
    with pytest.raises(WrongState) as refused:
        await specs.submit_answers(ctx, project.id, NOTHING)
    assert refused.value.state.current_state == "draft"


async def test_answering_twice_is_refused(ctx: Context, project: Project) -> None:
    await reviewed(ctx, project)
    with pytest.raises(WrongState) as refused:
        await specs.submit_answers(ctx, project.id, NOTHING)
    assert refused.value.state.allowed_states == ["clarifying"]


async def test_of_fifty_approvals_one_succeeds(ctx: Context, project: Project) -> None:
    await reviewed(ctx, project)
    calls = [specs.approve_spec(ctx, project.id) for _ in range(50)]
    outcomes = await asyncio.gather(*calls, return_exceptions=True)
    refused = [outcome for outcome in outcomes if isinstance(outcome, WrongState)]
    assert len(refused) == 49
    assert {error.state.current_state for error in refused} == {"approved"}


async def test_of_ten_submissions_one_writes_a_version(ctx: Context, project: Project) -> None:
    await specs.clarify_project(ctx, project.id)
    calls = [specs.submit_answers(ctx, project.id, NOTHING) for _ in range(10)]
    outcomes = await asyncio.gather(*calls, return_exceptions=True)
    assert sum(not isinstance(outcome, Exception) for outcome in outcomes) == 1
    assert (await specs.list_specs(ctx, project.id, 1, 20)).pagination.total == 1


async def test_questions_are_closed_after_approval(ctx: Context, project: Project) -> None:
    await reviewed(ctx, project)
    await specs.approve_spec(ctx, project.id)
    with pytest.raises(WrongState):
        await specs.clarify_project(ctx, project.id)


async def test_feedback_makes_a_version_that_needs_approval_again(
    ctx: Context, project: Project
) -> None:
    await reviewed(ctx, project)
    await specs.approve_spec(ctx, project.id)
    request = RegenerateSpec(feedback="Add notifications")
    state = await specs.regenerate_spec(ctx, project.id, request)
    assert (state.status, state.spec.version) == ("spec_review", 2)
    assert "notification" in state.spec.documents.data_md.lower()
    with pytest.raises(WrongState):
        await runs.start_run(ctx, project.id, StartRun())
    versions = (await specs.list_specs(ctx, project.id, 1, 20)).items
    assert [spec.version for spec in versions] == [2, 1]
    assert versions[0].feedback == "Add notifications"
    assert versions[1].approved_at


async def test_a_version_is_not_written_over_what_changed_meanwhile(
    ctx: Context, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    await reviewed(ctx, project)
    thinking, done = asyncio.Event(), asyncio.Event()

    class Slow(ScaffoldAgent):
        async def specify(self, brief: Brief) -> Documents:
            thinking.set()
            await done.wait()
            return await super().specify(brief)

    monkeypatch.setattr(agents, "default", lambda settings: Slow())
    late = asyncio.create_task(specs.regenerate_spec(ctx, project.id, RegenerateSpec()))
    await thinking.wait()
    await specs.approve_spec(ctx, project.id)
    done.set()
    with pytest.raises(ChangedMeanwhile):
        await late
    assert (await projects.get_project(ctx, project.id)).status == "approved"
    assert (await specs.list_specs(ctx, project.id, 1, 20)).pagination.total == 1


async def test_an_old_version_stays_readable(ctx: Context, project: Project) -> None:
    await reviewed(ctx, project)
    await specs.regenerate_spec(ctx, project.id, RegenerateSpec(feedback="Add invoices"))
    first = await specs.get_spec(ctx, project.id, 1)
    second = await specs.get_spec(ctx, project.id, 2)
    assert first.documents != second.documents


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ([("q9", True)], "/answers/0/questionId"),
        ([("q1", "A"), ("q1", "A")], "/answers/1/questionId"),
        ([("q1", "C")], "/answers/0/answer"),
        ([("q1", True)], "/answers/0/answer"),
        ([("q1", "A"), ("q2", "yes")], "/answers/1/answer"),
        ([("q3", "A")], "/answers/0/answer"),
        ([("q3", ["A", "A"])], "/answers/0/answer"),
        ([("q3", ["A", "Z"])], "/answers/0/answer"),
        ([("q4", False)], "/answers/0/answer"),
    ],
)
def test_an_answer_that_does_not_fit_is_named(
    given: list[tuple[str, str | bool | list[str]]], field: str
) -> None:
    answers = [Answer(question_id=name, answer=value) for name, value in given]
    with pytest.raises(ValidationFailed) as refused:
        checked(QUESTIONS, answers)
    assert isinstance(refused.value.details, list)
    assert [problem.field_ for problem in refused.value.details] == [field]


def test_answers_that_fit_are_taken_by_question() -> None:
    answers = [Answer(question_id="q1", answer="B"), Answer(question_id="q3", answer=["A", "B"])]
    assert checked(QUESTIONS, answers) == {"q1": "B", "q3": ["A", "B"]}


QUESTIONS = [
    Question(id="q1", question="?", type=QuestionType.single_choice, options=["A", "B"]),
    Question(id="q2", question="?", type=QuestionType.boolean),
    Question(id="q3", question="?", type=QuestionType.multiple_choice, options=["A", "B"]),
    Question(id="q4", question="?", type=QuestionType.text),
]


async def reviewed(ctx: Context, project: Project) -> None:
    """Bring a draft to spec_review."""
    await specs.clarify_project(ctx, project.id)
    await specs.submit_answers(ctx, project.id, NOTHING)
