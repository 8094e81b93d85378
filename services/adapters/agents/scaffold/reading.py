"""Read a description: which things it names, what is known of them, what belongs to what.

A shallow parser in two passes. The first cuts the text into items (a noun of the lexicon, an
attribute, an unknown word, a plain word, a mark); the second walks over them with one open list
at a time: in "pets with a name, a breed and visits" everything after "with" is said of the pet.
"""

from enum import Enum
from itertools import islice

import msgspec

from services.adapters.agents.scaffold import lexicon
from services.adapters.agents.scaffold.model import Field, Kind
from services.adapters.agents.scaffold.words import identifier, is_plural, singular, tokens

MOST_RESOURCES = 8
_ENOUGH = 3
_FROM_DOMAIN = 5

_GRAMMAR = lexicon.grammar()
_ADJECTIVE_ENDINGS = ("ly", "ed", "ing", "ous", "ful", "able", "ible", "ive", "less", "ic", "ish")


class Sort(Enum):
    noun = "noun"
    attribute = "attribute"
    unknown = "unknown"
    word = "word"


class Item(msgspec.Struct, frozen=True):
    """A piece of the text; `name` is a singular snake_case name, or the word itself."""

    sort: Sort
    name: str
    many: bool = False
    possessive: bool = False
    implied: bool = False
    """The text does not say the noun itself: "shop" implies orders."""


class Reading(msgspec.Struct):
    """What a text says: resources in order of mention, their fields, child → parents."""

    nouns: list[str] = []
    fields: dict[str, list[Field]] = {}
    parents: dict[str, list[str]] = {}

    def add(self, noun: str) -> None:
        if noun not in self.nouns:
            self.nouns.append(noun)

    def describe(self, noun: str, field: Field) -> None:
        self.fields.setdefault(noun, []).append(field)

    def relate(self, child: str, parent: str) -> None:
        """Note that a child belongs to one parent, unless the text has said the opposite."""
        if child != parent and child not in self.parents.get(parent, []):
            self.parents.setdefault(child, []).append(parent)


def read(text: str) -> Reading:
    """The reading of any text; a text that names nothing gives one without nouns."""
    all_words = tokens(text)
    reading = _Walk(_items(all_words)).reading()
    _drop_business(reading, all_words)
    if len(reading.nouns) < _ENOUGH:
        _add_domain(reading, all_words)
    del reading.nouns[MOST_RESOURCES:]
    return reading


def _drop_business(reading: Reading, all_words: list[str]) -> None:
    """Leave out the one business that the application is for: "a clinic where pets …"."""
    usual = lexicon.domains()
    rest = [
        noun
        for noun in reading.nouns
        if noun not in usual or noun in usual[noun] or singular(noun) not in all_words
    ]
    if len(rest) > 1:
        reading.nouns = rest


def _items(all_words: list[str]) -> list[Item]:
    items: list[Item] = []
    english = _is_english(all_words)
    at = 0
    while at < len(all_words):
        found, used = _phrase(all_words, at)
        if not found:
            found, used = [_item(all_words, at, english)], 1
        items += found
        at += used
    return items


def _is_english(all_words: list[str]) -> bool:
    """Whether unknown words may be trusted to be English: every eighth is a function word."""
    plain = [word for word in all_words if word.isalpha()]
    known = sum(word in lexicon.words()["function"] for word in plain)
    return known * 8 >= len(plain) > 0 and known > 0


def _phrase(all_words: list[str], at: int) -> tuple[list[Item], int]:
    """The nouns that the next three, two or one words stand for, and how many words they took."""
    for length in (3, 2, 1):
        part = all_words[at : at + length]
        if len(part) < length:
            continue
        last = singular(part[-1])
        key = " ".join([*part[:-1], last])
        many = last != part[-1]
        if key in lexicon.phrases():
            nouns = lexicon.phrases()[key]
            implied = len(nouns) > 1
            return [Item(Sort.noun, noun, many=True, implied=implied) for noun in nouns], length
        if length > 1 and key.replace(" ", "_") in lexicon.nouns():
            return [Item(Sort.noun, key.replace(" ", "_"), many)], length
    return [], 0


