from typing import Literal, cast

QuestionType = Literal["boolean", "multiple_choice", "single_choice", "text"]


def check_question_type(value: object) -> QuestionType:
    """The value as it came: one that only a newer server knows is kept."""
    if not isinstance(value, str):
        raise TypeError(f"expected a text, not {value!r}")
    return cast(QuestionType, value)
