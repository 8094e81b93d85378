"""Start-up refuses a contract that the code does not keep, with one line that says where."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from generated import models
from handlers.gateway.contract import Compiler, Handlers
from handlers.gateway.shedding import Lanes
from services.schemas import ContractBroken
from services.settings import Settings
from tests.contract.walk import CONTRACT

Json = dict[str, Any]
Mutation = Callable[[Json], object]


def compiled(contract: Json) -> Compiler:
    """The contract with our handlers and types."""
    return Compiler(contract, Handlers("handlers"), models, "on", Lanes(Settings()))


def projects(contract: Json) -> Json:
    """The path item of the projects."""
    found: Json = contract["paths"]["/projects"]
    return found


BROKEN: dict[str, tuple[Mutation, str]] = {
    "an operation without an id": (
        lambda c: projects(c)["get"].pop("operationId"),
        "GET /projects has no operationId",
    ),
    "an id that is used twice": (
        lambda c: projects(c)["get"].update(operationId="create_project"),
        "create_project",
    ),
    "a tag without a module": (
        lambda c: projects(c)["get"].update(tags=["nowhere"]),
        "there is no handlers/nowhere.py",
    ),
    "an id without a handler": (
        lambda c: projects(c)["get"].update(operationId="count_projects"),
        "handlers/projects.py has no count_projects",
    ),
    "a parameter that the handler does not take": (
        lambda c: projects(c)["get"]["parameters"].append(
            {"name": "color", "in": "query", "schema": {"type": "string"}}
        ),
        "list_projects: code and contract disagree on color",
    ),
    "a parameter that the contract has lost": (
        lambda c: projects(c)["get"].update(parameters=[]),
        "list_projects: code and contract disagree on",
    ),
    "a body that the handler does not take": (
        lambda c: projects(c)["get"].update(requestBody=projects(c)["post"]["requestBody"]),
        "list_projects: code and contract disagree on body",
    ),
    "a scheme that nobody checks": (
        lambda c: c["components"]["securitySchemes"].update(
            ApiKey={"type": "http", "scheme": "digest"}
        ),
        "nothing checks the scheme ApiKey",
    ),
    "a scheme that is not declared": (
        lambda c: projects(c)["get"].update(security=[{"Nowhere": []}]),
        "list_projects: nothing checks the scheme Nowhere",
    ),
    "alternatives of schemes": (
        lambda c: projects(c)["get"].update(security=[{"ApiKey": []}, {"Other": []}]),
        "list_projects: one scheme is possible",
    ),
    "a schema that is none": (
        lambda c: projects(c)["get"]["parameters"].append(
            {"name": "color", "in": "query", "schema": {"type": "colour"}}
        ),
        "list_projects: ",
    ),
    "a reference to nothing": (
        lambda c: projects(c)["post"]["requestBody"]["content"]["application/json"].update(
            schema={"$ref": "#/components/schemas/Nothing"}
        ),
        "create_project: ",
    ),
    "an example that does not fit": (
        lambda c: projects(c)["post"]["requestBody"]["content"]["application/json"].update(
            example={"name": 1}
        ),
        "create_project: the example is wrong",
    ),
}


def test_the_contract_as_it_is_compiles() -> None:
    operations = sum(len(item) for item in CONTRACT["paths"].values())
    assert len(compiled(CONTRACT).operations) == operations


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_contract_is_refused_with_its_place(name: str) -> None:
    mutation, message = BROKEN[name]
    contract = copy.deepcopy(CONTRACT)
    mutation(contract)
    with pytest.raises(ContractBroken) as refused:
        compiled(contract)
    assert message in str(refused.value)
    assert "\n" not in str(refused.value)
