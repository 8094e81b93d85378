"""The topics that a description may leave open: what to ask, and what an answer changes.

`ask` gives None where nothing is open. `apply` takes the answer as text or list of texts and
gives the application after it with one sentence on what changed.
"""

import re
from collections.abc import Sequence
from typing import ClassVar, NamedTuple, Protocol

import msgspec

from generated.models import QuestionType
from services.adapters.agents.scaffold import lexicon
from services.adapters.agents.scaffold.design import known_resource, merged
from services.adapters.agents.scaffold.model import (
    Application,
    Auth,
    Field,
    Kind,
    Relation,
    Resource,
)
from services.adapters.agents.scaffold.reading import MOST_RESOURCES
from services.adapters.agents.scaffold.words import identifier, tokens

Effect = tuple[Application, str]
_YES = "yes"


class Asked(NamedTuple):
    """A question without its id."""

    text: str
    type: QuestionType
    options: tuple[str, ...] = ()


class Topic(Protocol):
    def ask(self, app: Application) -> Asked | None: ...

    def apply(self, app: Application, answer: Sequence[str]) -> Effect: ...


def needs_sign_in(app: Application) -> bool:
    """Whether the description speaks of people who work with it."""
    return bool(lexicon.grammar()["person"] & set(tokens(app.description)))


class SignIn:
    """Who may use the application; options are what the built application really has."""

    _NAMES: ClassVar = {
        "Email/Password": Auth.password,
        "API key": Auth.key,
        "No sign-in": Auth.none,
    }

    def ask(self, app: Application) -> Asked:
        options = list(self._NAMES)
        if not needs_sign_in(app):
            options.reverse()
        question = "What authentication method should users use?"
        return Asked(question, QuestionType.single_choice, tuple(options))

    def apply(self, app: Application, answer: Sequence[str]) -> Effect:
        chosen = answer[0] if answer else ""
        auth = self._NAMES.get(chosen, Auth.password)
        effect = {
            Auth.password: "people register and sign in; every list needs a session",
            Auth.key: "every request to the data needs the key in X-API-Key",
            Auth.none: "everybody who reaches the address may use it",
        }[auth]
        if chosen not in self._NAMES:
            effect = f"not available without an outside service, so email and password: {effect}"
        return msgspec.structs.replace(app, auth=auth), effect


class MainThing:
    """Which resource comes first."""

    def ask(self, app: Application) -> Asked | None:
        if len(app.resources) < 2:
            return None
        options = tuple(resource.titles for resource in app.resources[:6])
        question = "Which of these do people work with most?"
        return Asked(question, QuestionType.single_choice, options)

    def apply(self, app: Application, answer: Sequence[str]) -> Effect:
        main = next((r for r in app.resources if r.titles in answer), None)
        if main is None:
            return app, ""
        others = tuple(resource for resource in app.resources if resource != main)
        changed = msgspec.structs.replace(app, resources=(main, *others), main=main.name)
        return changed, f"{main.titles.lower()} come first in the navigation and on the home page"


class Stages:
    """The statuses of the thing that has a course of life."""

    _USUAL = ("To do", "In progress", "Done")
    _MORE = ("Blocked", "Cancelled", "Archived")

    def subject(self, app: Application) -> Resource:
        main = app.resource(app.main)
        staged = [resource for resource in app.resources if resource.status]
        return main if main.status or not staged else staged[0]

    def ask(self, app: Application) -> Asked:
        subject = self.subject(app)
        labels = [label for _, label in subject.status.choices] if subject.status else self._USUAL
        options = tuple(dict.fromkeys([*labels, *self._MORE]))
        question = f"Which stages does {subject.article} go through?"
        return Asked(question, QuestionType.multiple_choice, options)

    def apply(self, app: Application, answer: Sequence[str]) -> Effect:
        subject = self.subject(app)
        choices = {value: label for value, label in map(lexicon.choice, answer) if value}
        if not choices:
            return app, ""
        status = Field(name="status", kind=Kind.choice, choices=tuple(choices.items())[:12])
        old = subject.status.name if subject.status else "status"
        fields = [field for field in subject.fields if field.name != old]
        place = next((i for i, f in enumerate(subject.fields) if f.name == old), len(fields))
        fields.insert(place, status)
        changed = msgspec.structs.replace(subject, fields=tuple(fields))
        return _with(app, changed), f"{subject.words} stages: {', '.join(choices.values())}"


class Sharing:
    """Whether people see each other's records; asked where people are spoken of."""

    _PRIVATE = "Only the person who created them"

    def ask(self, app: Application) -> Asked | None:
        if not needs_sign_in(app):
            return None
        options = ("Everyone who is signed in", self._PRIVATE)
        question = "Who may see and change the records?"
        return Asked(question, QuestionType.single_choice, options)

    def apply(self, app: Application, answer: Sequence[str]) -> Effect:
        if self._PRIVATE not in answer:
            return app, "all who may use the application share one set of records"
        if app.auth is not Auth.password:
            return app, "records stay shared: without email and password nobody can be told apart"
        return msgspec.structs.replace(app, private=True), "every account sees its own records only"


