"""Every operation and every parameter: unknown, repeated, out of range, written in strange ways."""

from typing import Any

import pytest

from tests.contract.seed import Tenant
from tests.contract.walk import SCHEMAS, SECURED, Operation, ask, each, fields

Json = dict[str, Any]
IN_QUERY = [
    (operation, parameter) for operation in SECURED for parameter in operation.parameters("query")
]
INTEGERS = [
    (operation, parameter)
    for operation in SECURED
    for place in ("query", "path")
    for parameter in operation.parameters(place)
    if SCHEMAS.resolve(parameter["schema"])["type"] == "integer"
]
NO_INTEGERS = [
    "one", "1.0", "1e1", "0x1", "+1", "%201", "01", "1_0", "true", "NaN", "Infinity",
    "%EF%BC%91", "%D9%A1", "9223372036854775808", "-9223372036854775809", "9" * 4301,
]  # fmt: skip
STRANGE_QUERIES = {
    "not_utf8": "page=%FF",
    "overlong": "page=%C0%80",
    "surrogate": "page=%ED%A0%80",
    "200_pairs": "&".join(f"a{n}=1" for n in range(200)),
}


def each_parameter(pairs: list[tuple[Operation, Json]]) -> pytest.MarkDecorator:
    """Run a test for each operation and each of its parameters."""
    names = [f"{operation.id}-{parameter['name']}" for operation, parameter in pairs]
    return pytest.mark.parametrize(("operation", "parameter"), pairs, ids=names)


def ask_with(mine: Tenant, operation: Operation, parameter: Json, text: str) -> Any:
    """Call the operation with the text in the place of the parameter."""
    name = parameter["name"]
    if parameter["in"] == "path":
        return ask(mine.http, operation, mine.ids | {name: text})
    url = f"{operation.path(mine.ids)}?{name}={text}"
    return ask(mine.http, operation, mine.ids, url=url)


def limits(parameter: Json) -> tuple[int, int]:
    """The least and the greatest value of an integer."""
    schema = SCHEMAS.resolve(parameter["schema"])
    return schema["minimum"], schema["maximum"]


@each(SECURED)
@pytest.mark.parametrize("name", ["unknown", "id[]", "page[]", "projectId", "PAGE", "__proto__"])
def test_an_unknown_parameter_is_named(mine: Tenant, operation: Operation, name: str) -> None:
    answer = ask(mine.http, operation, mine.ids, params={name: "1"})
    assert fields(answer) == [f"/{name}"]


@each_parameter(IN_QUERY)
def test_a_parameter_that_is_given_twice_is_named(
    mine: Tenant, operation: Operation, parameter: Json
) -> None:
    name = parameter["name"]
    value = str(parameter.get("example", SCHEMAS.resolve(parameter["schema"]).get("example")))
    answer = ask(mine.http, operation, mine.ids, params=[(name, value), (name, value)])
    assert fields(answer) == [f"/{name}"]


@each_parameter(INTEGERS)
@pytest.mark.parametrize("text", NO_INTEGERS, ids=lambda text: text[:24])
def test_what_is_no_plain_64_bit_number_is_named(
    mine: Tenant, operation: Operation, parameter: Json, text: str
) -> None:
    assert fields(ask_with(mine, operation, parameter, text)) == [f"/{parameter['name']}"]


@each_parameter(INTEGERS)
@pytest.mark.parametrize("beyond", ["below", "above", "far_above", "far_below"])
def test_a_number_out_of_range_is_named(
    mine: Tenant, operation: Operation, parameter: Json, beyond: str
) -> None:
    least, greatest = limits(parameter)
    number = {
        "below": least - 1,
        "above": greatest + 1,
        "far_above": 2**63 - 1,
        "far_below": -(2**63),
    }[beyond]
    answer = ask_with(mine, operation, parameter, str(number))
    assert fields(answer) == [f"/{parameter['name']}"]


@each_parameter(INTEGERS)
@pytest.mark.parametrize("end", [0, 1], ids=["least", "greatest"])
def test_a_number_at_the_end_of_its_range_is_good(
    mine: Tenant, operation: Operation, parameter: Json, end: int
) -> None:
    answer = ask_with(mine, operation, parameter, str(limits(parameter)[end]))
    assert answer.status_code in (200, 404)


@each_parameter(IN_QUERY)
def test_an_empty_parameter_is_named(mine: Tenant, operation: Operation, parameter: Json) -> None:
    assert fields(ask_with(mine, operation, parameter, "")) == [f"/{parameter['name']}"]


@each_parameter(IN_QUERY)
def test_a_parameter_with_nul_is_named(mine: Tenant, operation: Operation, parameter: Json) -> None:
    assert fields(ask_with(mine, operation, parameter, "a%00b")) == [f"/{parameter['name']}"]


@each(SECURED)
@pytest.mark.parametrize("query", STRANGE_QUERIES)
def test_a_query_that_cannot_be_read_is_a_bad_request(
    mine: Tenant, operation: Operation, query: str
) -> None:
    url = f"{operation.path(mine.ids)}?{STRANGE_QUERIES[query]}"
    answer = ask(mine.http, operation, mine.ids, url=url)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "VALIDATION_ERROR")


def test_every_wrong_parameter_of_a_request_is_named(mine: Tenant) -> None:
    answer = mine.http.get("/projects?page=0&pageSize=101&status=gone&search=&other=1")
    assert sorted(fields(answer)) == ["/other", "/page", "/pageSize", "/search", "/status"]
