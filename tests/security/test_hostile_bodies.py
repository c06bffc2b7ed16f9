"""Attacks by what is sent: an endpoint that nests without end, a caller who sends too much."""

import pytest
from django.test import Client

from apps.common.trust import open_session
from apps.llm.client.wire import exchange
from apps.llm.errors import AnswerUnusable
from tests.cast import Cast
from tests.llm.odd_server import answering

pytestmark = pytest.mark.django_db
DEEP = b"[" * 200_000


def test_an_endpoint_that_nests_deeply_answers_nothing_usable() -> None:
    with answering(200, DEEP) as (address, _), open_session(extra_ca="") as session:
        with pytest.raises(AnswerUnusable):
            exchange(session, "GET", f"{address}/v1/models", headers={})


@pytest.mark.parametrize("body", [DEEP, b'{"a":' * 100_000, b'"' + b"x" * 3_000_000 + b'"'])
def test_a_body_too_deep_or_too_long_is_refused_in_words(cast: Cast, body: bytes) -> None:
    answer = cast.client("alice").post("/api/v1/zones/", body, content_type="application/json")
    assert answer.status_code in {400, 413}
    assert answer.json()["code"] in {"parse_error", "too_large"}


def test_a_body_is_not_read_before_its_sender_is_known() -> None:
    body = b'"' + b"x" * 3_000_000 + b'"'
    answer = Client().post("/api/v1/zones/", body, content_type="application/json")
    assert answer.status_code == 401