def _item(all_words: list[str], at: int, english: bool) -> Item:
    word = all_words[at].removesuffix("'s")
    before = all_words[at - 1] if at else ""
    after = all_words[at + 1] if at + 1 < len(all_words) else ""
    one, owns = singular(word), all_words[at] != word
    if not word.isalpha() or _is_plain(word, before, after):
        return Item(Sort.word, word)
    if one in lexicon.nouns():
        return Item(Sort.noun, one, one != word, owns)
    if one in lexicon.kinds():
        return Item(Sort.attribute, _with_modifier(one, before))
    if _stands_for_thing(word, after, english, len(all_words) < 5):
        return Item(Sort.unknown, one, one != word, owns)
    return Item(Sort.word, word)


def _is_plain(word: str, before: str, after: str) -> bool:
    """Whether the word names no thing here: a function word, an adjective, a verb in use."""
    classes = lexicon.words()
    if word in classes["function"] or word in classes["software"] or word in classes["adjective"]:
        return singular(word) not in lexicon.kinds() or word in classes["function"]
    if word not in classes["verb"]:
        return False
    if singular(word) not in lexicon.nouns():
        return singular(word) not in lexicon.kinds()
    named = (
        before in _GRAMMAR["one"]
        or before in ("of", "with", "for", ",")
        or after in classes["software"]
    )
    return before in _GRAMMAR["verb_next"] if is_plural(word) else not named


def _with_modifier(attribute: str, before: str) -> str:
    """`due` before `date` gives `due_date`; a plain word before it is not part of the name."""
    classes = lexicon.words()
    plain = any(before in classes[name] for name in ("function", "verb", "software"))
    if plain or not before.isalpha() or singular(before) in lexicon.nouns():
        return attribute
    return f"{before}_{attribute}"


def _stands_for_thing(word: str, after: str, english: bool, short: bool) -> bool:
    """Whether an unknown word may be a noun."""
    if not 3 <= len(word) <= 20 or word.endswith(_ADJECTIVE_ENDINGS):
        return False
    return english or (short and after in lexicon.words()["software"])


