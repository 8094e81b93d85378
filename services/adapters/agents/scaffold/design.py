"""From a description to the application that it asks for, before answers and feedback."""

from collections.abc import Iterable

import msgspec

from services.adapters.agents import Brief
from services.adapters.agents.scaffold import lexicon
from services.adapters.agents.scaffold.model import Application, Field, Kind, Relation, Resource
from services.adapters.agents.scaffold.reading import MOST_RESOURCES, Reading, read
from services.adapters.agents.scaffold.words import identifier, one_line, plural, tokens

_MOST_FIELDS = 12
_UNKNOWN = (
    Field(name="name", required=True),
    Field(name="description", kind=Kind.long),
)
_GENERATED = frozenset(
    {"id", "created_at", "updated_at", "page", "page_size", "search", "owner_id"}
)


def draft(brief: Brief) -> Application:
    """The application that the name and the description alone ask for."""
    reading = read(brief.description)
    if not reading.nouns:
        reading = read(brief.name)
    recognised = bool(reading.nouns)
    if not recognised:
        reading = Reading(nouns=[_from_name(brief.name)], fields={}, parents={})
    resources = resources_of(reading)
    return Application(
        name=one_line(brief.name, 80) or "Application",
        description=brief.description,
        resources=resources,
        main=resources[0].name,
        recognised=recognised,
    )


def known_resource(name: str, relations: tuple[Relation, ...]) -> Resource:
    """A resource of the lexicon with the given relations."""
    fields = merged(_known_fields(name), (), relations)
    return Resource(name=name, plural=plural(name), fields=fields, relations=relations)


def _from_name(name: str) -> str:
    """The last usable word of the project's name, else `item`."""
    plain = frozenset().union(*lexicon.words().values())
    usable = [word for word in tokens(name) if word.isalpha() and word not in plain]
    return identifier(usable[-1]) if usable and len(usable[-1]) > 3 else "item"


def resources_of(reading: Reading) -> tuple[Resource, ...]:
    """Resources with safe names, known and said fields, and relations without a cycle."""
    names = _named(reading.nouns)
    parents = _parents(reading, names)
    return tuple(
        Resource(
            name=name,
            plural=plural(name),
            fields=merged(_known_fields(noun), reading.fields.get(noun, []), parents[name]),
            relations=parents[name],
        )
        for noun, name in names.items()
    )


def _named(nouns: list[str]) -> dict[str, str]:
    """Noun → identifier; of two that would share a name or a plural the first stays."""
    names: dict[str, str] = {}
    seen: set[str] = set()
    for noun in nouns[:MOST_RESOURCES]:
        name = identifier(noun)
        if name and not {name, plural(name)} & seen:
            names[noun] = name
            seen |= {name, plural(name)}
    return names


def _known_fields(noun: str) -> tuple[Field, ...]:
    known = lexicon.nouns().get(noun) or lexicon.nouns().get(noun.split("_")[-1])
    return known.fields if known else _UNKNOWN


def _parents(reading: Reading, names: dict[str, str]) -> dict[str, tuple[Relation, ...]]:
    """Name → relations: those of the text first and required, then the usual ones."""
    found: dict[str, dict[str, Relation]] = {name: {} for name in names.values()}
    for noun, name in names.items():
        for parent in reading.parents.get(noun, []):
            _relate(found, name, names.get(parent), required=True)
    for noun, name in names.items():
        known = lexicon.nouns().get(noun) or lexicon.nouns().get(noun.split("_")[-1])
        for relation in known.relations if known else ():
            _relate(found, name, names.get(relation.target), required=relation.required)
    return {name: tuple(relations.values()) for name, relations in found.items()}


def _relate(
    found: dict[str, dict[str, Relation]], child: str, parent: str | None, *, required: bool
) -> None:
    """Add a relation unless one side is missing, it is there, or it would close a cycle."""
    if parent is None or parent in found[child] or _reaches(found, parent, child):
        return
    found[child][parent] = Relation(target=parent, required=required)


def _reaches(found: dict[str, dict[str, Relation]], start: str, goal: str) -> bool:
    """Whether `goal` is `start` or one of its ancestors."""
    return start == goal or any(_reaches(found, parent, goal) for parent in found[start])


def merged(
    known: Iterable[Field], said: Iterable[Field], relations: tuple[Relation, ...]
) -> tuple[Field, ...]:
    """Known fields, then the said ones that are new; none twice, none that a relation covers."""
    fields: dict[str, Field] = {}
    covered = {relation.target for relation in relations}
    for field in [*known, *said]:
        name = identifier(field.name, _GENERATED)
        stem = _stem(name)
        if name and stem not in fields and stem not in covered:
            fields[stem] = msgspec.structs.replace(field, name=name)
    return tuple(list(fields.values())[:_MOST_FIELDS])


def _stem(name: str) -> str:
    """What two names of one thing share: `due_date` and `due_on`, `price` and `price_cents`."""
    for ending in ("_cents", "_on", "_at", "_date", "_time", "_minutes", "_name"):
        name = name.removesuffix(ending)
    return {"colour": "color", "birth": "born", "minutes": "duration"}.get(name, name)
