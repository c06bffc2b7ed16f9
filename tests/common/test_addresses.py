"""Wrong addresses and methods of the API are answered in the API's own form."""

import pytest

from tests.cast import Cast


@pytest.mark.parametrize("path", ["/api/v1/nope/", "/api/v1/connections/not-a-uuid/"])
def test_an_address_that_does_not_exist_is_a_problem_document(cast: Cast, path: str) -> None:
    answer = cast.client("alice").get(path)
    assert answer.status_code == 404
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == "not_found"


def test_a_method_that_does_not_exist_says_which_do(cast: Cast) -> None:
    answer = cast.client("alice").delete("/api/v1/connections/")
    assert answer.status_code == 405
    assert answer["Allow"] == "GET, POST"
    assert answer.json()["code"] == "method_not_allowed"