class _Walk:
    """The second pass: one subject whose list is open, the last noun, the words since."""

    def __init__(self, items: list[Item]) -> None:
        self._items = items
        self._found = Reading(nouns=[], fields={}, parents={})
        self._subject: str | None = None
        self._last: Item | None = None
        self._gap: list[str] = []
        self._audience: list[str] = []

    def reading(self) -> Reading:
        for at, item in enumerate(self._items):
            match item.sort:
                case Sort.word:
                    self._word(item.name)
                case Sort.noun:
                    self._noun(self._compound(at))
                case Sort.attribute:
                    self._attribute(at)
                case Sort.unknown:
                    self._unknown(at)
        if not self._found.nouns:
            self._found.nouns += dict.fromkeys(self._audience)
        return self._found

    def _word(self, word: str) -> None:
        if word in _GRAMMAR["end"]:
            self._subject, self._last, self._gap = None, None, []
            return
        self._gap.append(word)
        if word in _GRAMMAR["has"] and self._last and self._connector() == [word]:
            self._subject, self._gap = self._last.name, []
        elif (
            word in ("each", "every")
            or word not in _GRAMMAR["filler"] | _GRAMMAR["join"] | _adjectives()
        ):
            self._subject = None

    def _connector(self) -> list[str]:
        """The words since the last noun that say how it hangs together with the next."""
        return [word for word in self._gap if word not in _GRAMMAR["filler"] | _adjectives()]

    def _noun(self, noun: Item) -> None:
        if self._is_audience(noun):
            self._audience.append(noun.name)
            return
        known_attribute = noun.name in lexicon.kinds() and not noun.many
        if self._subject and self._subject != noun.name:
            if known_attribute:
                self._found.describe(self._subject, lexicon.attribute(noun.name))
                self._gap = []
                return
            self._relate_to_subject(noun)
        elif self._last:
            self._relate_to_last(noun)
        self._found.add(noun.name)
        self._last, self._gap = (None if noun.implied else noun), []

    def _is_audience(self, noun: Item) -> bool:
        """Those for whom it is made: "an app for beekeepers"."""
        made = len(self._gap) > 1 and self._gap[-2] in lexicon.words()["software"]
        return noun.many and made and self._gap[-1] == "for"

    def _relate_to_subject(self, noun: Item) -> None:
        assert self._subject
        if noun.many:
            self._found.relate(noun.name, self._subject)
        else:
            self._found.relate(self._subject, noun.name)

    def _relate_to_last(self, noun: Item) -> None:
        assert self._last
        connector = [word for word in self._connector() if word not in ("to", "is", "are")]
        of_one = connector == ["on"] or (
            len(connector) == 1 and connector[0] in _GRAMMAR["of"] and not noun.many
        )
        if self._last.possessive and not connector:
            self._found.relate(noun.name, self._last.name)
        elif (connector and connector[0] in _GRAMMAR["belongs"] and len(connector) == 1) or of_one:
            self._found.relate(self._last.name, noun.name)

    def _compound(self, at: int) -> Item:
        """`service` before `tickets` makes one noun, if the words before ask for a noun."""
        noun, before = self._items[at], self._items[at - 1] if at else None
        if before is None or before.sort is not Sort.unknown or before.many or before.possessive:
            return noun
        asked = at < 2 or self._items[at - 2].name in _GRAMMAR["compound_next"]
        name = identifier(f"{before.name} {noun.name}")
        return Item(Sort.noun, name, noun.many, noun.possessive) if asked else noun

    def _attribute(self, at: int) -> None:
        owner = self._subject or (self._last.name if self._last and self._last.possessive else None)
        owner = owner or self._owner_after(at)
        field = lexicon.attribute(identifier(self._items[at].name))
        if owner and field.name:
            self._found.describe(owner, field)
        if self._subject:
            self._gap = []

    def _owner_after(self, at: int) -> str | None:
        """The noun in "the price of a product"."""
        following = list(islice(self._items, at + 1, at + 4))
        if not following or following[0].name not in ("of", "for"):
            return None
        return next((item.name for item in following if item.sort is Sort.noun), None)

    def _unknown(self, at: int) -> None:
        item = self._items[at]
        after = self._items[at + 1] if at + 1 < len(self._items) else None
        if after and after.sort is not Sort.word and not item.many:
            return
        if self._subject and not item.many:
            name = identifier(item.name)
            self._found.describe(self._subject, Field(name=name, kind=Kind.text))
            self._gap = []
        elif self._names_thing(at):
            self._noun(Item(Sort.noun, identifier(item.name), item.many, item.possessive))
        else:
            self._word(item.name)

    def _names_thing(self, at: int) -> bool:
        """Whether grammar makes an unknown word a thing: "a hive", "hives", "hive tracker"."""
        item, before = self._items[at], self._items[at - 1] if at else None
        after = self._items[at + 1].name if at + 1 < len(self._items) else "."
        if before and (before.name in _GRAMMAR["verb_next"] or self._is_verb_after(before)):
            return False
        if item.many or after in lexicon.words()["software"]:
            return True
        return before is not None and before.name in _GRAMMAR["one"] - {"the"}

    def _is_verb_after(self, before: Item) -> bool:
        """`inspects` in "a beekeeper inspects" follows a noun without a word between."""
        return before.sort is Sort.noun and not before.possessive


def _adjectives() -> frozenset[str]:
    return lexicon.words()["adjective"]


def _add_domain(reading: Reading, all_words: list[str]) -> None:
    """Fill up with what the named trade usually needs; the trade's own name gives way to it."""
    trades = _trades(all_words)
    usual = [noun for trade in trades for noun in lexicon.domains()[trade]]
    if not usual:
        return
    keep = [noun for noun in reading.nouns if noun in usual or noun not in trades]
    reading.nouns = list(dict.fromkeys([*_ordered(keep, usual), *usual]))[:_FROM_DOMAIN]


def _ordered(keep: list[str], usual: list[str]) -> list[str]:
    """Nouns of the description that the trade does not know, after its first."""
    own = [noun for noun in keep if noun not in usual]
    return [noun for noun in keep if noun in usual] + own


def _trades(all_words: list[str]) -> list[str]:
    """Keys of the domain table in the text, the first mentioned first; at most two."""
    found = []
    for at in range(len(all_words)):
        for length in (2, 1):
            key = " ".join(all_words[at : at + length])
            found += [name for name in (key, singular(key)) if name in lexicon.domains()]
    return list(dict.fromkeys(found))[:2]
