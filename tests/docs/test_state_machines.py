"""docs/state-machines.md says what the contract, the schema, the queries and the services do."""

import json
import re
from typing import Any

import msgspec
import pytest

from db.queries import Query, load
from generated.models import (
    Answer,
    CreateExport,
    CreateProject,
    RegenerateSpec,
    StartRun,
    SubmitAnswers,
)
from services import exports, projects, runs, specs
from services.context import Context
from services.errors import WrongState
from tests.docs.markdown import blocks, codes, read, rows, section

TEXT = read("docs/state-machines.md")
NOUNS = ["Project", "Run", "Task", "Export"]
SUCCEED = Query("test.succeed", b"UPDATE run SET status = 'succeeded' WHERE id = %(run_id)s")


def contract_states(noun: str) -> set[str]:
    contract = json.loads(read("generated/openapi.json"))
    return set(contract["components"]["schemas"][f"{noun}Status"]["enum"])


def checked_states(noun: str) -> set[str]:
    found = re.search(rf"{noun.lower()}_status_check CHECK \(status IN \((.*?)\)\)", SCHEMA, re.S)
    assert found
    return set(re.findall(r"'(\w+)'", found[1]))


SCHEMA = read("db/schema.sql")


@pytest.mark.parametrize("noun", NOUNS)
def test_the_states_are_those_of_the_contract_and_of_the_schema(noun: str) -> None:
    table = rows(section(TEXT, f"## {noun}"))
    named = {state for source, target, *_ in table for state in codes(source + target)}
    [diagram] = blocks(section(TEXT, f"## {noun}"), "mermaid")
    drawn = set(re.findall(r"\b([a-z_]+)(?= -->)|(?<=--> )([a-z_]+)", diagram))
    assert named == {state for pair in drawn for state in pair if state}
    assert named == contract_states(noun)
    assert named == checked_states(noun) - (contract_states("Job") - named)


def test_a_run_is_in_no_state_but_those_of_builds_and_jobs() -> None:
    assert checked_states("Run") == contract_states("Run") | contract_states("Job")


@pytest.mark.parametrize("noun", NOUNS)
def test_the_diagram_shows_the_transitions_of_the_table(noun: str) -> None:
    text = section(TEXT, f"## {noun}")
    arrows = set(re.findall(r"^ *(\w+) --> (\w+)", blocks(text, "mermaid")[0], re.MULTILINE))
    table = {
        (source, target)
        for sources, targets, *_ in rows(text)
        if not sources.startswith("any but")
        for source in codes(sources)
        for target in codes(targets)
    }
    drawn = {arrow for arrow in arrows if arrow[1] != "archived"}
    assert drawn <= table
    # The guard of a run's end allows every live state; the diagram shows how it comes about.
    assert all(target == "succeeded" for _, target in table - drawn)


@pytest.mark.parametrize("noun", NOUNS)
def test_each_guard_is_a_query_that_names_the_states(noun: str) -> None:
    for sources, targets, _, guard in rows(section(TEXT, f"## {noun}")):
        file, _, name = guard.strip("`").partition(".")
        sql = with_functions(load(file).all[name].text.decode())
        literals = set(re.findall(r"'(\w+)'", sql))
        if codes(sources):
            given = any(
                name in sql for name in ("%(before)s", "%(statuses)s", "completed_at IS NULL")
            )
            assert set(codes(sources)) <= literals or given, guard
            assert set(codes(targets)) <= literals or "%(status)s" in sql, guard


def with_functions(sql: str) -> str:
    """A query with the text of the functions that it calls, and of those that they call."""
    text = sql
    for called in re.findall(r"(?:FROM|PERFORM) (\w+)\(", sql):
        if found := re.search(rf"CREATE FUNCTION {called}\(.*?\$\$;", SCHEMA, re.S):
            text += with_functions(found[0])
    return text


def documented() -> dict[str, Any]:
    table = rows(section(TEXT, "## Refusals"))
    return {request: json.loads(details.strip("`")) for request, details in table}


class Refusals:
    """Collects the details of refused requests."""

    def __init__(self) -> None:
        self.found: dict[str, Any] = {}

    async def expect(self, request: str, call: Any) -> None:
        with pytest.raises(WrongState) as refused:
            await call
        details = json.loads(msgspec.json.encode(refused.value.details))
        self.found[request] = details | ({"id": "run_…"} if "id" in details else {})


async def test_each_refusal_answers_what_is_written(ctx: Context) -> None:
    refused = Refusals()
    description = "A clinic with pets, owners and visits."
    new = CreateProject(name="Clinic", description=description)
    project = (await projects.create_project(ctx, new)).id
    answers = SubmitAnswers(answers=[Answer(question_id="q6", answer="Colour")])

    await refused.expect(
        "Regenerate before there is a spec", specs.regenerate_spec(ctx, project, RegenerateSpec())
    )
    await refused.expect("Start a run before approval", runs.start_run(ctx, project, StartRun()))
    await specs.clarify_project(ctx, project)
    await specs.submit_answers(ctx, project, answers)
    await specs.approve_spec(ctx, project)
    await refused.expect("Clarify after approval", specs.clarify_project(ctx, project))
    await refused.expect("Answer after approval", specs.submit_answers(ctx, project, answers))
    await refused.expect("Approve twice", specs.approve_spec(ctx, project))

    run = (await runs.start_run(ctx, project, StartRun())).id
    await refused.expect("Start a run while one is live", runs.start_run(ctx, project, StartRun()))
    await refused.expect("Retry a run that is live", runs.retry_run(ctx, project, run))
    await refused.expect("Archive while a run is live", projects.delete_project(ctx, project))
    await runs.cancel_run(ctx, project, run)
    await refused.expect("Cancel a run that has ended", runs.cancel_run(ctx, project, run))
    request = CreateExport(run_id=run)
    await refused.expect(
        "Export a run that has not succeeded", exports.create_export(ctx, project, request)
    )
    async with ctx.transaction() as tx:
        await tx.run(SUCCEED, run_id=run)
    export = await exports.create_export(ctx, project, request)
    await refused.expect(
        "Download before it is packed", exports.download_export(ctx, project, export.id)
    )
    assert refused.found == documented()
