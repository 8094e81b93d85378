"""Questions about a brief, and the application after their answers."""

from collections.abc import Sequence
from typing import Any

import msgspec

from generated.models import Question
from services.adapters.agents import Brief
from services.adapters.agents.scaffold.design import draft
from services.adapters.agents.scaffold.model import Application, Auth
from services.adapters.agents.scaffold.remarks import take_in
from services.adapters.agents.scaffold.topics import TOPICS, Asked, Topic, needs_sign_in
from services.adapters.agents.scaffold.words import one_line

_MOST = 8


def questions(brief: Brief) -> list[Question]:
    """Three to eight questions, the most decisive first; they depend on the description only."""
    return [_question(number, asked) for number, (_, asked) in enumerate(_open(draft(brief)), 1)]


def application(brief: Brief) -> Application:
    """The application that a brief asks for; the same brief gives an equal one."""
    app = draft(brief)
    if needs_sign_in(app):
        app = msgspec.structs.replace(app, auth=Auth.password)
    return take_in(_answered(app, brief), brief.feedback)


def _open(app: Application) -> list[tuple[Topic, Asked]]:
    """The topics with something to ask, and what they ask; at most eight."""
    return [(topic, asked) for topic in TOPICS if (asked := topic.ask(app))][:_MOST]


def _question(number: int, asked: Asked) -> Question:
    options: Any = list(asked.options) or msgspec.UNSET
    return Question(id=f"q{number}", question=asked.text, type=asked.type, options=options)


def _answered(app: Application, brief: Brief) -> Application:
    """The application after every answer, each noted with what it changed."""
    topics = {f"q{number}": pair for number, pair in enumerate(_open(app), 1)}
    for name in sorted(brief.answers):
        answer = _texts(brief.answers[name])
        if name in topics and answer:
            topic, asked = topics[name]
            app, effect = topic.apply(app, answer)
            app = _noted(app, asked.text, answer, effect)
        elif name not in topics:
            app = _noted(app, f"Answer {one_line(name, 20)}", answer, "")
    return app


def _noted(app: Application, question: str, answer: Sequence[str], effect: str) -> Application:
    line = (question, one_line(", ".join(answer), 300), effect or "not understood, nothing changed")
    return msgspec.structs.replace(app, decisions=(*app.decisions, line))


def _texts(answer: Any) -> list[str]:
    """An answer of any shape as texts; a boolean becomes yes or no."""
    if isinstance(answer, bool):
        return ["yes" if answer else "no"]
    if isinstance(answer, list):
        return [text for part in answer for text in _texts(part)]
    return [str(answer)] if answer not in (None, "") else []
