"""What each task of the plan writes: path → file. The same application gives the same bytes."""

import json
from collections.abc import Callable

import msgspec

from services.adapters.agents.scaffold.contract import contract_text
from services.adapters.agents.scaffold.examples import example
from services.adapters.agents.scaffold.model import Application, Auth, Kind, Resource
from services.adapters.agents.scaffold.render import render

Files = dict[str, "File"]


class File(msgspec.Struct, frozen=True):
    """A text file and whether it may be executed."""

    text: str
    executable: bool = False


def contract(app: Application) -> Files:
    return {"openapi.yaml": File(contract_text(app))}


def data(app: Application) -> Files:
    return _rendered(app, "app/__init__.py", "app/schema.sql", "app/store.py")


def server(app: Application) -> Files:
    return _rendered(
        app,
        "app/__main__.py",
        "app/bodies.py",
        "app/errors.py",
        "app/server.py",
        "handlers/__init__.py",
        "handlers/health.py",
    )


def auth(app: Application) -> Files:
    return _rendered(app, "app/static/sign-in.js", "handlers/auth.py", "tests/test_auth.py")


def page(app: Application) -> Files:
    names = ["api.js", "app.js", "dom.js", "form.js", "icon.svg", "index.html", "lists.js"]
    names += ["resources.js", "style.css", "values.js", "views.js"]
    return _rendered(app, *(f"app/static/{name}" for name in names))


def checks(app: Application) -> Files:
    unique = {r.name: [field.name for field in r.unique] for r in app.resources if r.unique}
    parents = {
        r.name: [relation.target for relation in r.relations if relation.required]
        for r in app.resources
        if any(relation.required for relation in r.relations)
    }
    fixtures = render("tests/conftest.py.jinja", app, unique=unique, parents=parents)
    files = _rendered(app, "tests/test_contract.py", "pytest.ini")
    return {"tests/conftest.py": File(fixtures), **files}


def handbook(app: Application) -> Files:
    """README, scripts, requirements and the manifest for verification."""
    files = _rendered(app, "README.md", "requirements.txt", "scripts/environment.py")
    for name in ("scripts/start", "scripts/test"):
        files[name] = File(render(f"{name}.jinja", app), executable=True)
    files[".gitignore"] = File(render("gitignore.jinja", app))
    files["app.json"] = File(json.dumps(_manifest(app), indent=2, ensure_ascii=False) + "\n")
    return files


def _manifest(app: Application) -> dict[str, object]:
    """How to test and start the application, and which paths answer 200 to anybody."""
    lists = [resource.path for resource in app.resources] if app.auth is Auth.none else []
    return {
        "name": app.name,
        "contract": "openapi.yaml",
        "test": ["scripts/test"],
        "start": ["scripts/start"],
        "health": "/health",
        "probe": ["/", "/health", *lists],
    }


def resource_builder(resource: Resource) -> Callable[[Application], Files]:
    """The builder of one resource: its handlers, its part of the page, its tests."""

    def build(app: Application) -> Files:
        values = {"resource": resource, **_test_values(resource), **_handler_values(resource)}
        templates = {
            f"handlers/{resource.plural}.py": "handlers/resource.py.jinja",
            f"app/static/resources/{resource.plural}.js": "app/static/resources/resource.js.jinja",
            f"tests/test_{resource.plural}.py": "tests/test_resource.py.jinja",
        }
        return {path: File(render(name, app, **values)) for path, name in templates.items()}

    return build


def _handler_values(resource: Resource) -> dict[str, object]:
    status = [resource.status.name] if resource.status else []
    filters = [*status, *(relation.column for relation in resource.relations)]
    return {"table": resource.plural.upper(), "filters": filters}


def _test_values(resource: Resource) -> dict[str, object]:
    """Values for the tests as Python source: a second label, a text that a search finds."""
    label = resource.label
    first = example(resource, label)
    second = json.dumps(f"Second {resource.words}") if isinstance(first, str) else "7"
    plain = next((f for f in resource.fields if f.kind in (Kind.text, Kind.long)), label)
    found = next(field for field in resource.fields if field.name == resource.searched[0])
    special = {Kind.email: "zebra@example.com", Kind.url: "https://example.com/zebra"}
    value = special.get(found.kind, "A zebra here")
    return {"second": second, "plain": plain.name, "searched_value": json.dumps(value)}


def _rendered(app: Application, *paths: str) -> Files:
    return {path: File(render(f"{path}.jinja", app)) for path in paths}
