"""Templates to text. Customer text passes through a filter for the language it ends up in."""

import hashlib
import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import jinja2

from services.adapters.agents.scaffold.examples import example
from services.adapters.agents.scaffold.model import Application, Field, Kind, Resource
from services.adapters.agents.scaffold.words import one_line

_TEMPLATES = Path(__file__).parent / "templates"
_SQL_TYPES = {
    Kind.integer: "INTEGER",
    Kind.money: "INTEGER",
    Kind.minutes: "INTEGER",
    Kind.number: "REAL",
    Kind.boolean: "BOOLEAN",
}
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+!|~$-])")


def render(template: str, app: Application, **values: Any) -> str:
    """The text of a template for an application."""
    ordered = parents_first(app)
    return (
        _environment()
        .get_template(template)
        .render(app=app, ordered=ordered, hue=hue(app), **values)
    )


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        autoescape=lambda name: name is not None and name.endswith((".html.jinja", ".svg.jinja")),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {"markdown": markdown, "fenced": fenced, "json": json.dumps}
    environment.globals |= {
        "sql_type": lambda field: _SQL_TYPES.get(field.kind, "TEXT"),
        "sql_constraint": sql_constraint,
        "js": javascript_name,
        "example": example,
        "shape": shape_in_words,
    }
    return environment


def hue(app: Application) -> int:
    """The page's colour, 0 to 359 degrees: every application has its own."""
    return int.from_bytes(hashlib.sha256(app.resources[0].name.encode()).digest()[:2]) % 360


def parents_first(app: Application) -> list[Resource]:
    """Resources in an order in which each comes after those that it refers to."""
    done: list[Resource] = []
    waiting = list(app.resources)
    while waiting:
        names = {resource.name for resource in waiting}
        ready = [r for r in waiting if not names & {rel.target for rel in r.relations}]
        done += ready
        waiting = [resource for resource in waiting if resource not in ready]
    return done


def sql_constraint(field: Field, private: bool) -> str:
    """What the schema demands of a column; uniqueness is per account in a private application."""
    constraint = ""
    if field.required:
        constraint += " NOT NULL"
    elif field.kind is Kind.choice and field.name in ("status", "state", "stage"):
        constraint += f" NOT NULL DEFAULT '{field.choices[0][0]}'"
    return constraint + (" UNIQUE" if field.unique and not private else "")


def javascript_name(resource: Resource) -> str:
    """The constant that holds what the page knows of a resource: `timeEntriesKind`."""
    first, *rest = resource.plural.split("_")
    return first + "".join(part.capitalize() for part in rest) + "Kind"


def shape_in_words(field: Field) -> str:
    """A field's type as people read it."""
    if field.kind is Kind.choice:
        return "one of " + ", ".join(f"`{value}`" for value, _ in field.choices)
    return {
        Kind.text: "text, up to 200 characters",
        Kind.long: "text, up to 5,000 characters",
        Kind.email: "email address",
        Kind.phone: "phone number",
        Kind.url: "web address (http or https)",
        Kind.integer: "whole number from 0",
        Kind.number: "number",
        Kind.money: "whole number of cents",
        Kind.minutes: "whole number of minutes",
        Kind.boolean: "true or false",
        Kind.date: "date (YYYY-MM-DD)",
        Kind.datetime: "time in UTC (YYYY-MM-DDTHH:MM:SSZ)",
    }[field.kind]


def markdown(text: str) -> str:
    """The text on one line with nothing in it that Markdown or HTML would take as a mark."""
    escaped = _MARKDOWN.sub(r"\\\1", one_line(text, 500))
    return escaped.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def fenced(text: str) -> str:
    """The text as a code block whose fence is longer than any run of backticks in it."""
    clean = "".join(c if c.isprintable() or c == "\n" else " " for c in text.strip())
    longest = max((len(run) for run in re.findall("`+", clean)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{clean}\n{fence}"
