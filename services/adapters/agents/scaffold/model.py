"""The application as the scaffold agent understands it: resources, their fields and relations.

Every name in here is safe by construction: a short ASCII identifier made from known or cleaned
words. The customer's own text travels only in `name`, `description` and `remarks`, and each
template that shows those escapes them for its own language.
"""

from enum import StrEnum

import msgspec


class Kind(StrEnum):
    """How a field is stored, checked and shown."""

    text = "text"
    long = "long"
    email = "email"
    phone = "phone"
    url = "url"
    integer = "integer"
    number = "number"
    money = "money"
    minutes = "minutes"
    boolean = "boolean"
    date = "date"
    datetime = "datetime"
    choice = "choice"


class Auth(StrEnum):
    """How callers say who they are."""

    none = "none"
    password = "password"
    key = "key"


_UNITS = {"minutes": "min", "kg": "kg", "grams": "g", "km": "km", "m2": "m²"}
_BY_TIME = {"due": "due date", "ends": "end", "starts": "start"}


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """One value of a resource; `choices` are (value, label) pairs of a `choice`."""

    name: str
    kind: Kind = Kind.text
    required: bool = False
    unique: bool = False
    choices: tuple[tuple[str, str], ...] = ()

    @property
    def title(self) -> str:
        """The name as people read it: `weight_kg` is "Weight (kg)", `due_on` "Due date"."""
        words, _, unit = self.name.removesuffix("_cents").rpartition("_")
        if words and unit in _UNITS:
            return f"{words.replace('_', ' ').capitalize()} ({_UNITS[unit]})"
        plain = self.name.removesuffix("_cents").removesuffix("_on").removesuffix("_at")
        return _BY_TIME.get(plain, plain.replace("_", " ")).capitalize()


class Relation(msgspec.Struct, frozen=True, kw_only=True):
    """The row belongs to one row of `target` (the singular name of a resource)."""

    target: str
    required: bool = False

    @property
    def column(self) -> str:
        return f"{self.target}_id"

    @property
    def label(self) -> str:
        return f"{self.target}_label"


class Resource(msgspec.Struct, frozen=True, kw_only=True):
    """A kind of thing that is stored; the first field is what people call it by."""

    name: str
    plural: str
    fields: tuple[Field, ...]
    relations: tuple[Relation, ...] = ()

    @property
    def title(self) -> str:
        return self.name.replace("_", " ").capitalize()

    @property
    def titles(self) -> str:
        return self.plural.replace("_", " ").capitalize()

    @property
    def words(self) -> str:
        return self.name.replace("_", " ")

    @property
    def article(self) -> str:
        return ("an " if self.name[0] in "aeiou" else "a ") + self.words

    @property
    def type_name(self) -> str:
        return "".join(part.capitalize() for part in self.name.split("_"))

    @property
    def path(self) -> str:
        return f"/api/{self.plural.replace('_', '-')}"

    @property
    def slug(self) -> str:
        return self.plural.replace("_", "-")

    @property
    def label(self) -> Field:
        return self.fields[0]

    @property
    def status(self) -> Field | None:
        """The choice by which lists are filtered and the board is laid out."""
        named = [f for f in self.fields if f.name in ("status", "state", "stage")]
        return next((f for f in named if f.kind is Kind.choice), None)

    @property
    def searched(self) -> tuple[str, ...]:
        text = (Kind.text, Kind.long, Kind.email, Kind.phone, Kind.url)
        return tuple(field.name for field in self.fields if field.kind in text)

    @property
    def unique(self) -> tuple[Field, ...]:
        return tuple(field for field in self.fields if field.unique)


class Application(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that decides a byte of what is built."""

    name: str
    description: str
    resources: tuple[Resource, ...]
    main: str
    auth: Auth = Auth.none
    private: bool = False
    currency: str = "EUR"
    look: str = "auto"
    recognised: bool = True
    decisions: tuple[tuple[str, str, str], ...] = ()
    """(question, answer in words, what it changed)."""
    remarks: tuple[tuple[str, str], ...] = ()
    """(remark, what it changed; empty if it was not understood)."""

    def resource(self, name: str) -> Resource:
        return next(resource for resource in self.resources if resource.name == name)

    def children(self, parent: Resource) -> list[tuple[Resource, Relation]]:
        """Resources that belong to `parent`, with the relation that says so."""
        return [
            (child, relation)
            for child in self.resources
            for relation in child.relations
            if relation.target == parent.name
        ]
