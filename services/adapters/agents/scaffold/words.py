"""Words: cut a text into them, bring them to singular and plural, make identifiers of them."""

import keyword
import re
from functools import lru_cache

import inflection

_WORD = re.compile(r"[a-z]+(?:'[a-z]+)?|[0-9]+|[^\sa-z0-9]", re.ASCII)
_LONGEST_TEXT = 20_000
_LONGEST_NAME = 24
_UNCOUNTED = frozenset(
    {"series", "species", "news", "equipment", "sheep", "fish", "staff", "chess"}
)
_NO_PLURAL = ("ss", "us", "is", "ics", "ous", "as")
_IRREGULAR = {
    "cookies": "cookie",
    "criteria": "criterion",
    "feet": "foot",
    "gases": "gas",
    "heroes": "hero",
    "leaves": "leaf",
    "lenses": "lens",
    "menus": "menu",
    "teeth": "tooth",
}
"""What the rules of the library get wrong."""
_IRREGULAR_PLURALS = {one: many for many, one in _IRREGULAR.items()}


RESERVED = frozenset({"auth", "health", "problem", "credentials", "signed_in", "id", "object"})
"""Names that the built application uses for itself."""
_DERIVED = frozenset({"new", "change", "page"})
"""Last words that the contract uses for the shapes beside a resource: `TaskPage`."""


def tokens(text: str) -> list[str]:
    """Lower-case ASCII words, numbers and single marks of the first 20,000 characters."""
    plain = text[:_LONGEST_TEXT].lower().replace("\u2019", "'").replace("-", " ").replace("_", " ")
    return _WORD.findall(plain)


@lru_cache(maxsize=4096)
def singular(word: str) -> str:
    """The singular of an English noun; the word itself where it has no other."""
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if len(word) < 3 or len(word) > 40 or word in _UNCOUNTED or word.endswith(_NO_PLURAL):
        return word
    found = inflection.singularize(word)
    return found if re.fullmatch("[a-z]{2,}", found) else word


@lru_cache(maxsize=4096)
def plural(name: str) -> str:
    """The plural of a snake_case name: `time_entry` becomes `time_entries`.

    A noun without a plural of its own gets `_items`, so that one name always means one thing
    and the other the many.
    """
    *first, last = name.split("_")
    many = (
        last if last in _UNCOUNTED else _IRREGULAR_PLURALS.get(last) or inflection.pluralize(last)
    )
    if not re.fullmatch("[a-z]+", many) or many == last:
        many = f"{last}_items"
    return "_".join([*first, many])


def is_plural(word: str) -> bool:
    return singular(word) != word


def identifier(words: str, taken: frozenset[str] = RESERVED) -> str:
    """A Python, SQL and URL name from words, or "" if no ASCII letter is among them.

    Never a keyword, never one of the `taken` names, at most 24 characters and a suffix.
    """
    parts = re.findall(r"[a-z][a-z0-9]*|[0-9]+", words.lower(), re.ASCII)
    name = "_".join(parts)[:_LONGEST_NAME].strip("_").lstrip("0123456789_")
    if not name:
        return ""
    if keyword.iskeyword(name) or keyword.issoftkeyword(name) or name in taken | _DERIVED:
        return f"{name}_record"
    return name


def one_line(text: str, limit: int = 200) -> str:
    """The text on one line without control characters, cut at `limit` characters."""
    visible = "".join(c if c.isprintable() else " " for c in text)
    line = " ".join(visible.split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"
