"""What is known of English nouns, trades and attributes; read once from the tables beside."""

import re
from functools import cache
from pathlib import Path

import msgspec

from services.adapters.agents.scaffold.model import Field, Kind, Relation

_HERE = Path(__file__).parent
_FIELD = re.compile(r"(?P<name>\w+)(?::(?P<kind>\w+))?(?P<flags>[!^]*)(?:\((?P<choices>[^)]*)\))?")


class Noun(msgspec.Struct, frozen=True):
    """What is usually stored of a thing, and what it usually belongs to."""

    fields: tuple[Field, ...]
    relations: tuple[Relation, ...]


def _lines(name: str) -> list[tuple[str, str]]:
    """(left, right) of every `left: right` line of a table, comments left out."""
    text = (_HERE / name).read_text("utf-8")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    parts = [line.partition(": ") for line in lines]
    return [(left.strip(), right.strip()) for left, _, right in parts]


def _split(text: str, mark: str = ",") -> list[str]:
    return [part.strip() for part in text.split(mark) if part.strip()]


@cache
def kinds() -> dict[str, Kind]:
    """Attribute word → how it is stored."""
    return {
        word: Kind(kind)
        for kind, words in reversed(_lines("attributes.txt"))
        for word in words.split()
    }


@cache
def words() -> dict[str, frozenset[str]]:
    """Class of words that name no thing (function, software, verb, adjective) → its words."""
    return {name: frozenset(text.split()) for name, text in _lines("words.txt")}


@cache
def grammar() -> dict[str, frozenset[str]]:
    """What a word does between two things (has, belongs, of, one, …) → the words that do it."""
    return {name: frozenset(text.split()) for name, text in _lines("grammar.txt")}


@cache
def phrases() -> dict[str, tuple[str, ...]]:
    """Phrase of one to three words → the nouns that it stands for."""
    return _many_to_many("phrases.txt")


@cache
def domains() -> dict[str, tuple[str, ...]]:
    """Word or phrase that names a trade → the nouns that it usually needs."""
    return _many_to_many("domains.txt")


def _many_to_many(table: str) -> dict[str, tuple[str, ...]]:
    return {key: tuple(_split(values)) for keys, values in _lines(table) for key in _split(keys)}


@cache
def nouns() -> dict[str, Noun]:
    """Singular snake_case noun → what is known of it."""
    known: dict[str, Noun] = {}
    for names, definition in _lines("nouns.txt"):
        fields, _, relations = definition.partition(">")
        noun = Noun(
            tuple(_field(text, first=index == 0) for index, text in enumerate(_split(fields))),
            tuple(_relation(text) for text in _split(relations)),
        )
        known.update(dict.fromkeys(_split(names), noun))
    return known


def _field(text: str, *, first: bool) -> Field:
    found = _FIELD.fullmatch(text)
    assert found, f"nouns.txt: {text}"
    flags = found["flags"]
    field = attribute(found["name"], found["kind"], found["choices"])
    return msgspec.structs.replace(field, required=first or "!" in flags, unique="^" in flags)


def _relation(text: str) -> Relation:
    return Relation(target=text.rstrip("!"), required=text.endswith("!"))


def attribute(name: str, kind: str | None = None, choices: str | None = None) -> Field:
    """The field of that name; kind and unit follow from its last word unless given.

    Money is kept in cents and durations in minutes, and their names say so.
    """
    if choices:
        return Field(name=name, kind=Kind.choice, choices=tuple(map(choice, _split(choices, "|"))))
    found = Kind(kind) if kind else kind_of(name)
    if found is Kind.money and not name.endswith("_cents"):
        name = f"{name}_cents"
    return Field(name=name, kind=found)


def choice(label: str) -> tuple[str, str]:
    """(value, label) of a choice: `In Progress` becomes ("in_progress", "In progress")."""
    plain = " ".join(re.findall(r"[a-z0-9]+", label.lower()))[:30].strip()
    return plain.replace(" ", "_"), plain.capitalize()


def kind_of(name: str) -> Kind:
    """How a field of that name is stored, judged by its last word and a leading is/has."""
    first, *_ = parts = name.split("_")
    if first in ("is", "has", "can"):
        return Kind.boolean
    return kinds().get(parts[-1], Kind.text)
