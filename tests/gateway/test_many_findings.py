"""A body with very many faults is refused in a moment, with the first of them."""

import pytest

from services.schemas import MANY, field_errors
from tests.contract.test_errors import COMPILED


@pytest.mark.parametrize(("tags", "told"), [(20, 20), (MANY, 1)])
def test_of_very_many_faults_the_first_is_told(tags: int, told: int) -> None:
    body = COMPILED["create_jobs"].body
    assert body is not None
    jobs = [{"kind": "http", "input": {}, "tags": list(range(tags))}]
    found = field_errors(body.validator, {"jobs": jobs})
    assert len([error for error in found if error.field_.startswith("/jobs/0/tags")]) >= told
    assert len(found) <= told + 1
