from typing import Any
from urllib.parse import quote

from ...._calls import Call
from ...models.answered_questions_response import AnsweredQuestionsResponse


def call(
    project_id: str,
) -> Call[AnsweredQuestionsResponse]:
    """List the clarifying questions.

    The questions that were asked, with the answers given so far; empty in a draft.
    """

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/projects/{project_id}/questions".format(
            project_id=quote(str(project_id), safe=""),
        ),
    }
    return Call(_kwargs, _read)


def _read(body: Any) -> AnsweredQuestionsResponse:
    response_200 = AnsweredQuestionsResponse.from_dict(body)

    return response_200