class Currency:
    """The currency of amounts; asked where there are any."""

    def ask(self, app: Application) -> Asked | None:
        if not any(field.kind is Kind.money for r in app.resources for field in r.fields):
            return None
        question = "Which currency are amounts in?"
        return Asked(question, QuestionType.single_choice, ("EUR", "USD", "GBP", "CHF"))

    def apply(self, app: Application, answer: Sequence[str]) -> Effect:
        code = answer[0].upper() if answer else ""
        if not re.fullmatch("[A-Z]{3}", code):
            return app, ""
        changed = msgspec.structs.replace(app, currency=code)
        return changed, f"amounts are shown in {code}"


class Details:
    """One more useful field of the main resource: a due date, else a priority, else a colour."""

    _OFFERS = (
        ("due date", Field(name="due_on", kind=Kind.date)),
        (
            "priority",
            Field(
                name="priority",
                kind=Kind.choice,
                choices=(("low", "Low"), ("normal", "Normal"), ("high", "High")),
            ),
        ),
        ("yes/no mark for favourites", Field(name="favourite", kind=Kind.boolean)),
    )

    def _offer(self, app: Application) -> tuple[str, Field] | None:
        main = app.resource(app.main)
        have = {field.name for field in main.fields}
        dated = any(field.kind in (Kind.date, Kind.datetime) for field in main.fields)
        open_offers = [o for o in self._OFFERS if o[1].name not in have]
        return next((o for o in open_offers if not (dated and o[1].name == "due_on")), None)

    def ask(self, app: Application) -> Asked | None:
        offer = self._offer(app)
        if offer is None:
            return None
        main = app.resource(app.main)
        question = f"Should {main.article} have a {offer[0]}?"
        return Asked(question, QuestionType.boolean)

    def apply(self, app: Application, answer: Sequence[str]) -> Effect:
        offer = self._offer(app)
        if offer is None or _YES not in answer:
            return app, "left out"
        main = app.resource(app.main)
        fields = merged(main.fields, [offer[1]], main.relations)
        changed = msgspec.structs.replace(main, fields=fields)
        return _with(app, changed), f"{main.titles.lower()} have a {offer[0]}"


class Companions:
    """Resources that often go with the main one and that the description does not name."""

    _OFFERS: ClassVar = {
        "Comments": "comment",
        "Tags": "tag",
        "Documents": "document",
        "Reminders": "reminder",
    }

    def ask(self, app: Application) -> Asked | None:
        have = {resource.name for resource in app.resources}
        options = tuple(title for title, name in self._OFFERS.items() if name not in have)
        if not options or len(app.resources) >= MOST_RESOURCES:
            return None
        question = f"What else should be kept for {app.resource(app.main).article}?"
        return Asked(question, QuestionType.multiple_choice, options)

    def apply(self, app: Application, answer: Sequence[str]) -> Effect:
        have = {resource.name for resource in app.resources}
        names = [name for title, name in self._OFFERS.items() if title in answer]
        new = [name for name in names if name not in have][: MOST_RESOURCES - len(have)]
        if not new:
            return app, "nothing more"
        belongs = (Relation(target=app.main, required=True),)
        more = tuple(known_resource(name, belongs) for name in new)
        changed = msgspec.structs.replace(app, resources=(*app.resources, *more))
        return changed, f"added {', '.join(resource.titles for resource in more)}"


class Look:
    """Colours of the page."""

    _NAMES: ClassVar = {"Follow the device": "auto", "Light": "light", "Dark": "dark"}

    def ask(self, app: Application) -> Asked:
        question = "Which look should the page have?"
        return Asked(question, QuestionType.single_choice, tuple(self._NAMES))

    def apply(self, app: Application, answer: Sequence[str]) -> Effect:
        look = next((look for name, look in self._NAMES.items() if name in answer), "")
        if not look:
            return app, ""
        return msgspec.structs.replace(app, look=look), f"the page's look is {look}"


class MoreFields:
    """Fields that the customer names."""

    def ask(self, app: Application) -> Asked:
        article = app.resource(app.main).article
        question = f"Which further details should {article} have? Separate them with commas."
        return Asked(question, QuestionType.text)

    def apply(self, app: Application, answer: Sequence[str]) -> Effect:
        main = app.resource(app.main)
        parts = re.split(r"[,;\n]| and ", " ".join(answer)[:500])
        names = [identifier(" ".join(tokens(part)[:3])) for part in parts]
        said = [lexicon.attribute(name) for name in names if name]
        fields = merged(main.fields, said, main.relations)
        new = [field.title.lower() for field in fields if field not in main.fields]
        if not new:
            return app, ""
        changed = msgspec.structs.replace(main, fields=fields)
        return _with(app, changed), f"{main.titles.lower()} have {', '.join(new)}"


def _with(app: Application, changed: Resource) -> Application:
    """The application with one resource in the place of its namesake."""
    resources = tuple(changed if r.name == changed.name else r for r in app.resources)
    return msgspec.structs.replace(app, resources=resources)


TOPICS: tuple[Topic, ...] = (
    SignIn(), MainThing(), Stages(), Sharing(), Currency(), Details(), Companions(), MoreFields(),
    Look(),
)  # fmt: skip
"""In the order in which they are asked; the last ones give way where many are open."""
