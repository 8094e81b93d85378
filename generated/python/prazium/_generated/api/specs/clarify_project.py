from typing import Any
from urllib.parse import quote

from ...._calls import Call
from ...models.questions_response import QuestionsResponse


def call(
    project_id: str,
) -> Call[QuestionsResponse]:
    """Get clarifying questions.

    Generate questions from the description. Asked again while they are open, it returns the
    same questions; asked in spec_review, it starts over. After approval: 409.
    """

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/projects/{project_id}/clarify".format(
            project_id=quote(str(project_id), safe=""),
        ),
    }
    return Call(_kwargs, _read)


def _read(body: Any) -> QuestionsResponse:
    response_200 = QuestionsResponse.from_dict(body)

    return response_200
