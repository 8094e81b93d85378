"""What a model may answer: the shapes, their JSON schemas, and the rules beyond a schema."""

import re
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from typing import Annotated, Any

import msgspec

from generated.models import Plan, Question, QuestionType, TaskDefinition
from services.adapters.agents import Documents
from services.adapters.git import path_problem, scope_matches, scope_problem

MAX_TASKS = 100
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_CHOICES = (QuestionType.single_choice, QuestionType.multiple_choice)

Line = Annotated[str, msgspec.Meta(min_length=1, max_length=1000)]
Document = Annotated[str, msgspec.Meta(min_length=1, max_length=200_000)]


class BadAnswer(Exception):
    """The answer breaks a rule; the message tells the model which."""


class Shape(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """An object that a model answers with. `check` holds it against the rules of its kind."""

    def check(self) -> None:
        """Raises: BadAnswer for characters that no database or terminal takes."""
        if any(_CONTROL.search(text) for text in _texts(msgspec.to_builtins(self))):
            raise BadAnswer("No text may contain control characters.")


class QuestionAnswer(Shape):
    """A question; `options` is empty unless its type is a choice."""

    id: Annotated[str, msgspec.Meta(pattern="^q[1-9][0-9]{0,2}$")]
    question: Line
    type: QuestionType
    options: Annotated[
        list[Annotated[str, msgspec.Meta(min_length=1, max_length=200)]],
        msgspec.Meta(max_length=20),
    ]

    def to_question(self) -> Question:
        return Question(
            id=self.id,
            question=self.question,
            type=self.type,
            options=self.options or msgspec.UNSET,
        )


class QuestionsAnswer(Shape):
    """The answer to `ask`."""

    questions: Annotated[list[QuestionAnswer], msgspec.Meta(max_length=12)]

    def check(self) -> None:
        super().check()
        _need_unique("question id", [question.id for question in self.questions])
        for question in self.questions:
            if (question.type in _CHOICES) != (len(question.options) >= 2):
                raise BadAnswer(
                    f"{question.id}: a choice has two or more options, any other type has none."
                )
            _need_unique(f"option of {question.id}", question.options)


class DocumentsAnswer(Shape):
    """The answer to `specify`."""

    spec: Document = msgspec.field(name="SPEC.md")
    acceptance: Document = msgspec.field(name="ACCEPTANCE.md")
    routes: Document = msgspec.field(name="ROUTES.md")
    data: Document = msgspec.field(name="DATA.md")

    def to_documents(self) -> Documents:
        documents: Documents = msgspec.to_builtins(self)
        return documents


class TaskAnswer(Shape, rename="camel"):
    """A task of a plan."""

    id: Annotated[str, msgspec.Meta(pattern="^[a-z][a-z0-9-]{0,59}$")]
    slug: Annotated[str, msgspec.Meta(pattern="^[a-z0-9][a-z0-9-]{0,59}$")]
    description: Line
    instructions: Annotated[str, msgspec.Meta(min_length=1, max_length=50_000)]
    dependencies: list[str]
    path_scope: Annotated[list[str], msgspec.Meta(min_length=1, max_length=100)]
    expected_outputs: Annotated[list[str], msgspec.Meta(max_length=200)]

    def check_paths(self) -> None:
        """Raises: BadAnswer for a scope or output that is unsafe or does not fit the other."""
        for glob in self.path_scope:
            if problem := scope_problem(glob):
                raise BadAnswer(f"{self.id}: pathScope {glob!r}: {problem}")
        for path in self.expected_outputs:
            if problem := path_problem(path):
                raise BadAnswer(f"{self.id}: expectedOutputs {path!r}: {problem}")
            if not scope_matches(path, self.path_scope):
                raise BadAnswer(f"{self.id}: {path!r} is expected but outside its pathScope.")


class PlanAnswer(Shape, rename="camel"):
    """The answer to `decompose`."""

    tasks: Annotated[list[TaskAnswer], msgspec.Meta(min_length=1, max_length=MAX_TASKS)]
    merge_order: list[str]

    def check(self) -> None:
        super().check()
        _need_unique("task id", [task.id for task in self.tasks])
        _need_unique("task slug", [task.slug for task in self.tasks])
        self._check_graph()
        for task in self.tasks:
            task.check_paths()

    def _check_graph(self) -> None:
        """Raises: BadAnswer unless each task merges once, after all that it depends on."""
        needs = {task.id: set(task.dependencies) for task in self.tasks}
        for task, dependencies in needs.items():
            if unknown := sorted(dependencies - needs.keys()):
                raise BadAnswer(f"{task} depends on {unknown[0]!r}, which is no task id.")
        try:
            TopologicalSorter(needs).prepare()
        except CycleError as error:
            raise BadAnswer(f"Tasks wait for each other: {', '.join(error.args[1])}.") from error
        if sorted(self.merge_order) != sorted(needs):
            raise BadAnswer("mergeOrder must name every task id once.")
        place = {task: at for at, task in enumerate(self.merge_order)}
        for task, dependencies in needs.items():
            if late := sorted(need for need in dependencies if place[need] > place[task]):
                raise BadAnswer(f"mergeOrder has {task} before its dependency {late[0]}.")

    def to_plan(self) -> Plan:
        tasks = [TaskDefinition(**msgspec.structs.asdict(task)) for task in self.tasks]
        return Plan(tasks=tasks, merge_order=self.merge_order)


class FileAnswer(Shape):
    """A file with its whole new content."""

    path: str
    content: str
    executable: bool


class FilesAnswer(Shape):
    """The answer to `carry_out`: files to write whole, and paths of files to delete."""

    files: Annotated[list[FileAnswer], msgspec.Meta(max_length=500)]
    deletions: Annotated[list[str], msgspec.Meta(max_length=500)]

    def check(self) -> None:
        """A file's content may have any characters, unlike what is stored in the database."""
        paths = [file.path for file in self.files] + self.deletions
        for path in paths:
            if problem := path_problem(path):
                raise BadAnswer(f"{path!r}: {problem}")
        _need_unique("path", paths)
        written = {file.path for file in self.files}
        if inside := sorted(path for path in written if written & set(_parents(path))):
            raise BadAnswer(f"{inside[0]!r} lies below a path that is itself written as a file.")

    def check_scope(self, scope: list[str]) -> None:
        """Raises: BadAnswer for a path that the scope does not cover."""
        for path in [file.path for file in self.files] + self.deletions:
            if not scope_matches(path, scope):
                raise BadAnswer(f"{path!r} is outside the path scope {', '.join(scope)}.")


def schema_of(shape: type[Shape]) -> dict[str, Any]:
    """Return the JSON schema of a shape in the subset that strict structured output takes.

    Every property is required and nothing else is allowed; lengths and patterns are checked here
    only, since not every endpoint knows them.
    """
    [root], components = msgspec.json.schema_components([shape], ref_template="#/$defs/{name}")
    name = root["$ref"].rpartition("/")[2]
    schema = {**components[name], "$defs": components}
    stripped: dict[str, Any] = _strip(schema)
    return stripped


_UNSUPPORTED = {"minLength", "maxLength", "minItems", "maxItems", "pattern", "title", "default"}


def _strip(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_strip(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {key: _strip(value) for key, value in schema.items() if key not in _UNSUPPORTED}
    if schema.get("type") == "object":
        kept |= {"required": list(schema["properties"]), "additionalProperties": False}
    return kept


def _need_unique(what: str, values: list[str]) -> None:
    if twice := sorted({value for value in values if values.count(value) > 1}):
        raise BadAnswer(f"The {what} {twice[0]!r} is used twice.")


def _parents(path: str) -> Iterator[str]:
    parts = path.split("/")[:-1]
    return ("/".join(parts[:depth]) for depth in range(1, len(parts) + 1))


def _texts(value: Any) -> Iterator[str]:
    """Yield every text in a decoded answer."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _texts(part)
