from typing import Any
from urllib.parse import quote

from ...._calls import Call
from ...models.approval_response import ApprovalResponse


def call(
    project_id: str,
) -> Call[ApprovalResponse]:
    """Approve the spec.

    Freeze the newest spec for building. Only in spec_review; of two callers one gets 409.
    """

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/projects/{project_id}/approve".format(
            project_id=quote(str(project_id), safe=""),
        ),
    }
    return Call(_kwargs, _read)


def _read(body: Any) -> ApprovalResponse:
    response_200 = ApprovalResponse.from_dict(body)

    return response_200
