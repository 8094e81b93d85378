"""The four spec documents, written from the same application that is built."""

import json

from services.adapters.agents import Documents
from services.adapters.agents.scaffold.examples import example
from services.adapters.agents.scaffold.model import Application, Kind, Resource
from services.adapters.agents.scaffold.render import render

_NAMES = ("SPEC.md", "ACCEPTANCE.md", "ROUTES.md", "DATA.md")


def documents(app: Application) -> Documents:
    """SPEC, ACCEPTANCE, ROUTES and DATA."""
    values = {
        "filters": {resource.name: _filters(resource) for resource in app.resources},
        "bodies": {resource.name: _body(resource) for resource in app.resources},
        "needed": {r.name: any(rel.required for _, rel in app.children(r)) for r in app.resources},
        "has_relations": any(resource.relations for resource in app.resources),
        "uses_money": any(f.kind is Kind.money for r in app.resources for f in r.fields),
    }
    return {name: render(f"documents/{name}.jinja", app, **values) for name in _NAMES}


def _filters(resource: Resource) -> list[str]:
    status = [resource.status.name] if resource.status else []
    return [*status, *(relation.column for relation in resource.relations)]


def _body(resource: Resource) -> str:
    """A request that creates one, as JSON."""
    body = {field.name: example(resource, field) for field in resource.fields}
    body |= {relation.column: "5f3a9c0d1b2e4f67" for relation in resource.relations}
    return json.dumps(body, indent=2, ensure_ascii=False)
