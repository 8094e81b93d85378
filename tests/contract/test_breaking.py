"""The gate finds what breaks clients, at its place, and nothing else."""

import copy
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from scripts.breaking.contracts import compare_contracts
from scripts.breaking.findings import HARM, Finding, breaks, report
from scripts.checks import breaking as check
from scripts.contract import Json
from scripts.generation import BUNDLE, ROOT
from tests.contract.breaks import BREAKS
from tests.contract.changes import (
    CREATE,
    PATHS,
    PROJECT,
    REGENERATE,
    SCHEMAS,
    SEARCH,
    Change,
    added,
    both,
    cut,
    find,
    put,
)  # fmt: skip
from tests.contract.safe import SAFE

TEXT = BUNDLE.read_text(encoding="utf-8")
CONTRACT: Json = json.loads(TEXT)
WHY = "nobody calls it"
EXPORT = f"{SCHEMAS}/Export"


def changed(*changes: Change) -> Json:
    contract: Json = json.loads(TEXT)
    for change in changes:
        change(contract)
    return contract


def compared(*changes: Change) -> list[Finding]:
    return compare_contracts(CONTRACT, changed(*changes))


@pytest.mark.parametrize("name", BREAKS)
def test_a_break_is_found_at_its_place_and_nothing_else(name: str) -> None:
    broken = BREAKS[name]
    old, new = changed(broken.prepare), changed(broken.prepare, broken.change)
    [found] = compare_contracts(old, new)
    gone = broken.kind in ("parameter-removed", "path-removed", "method-removed")
    assert (found.kind, found.pointer) == (broken.kind, placed(old if gone else new, broken.place))


def placed(contract: Json, place: str) -> str:
    """The pointer of a place that names its parameter; the last key may be absent."""
    head, _, key = place.rpartition("/")
    if not place.startswith(PATHS) or "/parameters/" not in place:
        return place
    named = head.endswith("/parameters")
    return find(contract, place).pointer if named else f"{find(contract, head).pointer}/{key}"


def test_every_kind_of_break_has_a_mutation() -> None:
    assert {broken.kind for broken in BREAKS.values()} == HARM.keys()


@pytest.mark.parametrize("name", SAFE)
def test_a_safe_change_is_not_found(name: str) -> None:
    new = changed(SAFE[name])
    assert json.dumps(new) != json.dumps(CONTRACT)
    assert compare_contracts(CONTRACT, new) == []


def test_a_contract_compared_with_itself_has_no_finding() -> None:
    rich = changed(*(broken.prepare for broken in BREAKS.values()), recursive())
    # Another security of the root makes the gate walk everything instead of what has changed.
    new = {**copy.deepcopy(rich), "security": [*rich["security"], {"Session": []}]}
    assert compare_contracts(rich, new) == []
    assert compare_contracts(CONTRACT, changed()) == []


OVERRIDES = {
    "an operation": (CREATE, "an operation is renamed"),
    "a path item": (PROJECT, "a method is removed"),
    "a parameter": (SEARCH, "a parameter is shorter"),
    "a shared parameter": (
        "#/components/parameters/PageSize", "a shared parameter has a lower maximum",
    ),
    "a body": (f"{PROJECT}~1runs/post/requestBody", "a body is required"),
    "an answer": (f"{CREATE}/responses/201", "a header of an answer is removed"),
    "a header": (f"{CREATE}/responses/201/headers/Location", "a header of an answer may be absent"),
    "a property": (f"{SCHEMAS}/Project/properties/repoPath", "a property of an answer may be null"),
    "a property with a default": (
        f"{REGENERATE}/properties/feedback", "a property of a request has a default newly",
    ),
    "a property that was required": (
        f"{SCHEMAS}/Project/properties/repoPath", "a property of an answer may be absent",
    ),
    "a schema": (f"{SCHEMAS}/Project", "a property of an answer is removed"),
    "a schema of a value": (f"{SCHEMAS}/RefType", "a value of an answer is new"),
    "a form": (f"{SCHEMAS}/AnswerValue/oneOf/0", "a form of a request is narrower"),
}  # fmt: skip


@pytest.mark.parametrize("where", OVERRIDES)
def test_a_reason_turns_a_break_into_a_note(where: str) -> None:
    place, name = OVERRIDES[where]
    broken = BREAKS[name]
    old = changed(broken.prepare)
    new = changed(broken.prepare, broken.change, put(place, x_breaking_ok=WHY))
    [found] = compare_contracts(old, new)
    assert (found.kind, found.reason) == (broken.kind, WHY)
    assert breaks([found]) == []


