from typing import Any
from urllib.parse import quote

from ...._calls import Call
from ...models.spec_state_response import SpecStateResponse
from ...models.submit_answers import SubmitAnswers


def call(
    project_id: str,
    *,
    body: SubmitAnswers,
) -> Call[SpecStateResponse]:
    """Submit answers.

    Answer the open questions and get the spec. A question without an answer is decided by the
    agent and listed in SPEC.md as an assumption. Only while the questions are open.
    """
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/projects/{project_id}/answers".format(
            project_id=quote(str(project_id), safe=""),
        ),
    }
    _kwargs["json"] = body.to_dict()

    _kwargs["headers"] = headers
    return Call(_kwargs, _read)


def _read(body: Any) -> SpecStateResponse:
    response_200 = SpecStateResponse.from_dict(body)

    return response_200
