"""What stock Connexion does wrong, ours does right: each defect against both, over HTTP.

With `OURS_IS_STOCK=1` in the environment stock Connexion takes the place of ours; then every test
fails. Where the stock half fails, the installed Connexion has lost the defect.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import jinja2
import pytest
import yaml

from services.schemas import ContractBroken
from tests.gateway.defects import served
from tests.gateway.defects.served import CONTRACT, Json

JSON = {"Content-Type": "application/json"}
ANY = {"200": {"description": "Anything."}}


@pytest.fixture(scope="module")
def stock() -> Iterator[httpx.Client]:
    """Stock Connexion."""
    with served.served(served.stock(CONTRACT)) as client:
        yield client


@pytest.fixture(scope="module")
def ours() -> Iterator[httpx.Client]:
    """Ours."""
    with served.served(served.ours(CONTRACT)) as client:
        yield client


@pytest.fixture
def changed(tmp_path: Path) -> Callable[..., Path]:
    """Writes the small contract with other paths and, if given, other security schemes."""

    def write(paths: Json, schemes: Json | None = None) -> Path:
        contract = yaml.safe_load(CONTRACT.read_text())
        contract["paths"] = paths
        contract["components"]["securitySchemes"].update(schemes or {})
        (tmp_path / "contract.yaml").write_text(yaml.safe_dump(contract, sort_keys=False))
        return tmp_path / "contract.yaml"

    return write


def get(operation_id: str, **more: Any) -> Json:
    """A path item with one operation."""
    return {"get": {"operationId": operation_id, "tags": ["notes"], "responses": ANY, **more}}


def asked(contract: Path, path: str) -> int:
    """The status with which stock Connexion answers."""
    with served.served(served.stock(contract)) as client:
        return client.get(path).status_code


def posted(client: httpx.Client, content: Any, headers: Json = JSON) -> int:
    """The status of a new note."""
    return client.post("/notes", content=content, headers=headers).status_code


def test_01_an_optional_body_can_be_left_out(stock: httpx.Client, ours: httpx.Client) -> None:
    assert stock.post("/remarks").status_code == 400
    assert ours.post("/remarks").status_code == 200


def test_02_a_body_can_come_in_chunks(stock: httpx.Client, ours: httpx.Client) -> None:
    assert posted(stock, iter([b"{", b"}"])) == 400
    assert posted(ours, iter([b"{", b"}"])) == 200


@pytest.mark.parametrize(
    ("content", "by_stock", "by_ours"),
    [
        (b'{"text": "\xff"}', 500, 400),
        (b"[" * 100_000, 500, 400),
        (b'{"weight": NaN}', 200, 400),
        (b'{"text": "\\ud800"}', 200, 400),
    ],
    ids=["invalid_utf8", "nested", "nan", "lone_surrogate"],
)
def test_03_garbage_is_a_bad_request(
    stock: httpx.Client, ours: httpx.Client, content: bytes, by_stock: int, by_ours: int
) -> None:
    assert posted(stock, content) == by_stock
    assert posted(ours, content) == by_ours


def test_03_a_media_type_can_be_in_capitals(stock: httpx.Client, ours: httpx.Client) -> None:
    assert posted(stock, b"{}", {"Content-Type": "Application/JSON"}) == 500
    assert posted(ours, b"{}", {"Content-Type": "Application/JSON"}) == 200


def test_03_an_unknown_charset_is_refused(stock: httpx.Client, ours: httpx.Client) -> None:
    assert posted(stock, b"{}", {"Content-Type": "application/json; charset=foo"}) == 200
    assert posted(ours, b"{}", {"Content-Type": "application/json; charset=foo"}) == 415


@pytest.mark.parametrize("boundary", ["", "; boundary=a"], ids=["no_boundary", "bad_boundary"])
def test_03_a_broken_form_is_no_fault_of_ours(
    stock: httpx.Client, ours: httpx.Client, boundary: str
) -> None:
    headers = {"Content-Type": f"multipart/form-data{boundary}"}
    assert stock.post("/files", content=b"x", headers=headers).status_code == 500
    assert ours.post("/files", content=b"x", headers=headers).status_code == 415


def test_04_null_is_good_where_nullable_stands_beside_all_of(
    stock: httpx.Client, ours: httpx.Client
) -> None:
    assert posted(stock, b'{"remark": null}') == 400
    assert posted(ours, b'{"remark": null}') == 200


def test_05_a_header_can_be_a_number(stock: httpx.Client, ours: httpx.Client) -> None:
    assert stock.get("/counts", headers={"X-Count": "3"}).status_code == 400
    assert ours.get("/counts", headers={"X-Count": "3"}).json() == {"count": 3}


def test_06_an_operation_id_that_is_used_twice_opens_nothing(
    changed: Callable[..., Path],
) -> None:
    secret = get("get_secret", security=[{"Key": []}], **{"x-scope": "admin"})
    contract = changed({"/secrets": secret, "/open": get("get_secret", security=[])})
    assert asked(contract, "/secrets") == 200  # without any credential
    with pytest.raises(ContractBroken, match="get_secret is used twice"):
        served.ours(contract)


def test_07_a_parameter_without_a_type_stops_the_start(changed: Callable[..., Path]) -> None:
    union = {"oneOf": [{"type": "integer"}, {"type": "boolean"}]}
    contract = changed(
        {"/pages": get("get_page", parameters=[{"name": "limit", "in": "query", "schema": union}])}
    )
    assert asked(contract, "/pages?limit=5") == 500
    with pytest.raises(ContractBroken, match=r"get_page: .*limit.* type"):
        served.ours(contract)


def test_08_a_parameter_of_an_operation_overrides_that_of_its_path(
    stock: httpx.Client, ours: httpx.Client
) -> None:
    assert stock.get("/pages?limit=50").status_code == 400
    assert ours.get("/pages?limit=50").json() == {"limit": 50}


def test_09_a_verb_is_no_id(stock: httpx.Client, ours: httpx.Client) -> None:
    assert stock.get("/notes/a:run").json() == {"got": "a:run"}
    answer = ours.get("/notes/a:run")
    assert (answer.status_code, answer.headers["allow"]) == (405, "OPTIONS, POST")


def test_10_allow_lists_every_method(stock: httpx.Client, ours: httpx.Client) -> None:
    assert set(stock.put("/notes").headers["allow"].split(", ")) == {"GET", "HEAD"}
    assert ours.put("/notes").headers["allow"] == "DELETE, GET, HEAD, OPTIONS, POST"


@pytest.mark.parametrize(
    ("target", "by_stock"),
    [
        ("/numbers/" + "9" * 4301, 500),
        ("/numbers/1?factor=1_0", 200),
        ("/numbers/1?factor=%EF%BC%91", 200),
        ("/numbers/1?ratio=nan", 200),
        ("/numbers/1?ratio=inf", 200),
        ("/numbers/1?ratio=1e400", 200),
    ],
    ids=["4301_digits", "underscore", "full_width", "nan", "inf", "1e400"],
)
def test_11_a_number_is_what_json_calls_a_number(
    stock: httpx.Client, ours: httpx.Client, target: str, by_stock: int
) -> None:
    assert stock.get(target).status_code == by_stock
    assert ours.get(target).status_code == 400
    assert ours.get("/numbers/2?factor=3&ratio=-1.5e2").json()["ratio"] == -150


@pytest.mark.parametrize("target", ["/surprises", "/places"], ids=["status", "header"])
def test_12_an_answer_that_is_not_documented_is_a_fault(
    stock: httpx.Client, ours: httpx.Client, target: str
) -> None:
    assert stock.get(target).status_code == 200
    assert ours.get(target).status_code == 500


def test_13_a_recursive_schema_breaks_no_page(stock: httpx.Client, ours: httpx.Client) -> None:
    assert stock.get("/notes").json() == ours.get("/notes").json()
    assert stock.get("/openapi.json").status_code == 500
    assert ours.get("/openapi.json").status_code == 404


def test_14_a_contract_is_no_template(
    stock: httpx.Client, ours: httpx.Client, tmp_path: Path
) -> None:
    assert stock.get("/forms").json() == {"form": "a1c"}
    assert ours.get("/forms").json() == {"form": "a{{ 1 }}c"}
    broken = tmp_path / "contract.yaml"
    broken.write_text(CONTRACT.read_text().replace("{{ 1 }}", "{% x"))
    with pytest.raises(jinja2.TemplateSyntaxError):
        served.stock(broken)
    served.ours(broken)


def test_15_a_missing_handler_stops_the_start(changed: Callable[..., Path]) -> None:
    contract = changed({"/nothing": get("get_nothing")})
    assert asked(contract, "/nothing") == 500
    with pytest.raises(ContractBroken, match="has no get_nothing"):
        served.ours(contract)


def test_16_who_is_unknown_learns_how_to_authenticate(
    stock: httpx.Client, ours: httpx.Client
) -> None:
    refused = stock.get("/secrets"), ours.get("/secrets")
    assert [answer.status_code for answer in refused] == [401, 401]
    assert ["www-authenticate" in answer.headers for answer in refused] == [False, True]


def test_17_a_scheme_that_nobody_checks_stops_the_start(changed: Callable[..., Path]) -> None:
    badge = {"Badge": {"type": "apiKey", "in": "header", "name": "X-Badge"}}
    contract = changed({"/secrets": get("get_secret", security=[{"Badge": []}])}, badge)
    assert asked(contract, "/secrets") == 401  # whatever badge is shown
    with pytest.raises(ContractBroken, match="nothing checks the scheme Badge"):
        served.ours(contract)


def test_18_a_uuid_is_checked(stock: httpx.Client, ours: httpx.Client) -> None:
    assert posted(stock, b'{"id": "none"}') == 200
    assert posted(ours, b'{"id": "none"}') == 400
    assert posted(ours, b'{"id": "0190d6e2-7b1c-7c3a-9f00-3a1b2c3d4e5f"}') == 200


def test_19_a_path_with_a_slash_at_its_end_is_not_found(
    stock: httpx.Client, ours: httpx.Client
) -> None:
    assert stock.get("/notes/").status_code == 307
    assert ours.get("/notes/").status_code == 404