def test_what_is_gone_or_outside_is_excused_by_its_pointer_at_the_root() -> None:
    pointers = {f"{PATHS}/~1health": WHY, "#/servers": WHY}
    found = compared(
        BREAKS["a path is removed"].change,
        BREAKS["the base path is another"].change,
        put("#", x_breaking_ok=pointers),
    )
    assert {one.pointer: one.reason for one in found} == pointers


def test_a_reason_elsewhere_excuses_nothing() -> None:
    found = compared(BREAKS["a parameter is shorter"].change, put(CREATE, x_breaking_ok=WHY))
    assert len(breaks(found)) == 1


@pytest.mark.parametrize("reason", [True, "", " ", "\n", "-", "...", "2026"])
def test_a_reason_without_words_excuses_nothing(reason: object) -> None:
    here = put(CREATE, operationId="create_app", x_breaking_ok=reason)
    gone = put("#", x_breaking_ok={f"{PATHS}/~1health": reason})
    assert len(breaks(compared(here, gone, cut(PATHS, "/health")))) == 2


@pytest.mark.parametrize("again", [WHY, f" {WHY}\n"])
def test_a_reason_that_the_baseline_has_already_is_spent(again: str) -> None:
    old = changed(put(CREATE, x_breaking_ok=WHY))
    new = changed(put(CREATE, x_breaking_ok=again, operationId="create_app"))
    assert len(breaks(compare_contracts(old, new))) == 1


def test_a_shared_schema_is_excused_only_if_every_operation_that_uses_it_is() -> None:
    narrower = put(f"{SCHEMAS}/ProjectName", maxLength=9)
    update = put(f"{PROJECT}/patch", x_breaking_ok=WHY)
    create = put(CREATE, x_breaking_ok=WHY)
    assert len(breaks(compared(narrower, update))) == 1
    assert len(breaks(compared(narrower, create))) == 1
    assert not breaks(compared(narrower, update, create))


def test_a_break_in_a_shared_schema_is_found_once_for_all_its_operations() -> None:
    [found] = compared(put(f"{SCHEMAS}/ProjectName", maxLength=9))
    assert found.operations == ("create_project", "update_project")


def test_one_change_may_break_requests_and_answers() -> None:
    found = compared(put(f"{SCHEMAS}/RunStatus", enum=["queued", "failed"]))
    assert {one.kind for one in found} == {"enum-narrowed", "enum-widened"}


def test_an_open_enum_of_an_answer_may_widen() -> None:
    opened = put(f"{SCHEMAS}/EventType", x_open_enum=True)
    wider = put(f"{SCHEMAS}/EventType", enum=added("RUN_PAUSED"))
    assert compare_contracts(changed(opened), changed(opened, wider)) == []


def recursive(**further: object) -> Change:
    """The item of a question's options is a tree of itself, by a list and by a form."""
    tree = {"$ref": f"{SCHEMAS}/Tree"}
    properties = {"nodes": {"type": "array", "items": tree}, "best": {"anyOf": [tree, {}]}}
    schema = {"type": "object", "properties": {**properties, **further}}
    return both(
        put(SCHEMAS, Tree=schema), put(f"{SCHEMAS}/Question/properties/options", items=tree)
    )


def test_a_recursive_schema_has_no_finding_if_it_is_the_same() -> None:
    old = changed(recursive(text={"type": "string"}))
    new = changed(recursive(text={"type": "string"}, more={"type": "string"}))
    assert compare_contracts(old, new) == []


def test_a_break_in_a_recursive_schema_is_found_once() -> None:
    old = changed(recursive(text={"type": "string"}))
    new = changed(recursive(text={"type": "integer"}))
    [found] = compare_contracts(old, new)
    assert found[:2] == ("type-changed", f"{SCHEMAS}/Tree/properties/text/type")


def web(text: str) -> Change:
    """Twelve schemas of which each may hold each, as the nodes of a language do."""
    names = [f"Node{number}" for number in range(12)]
    anyone = {"anyOf": [{"$ref": f"{SCHEMAS}/{name}"} for name in names]}
    schemas: Json = {
        name: {"type": "object", "required": [name], "properties": {name: anyone}} for name in names
    }
    schemas["Node7"]["properties"]["text"] = {"type": text}
    options = put(f"{SCHEMAS}/Question/properties/options", items=anyone)
    return both(put(SCHEMAS, **schemas), options)


def test_a_break_in_a_web_of_recursive_schemas_is_found_soon() -> None:
    found = compare_contracts(changed(web("string")), changed(web("integer")))
    assert [one[:2] for one in found] == [("type-changed", f"{SCHEMAS}/Node7/properties/text/type")]


