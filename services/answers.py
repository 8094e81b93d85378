"""Answers, checked against the questions that they answer."""

from typing import Any

from generated.models import Answer, FieldError, Question, QuestionType
from services.errors import invalid_fields


def checked(questions: list[Question], answers: list[Answer]) -> dict[str, Any]:
    """The answers by question id.

    Raises: ValidationFailed naming every answer that is unknown, given twice or of the wrong type.
    """
    by_id = {question.id: question for question in questions}
    accepted: dict[str, Any] = {}
    problems = []
    for index, answer in enumerate(answers):
        question = by_id.get(answer.question_id)
        if question is None:
            problems.append(problem(index, "questionId", "there is no such question"))
        elif answer.question_id in accepted:
            problems.append(problem(index, "questionId", "is answered twice"))
        elif message := mismatch(question, answer.answer):
            problems.append(problem(index, "answer", message))
        accepted[answer.question_id] = answer.answer
    if problems:
        raise invalid_fields(problems)
    return accepted


def mismatch(question: Question, answer: object) -> str | None:
    """Why this is no answer to the question, or None."""
    options = question.options or []
    match question.type:
        case QuestionType.boolean:
            return None if isinstance(answer, bool) else "must be true or false"
        case QuestionType.text:
            return None if isinstance(answer, str) else "must be a text"
        case QuestionType.single_choice:
            return None if answer in options else f"must be one of: {', '.join(options)}"
        case QuestionType.multiple_choice:
            chosen = answer if isinstance(answer, list) else [None]
            fits = all(choice in options for choice in chosen) and len(set(chosen)) == len(chosen)
            return None if fits else f"must be a list of some of: {', '.join(options)}"


def problem(index: int, field: str, message: str) -> FieldError:
    """A field error of one answer."""
    return FieldError(field_=f"/answers/{index}/{field}", message=message[:500])
