"""The cut of the work: tasks with dependencies and scopes that never overlap."""

from collections.abc import Callable

import msgspec

from generated.models import Plan, TaskDefinition
from services.adapters.agents.scaffold import build
from services.adapters.agents.scaffold.build import Files
from services.adapters.agents.scaffold.model import Application, Auth
from services.adapters.agents.scaffold.render import render

Builder = Callable[[Application], Files]


class Step(msgspec.Struct, frozen=True):
    """A task before it has an id."""

    slug: str
    description: str
    builder: Builder
    after: tuple[str, ...] = ()


def steps(app: Application) -> list[Step]:
    """All tasks, each after those that it depends on; the slug names it in the plan."""
    ground = ("data", "server")
    found = [
        Step("contract", "Write openapi.yaml, from which everything else follows", build.contract),
        Step("data", "Write the SQLite schema and the store", build.data, ("contract",)),
        Step("server", "Join contract, handlers and errors", build.server, ("contract",)),
        Step("page-shell", "Write the page that all resources share", build.page, ("contract",)),
        Step("handbook", "Write README, scripts and manifest", build.handbook, ("contract",)),
        Step("checks", "Write the shared fixtures and the walk", build.checks, ground),
    ]
    if app.auth is not Auth.none:
        found.append(Step("auth", "Let callers prove who they are", build.auth, ground))
    for resource in app.resources:
        description = f"Serve, show and test {resource.plural.replace('_', ' ')}"
        builder = build.resource_builder(resource)
        found.append(Step(f"resource-{resource.slug}", description, builder, ground))
    return found


def plan(app: Application) -> Plan:
    """The steps as task definitions; merged in the order in which they are listed."""
    all_steps = steps(app)
    ids = {step.slug: f"task-{number:03}" for number, step in enumerate(all_steps, 1)}
    tasks = [_definition(app, step, ids) for step in all_steps]
    return Plan(tasks=tasks, merge_order=[task.id for task in tasks])


def _definition(app: Application, step: Step, ids: dict[str, str]) -> TaskDefinition:
    outputs = sorted(step.builder(app))
    return TaskDefinition(
        id=ids[step.slug],
        slug=step.slug,
        description=step.description,
        instructions=_instructions(app, step, outputs),
        dependencies=[ids[slug] for slug in step.after],
        path_scope=outputs,
        expected_outputs=outputs,
    )


def _instructions(app: Application, step: Step, outputs: list[str]) -> str:
    kind = "resource" if step.slug.startswith("resource-") else step.slug
    resource = next((r for r in app.resources if step.slug == f"resource-{r.slug}"), None)
    return render(f"instructions/{kind}.md.jinja", app, resource=resource, outputs=outputs)
