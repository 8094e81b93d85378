"""What the scaffold agent understands of a description, and what it asks about it."""

import keyword

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generated.models import QuestionType
from services.adapters.agents import Brief
from services.adapters.agents.scaffold import ScaffoldAgent
from services.adapters.agents.scaffold.design import resources_of
from services.adapters.agents.scaffold.model import Application, Auth, Kind
from services.adapters.agents.scaffold.plan import plan, steps
from services.adapters.agents.scaffold.questions import application, questions
from services.adapters.agents.scaffold.reading import Reading

PROJECTS = (
    "A project management tool with team collaboration features, task boards, and time tracking."
)


def brief(description: str, **values: object) -> Brief:
    return Brief(**{"name": "Demo", "description": description, **values})  # type: ignore[arg-type]


def built(description: str, **values: object) -> Application:
    return application(brief(description, **values))


def names(app: Application) -> set[str]:
    return {resource.name for resource in app.resources}


def answered(description: str, part: str, answer: object) -> Application:
    """The application after one answer to the question that contains `part`."""
    asked = next(q for q in questions(brief(description)) if part in q.question)
    return built(description, answers={asked.id: answer})


@pytest.mark.parametrize(
    ("description", "expected"),
    [
        (PROJECTS, {"project", "task", "board", "team", "member", "time_entry"}),
        ("A veterinary clinic", {"pet", "owner", "vet", "appointment", "treatment"}),
        ("A podcast host", {"podcast", "episode", "guest", "sponsor"}),
        ("A warehouse", {"warehouse", "product", "location", "supplier", "shipment"}),
        (
            "An app for beekeepers: apiaries with beehives, inspections of each beehive, harvests",
            {"apiary", "beehive", "inspection", "harvest"},
        ),
        ("hello", {"item"}),
        ("🦄 🦄 🦄", {"item"}),
    ],
)
def test_a_description_gives_the_resources_that_it_names(
    description: str, expected: set[str]
) -> None:
    assert names(built(description, name="🦄")) == expected


def test_attributes_in_a_list_become_fields_with_their_kind() -> None:
    app = built("Pets have a name, a breed, a birth date, a price and a website.")
    kinds = {field.name: field.kind for field in app.resource("pet").fields}
    assert kinds["breed"] is Kind.text
    assert kinds["price_cents"] is Kind.money
    assert kinds["website"] is Kind.url


def test_an_unknown_thing_becomes_a_resource_where_grammar_makes_it_one() -> None:
    app = built("A tracker where each sandcastle belongs to a beach.")
    assert names(app) == {"sandcastle", "beach"}
    assert [r.target for r in app.resource("sandcastle").relations] == ["beach"]


@pytest.mark.parametrize(
    "text",
    [
        "Tasks belong to projects.",
        "Projects with tasks.",
        "Each project has many tasks.",
        "A project's tasks.",
        "Tasks for each project.",
    ],
)
def test_each_way_to_say_that_tasks_belong_to_projects_is_understood(text: str) -> None:
    (relation,) = built(text).resource("task").relations
    assert (relation.target, relation.required) == ("project", True)


def test_relations_that_contradict_each_other_make_no_cycle() -> None:
    app = built("Authors have books. Books have chapters. Chapters have authors.")
    parents = {r.name: [relation.target for relation in r.relations] for r in app.resources}
    assert parents == {"author": ["chapter"], "book": ["author"], "chapter": []}


def test_two_things_that_would_share_a_name_become_one() -> None:
    nouns = ["class", "class_record", "media", "media_items"]
    resources = resources_of(Reading(nouns=nouns, fields={}, parents={}))
    assert [resource.plural for resource in resources] == ["class_records", "media_items"]


def test_questions_depend_on_the_description() -> None:
    shop = {q.question for q in questions(brief("A shop with products and orders."))}
    clinic = {q.question for q in questions(brief("A veterinary clinic."))}
    assert "Which currency are amounts in?" in shop
    assert shop != clinic


def test_the_first_question_is_about_sign_in_and_types_are_mixed() -> None:
    asked = questions(brief(PROJECTS))
    assert "authentication" in asked[0].question
    assert asked[0].options == ["Email/Password", "API key", "No sign-in"]
    assert 3 <= len(asked) <= 8
    assert {q.type for q in asked} == set(QuestionType)
    assert [q.id for q in asked] == [f"q{n}" for n in range(1, len(asked) + 1)]


@pytest.mark.parametrize(
    ("answer", "auth"),
    [("No sign-in", Auth.none), ("Email/Password", Auth.password), ("API key", Auth.key)],
)
def test_the_answer_about_sign_in_decides_it(answer: str, auth: Auth) -> None:
    assert answered(PROJECTS, "authentication", answer).auth is auth


def test_a_method_that_needs_an_outside_service_becomes_a_password_and_says_so() -> None:
    app = answered(PROJECTS, "authentication", "OAuth (Google, GitHub)")
    assert app.auth is Auth.password
    assert "not available" in app.decisions[0][2]


def test_the_main_thing_comes_first() -> None:
    assert answered(PROJECTS, "work with most", "Tasks").resources[0].name == "task"


def test_the_stages_are_those_that_were_chosen() -> None:
    app = answered(PROJECTS, "stages", ["Planned", "Done", "Waiting for Bob"])
    status = app.resource("project").status
    assert status and [label for _, label in status.choices] == [
        "Planned",
        "Done",
        "Waiting for bob",
    ]