def test_what_was_sound_only_under_a_form_that_did_not_fit_is_compared_again() -> None:
    """The link of A fits that of B if A fits B; A does not, but another form does."""

    def form(name: str, kind: str, link: Json) -> Json:
        return {"type": "object", "properties": {"link": link, name: {"type": kind}}}

    def ref(name: str) -> Json:
        return {"$ref": f"{SCHEMAS}/{name}"}

    def link(name: str) -> Json:
        return {"type": "object", "properties": {"back": ref(name)}}

    def contract(schemas: Json, options: Json) -> Json:
        schema = {"type": "object", "properties": options}
        question = f"{SCHEMAS}/Question/properties"
        return changed(put(SCHEMAS, **schemas), put(question, options=schema))

    old = contract(
        {"A": form("kind", "string", ref("LinkA")), "C": form("kind", "integer", {}),
         "LinkA": link("A")},
        {"any": {"anyOf": [ref("A"), ref("C")]}, "link": ref("LinkA")},
    )  # fmt: skip
    new = contract(
        {"B": form("kind", "integer", ref("LinkB")), "LinkB": link("B")},
        {"any": {"anyOf": [ref("B")]}, "link": ref("LinkB")},
    )
    [found] = compare_contracts(old, new)
    assert found[:2] == ("type-changed", f"{SCHEMAS}/B/properties/kind/type")


def test_a_request_that_may_be_null_may_have_another_form_too() -> None:
    place = f"{SCHEMAS}/RegenerateSpec/properties"
    text, number = {"type": "string"}, {"type": "integer"}
    old = changed(put(place, feedback={**text, "nullable": True}))
    new = changed(put(place, feedback={"anyOf": [text, number], "nullable": True}))
    assert compare_contracts(old, new) == []


def test_the_report_groups_lines_by_operation_and_says_whom_a_break_hurts() -> None:
    new = changed(
        put(CREATE, operationId="create_app", x_breaking_ok=WHY),
        put(SEARCH, required=True),
        cut(f"{EXPORT}/properties", "sha256"),
    )
    lines = report(compare_contracts(CONTRACT, new), CONTRACT, new)
    place = find(new, SEARCH).pointer
    assert lines == [
        "GET /projects (list_projects)",
        f"  {place}/required: the query parameter search: it is required now; "
        "requests without it are answered 400 [parameter-required]",
        "POST /projects (create_app)",
        f"  accepted: {CREATE}/operationId: operationId was create_project, is create_app; "
        f"the function has another name in generated clients [operation-id-changed]: {WHY}",
        "schemas/Export (create_export, list_exports, get_export)",
        f"  {EXPORT}/properties/sha256: sha256 is gone; "
        "clients that read it find nothing [response-property-removed]",
        "Breaking changes: 2; accepted with a reason: 1.",
    ]


def test_the_contract_breaks_no_client_of_the_baseline() -> None:
    assert list(check.nothing_breaks()) == []


@pytest.mark.parametrize("name", ["an operation is renamed", "an error is new"])
def test_the_command_prints_the_report_and_fails_on_a_break(name: str, tmp_path: Path) -> None:
    new = tmp_path / "new.json"
    change = BREAKS[name].change if name in BREAKS else SAFE[name]
    new.write_text(json.dumps(changed(change)), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "scripts.cli", "breaking", BUNDLE, new],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    count = int(name in BREAKS)
    assert done.stdout.splitlines()[-1].startswith(f"Breaking changes: {count};")
    assert done.returncode == count


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the commands and the baseline, with a contract that breaks it."""
    skipped = shutil.ignore_patterns("node", "__pycache__")
    shutil.copytree(ROOT / "scripts", tmp_path / "scripts", ignore=skipped)
    shutil.copytree(check.BASELINE.parent, tmp_path / "docs/baseline")
    for name in ("services", "db", "handlers"):
        (tmp_path / name).symlink_to(ROOT / name)
    (tmp_path / "generated").mkdir()
    (tmp_path / "generated/models.py").symlink_to(ROOT / "generated/models.py")
    broken = changed(BREAKS["an operation is renamed"].change)
    (tmp_path / "generated/openapi.json").write_text(json.dumps(broken), encoding="utf-8")
    return tmp_path


def test_a_release_refuses_breaks_unless_they_are_accepted(project: Path) -> None:
    baseline, bundle = project / "docs/baseline/openapi.json", project / "generated/openapi.json"
    before = baseline.read_bytes()
    assert "Not released" in release(project).stderr
    assert baseline.read_bytes() == before
    assert release(project, "--accept-breaks").returncode == 0
    assert baseline.read_bytes() == bundle.read_bytes()


def release(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "scripts.cli", "release-contract", *arguments]
    return subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)