def test_records_can_be_kept_for_their_creator() -> None:
    assert answered(PROJECTS, "see and change", "Only the person who created them").private


def test_a_yes_adds_the_offered_field() -> None:
    before, after = built(PROJECTS), answered(PROJECTS, "priority", True)
    assert {f.name for f in after.resource("project").fields} - {
        f.name for f in before.resource("project").fields
    } == {"priority"}


def test_companions_are_added_and_belong_to_the_main_thing() -> None:
    app = answered(PROJECTS, "What else", ["Comments", "Tags"])
    assert {"comment", "tag"} <= names(app)
    assert [r.target for r in app.resource("comment").relations] == ["project"]


def test_named_details_become_fields() -> None:
    app = answered(PROJECTS, "further details", "budget, kick-off date; lead")
    assert {"budget_cents", "kick_off_date", "lead"} <= {
        field.name for field in app.resource("project").fields
    }


def test_the_look_and_the_currency_are_those_that_were_chosen() -> None:
    shop = "A shop with products."
    assert answered(shop, "currency", "USD").currency == "USD"
    assert answered(shop, "look", "Dark").look == "dark"


def outcome(app: Application) -> tuple[object, ...]:
    """What decides the files that are built."""
    return app.resources, app.auth, app.private, app.currency, app.look


@pytest.mark.parametrize("description", [PROJECTS, "A shop with products.", "Podcasts", "hello"])
def test_every_question_has_answers_that_change_the_result(description: str) -> None:
    for question in questions(brief(description)):
        options = question.options if isinstance(question.options, list) else [True, "shoe size"]
        outcomes = [
            outcome(built(description, answers={"q1": "Email/Password", question.id: option}))
            for option in options
        ]
        assert any(one != outcomes[0] for one in outcomes), question


def test_feedback_adds_what_it_names_and_admits_what_it_does_not_understand() -> None:
    app = built(PROJECTS, feedback=["Add notifications.", "Tasks have a colour.", "Make it pop!"])
    assert "notification" in names(app)
    assert "colour" in {field.name for field in app.resource("task").fields}
    assert [bool(effect) for _, effect in app.remarks] == [True, True, False]


async def test_the_documents_name_what_is_built_and_what_was_said() -> None:
    agent = ScaffoldAgent()
    said = brief(PROJECTS, answers={"q1": "API key"}, feedback=["Add notifications", "Wow!"])
    documents = await agent.specify(said)
    assert set(documents) == {"SPEC.md", "ACCEPTANCE.md", "ROUTES.md", "DATA.md"}
    for resource in application(said).resources:
        assert resource.path in documents["ROUTES.md"]
        assert f"`{resource.plural}`" in documents["DATA.md"]
        assert resource.titles in documents["SPEC.md"]
        assert f"tests/test_{resource.plural}.py" in documents["ACCEPTANCE.md"]
    assert "X-API-Key" in documents["SPEC.md"]
    spec = documents["SPEC.md"]
    assert spec.index("Add notifications") < spec.index("Not understood") < spec.index("Wow\\!")


@settings(max_examples=30, deadline=None)
@given(st.text(max_size=400), st.text(max_size=60), st.text(max_size=200))
def test_any_text_gives_a_sound_application_and_plan(
    description: str, name: str, remark: str
) -> None:
    _assert_sound(brief(description, name=name, answers={"q3": remark}, feedback=[remark]))


AWKWARD = (
    "class import lambda pass None users tasks task belongs belong to has have with each a an of "
    "'s , . ; ( : records pages new change health auth problem object series sheep news staff data "
    "select order group values index price amount date status café naïve ß x1 3d __init__ and for "
    "credentials problems ids resources resource errors contract contracts"
)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from(AWKWARD.split()), max_size=60).map(" ".join))
def test_any_order_of_awkward_words_gives_a_sound_application_and_plan(text: str) -> None:
    _assert_sound(brief(text, feedback=[text[::-1]], answers={"q1": text, "q2": [text, 1, None]}))


@pytest.mark.parametrize("text", ["tasks " * 2000, "x" * 10_000, "sprockets and widgets, " * 600])
def test_ten_kilobytes_of_text_give_a_bounded_application(text: str) -> None:
    _assert_sound(brief(text))


def _assert_sound(said: Brief) -> None:
    app = application(said)
    assert 1 <= len(app.resources) <= 8
    singles = [name for resource in app.resources for name in (resource.name, resource.plural)]
    assert len(set(singles)) == len(singles)
    for resource in app.resources:
        columns = [field.name for field in resource.fields]
        columns += [relation.column for relation in resource.relations]
        assert len(set(columns)) == len(columns) <= 24
        for name in [resource.name, resource.plural, *columns]:
            assert name.isidentifier() and name.isascii() and not keyword.iskeyword(name)
        assert resource.searched
    _assert_disjoint(said, app)


def _assert_disjoint(said: Brief, app: Application) -> None:
    tasks = plan(app).tasks
    for step in steps(app):
        for path, file in step.builder(app).items():
            if path.endswith(".py"):
                compile(file.text, path, "exec")
    outputs = [path for task in tasks for path in task.expected_outputs]
    assert len(set(outputs)) == len(outputs)
    assert [task.id for task in tasks] == [f"task-{n:03}" for n in range(1, len(tasks) + 1)]
