"""What must not be found: who tried to sign in, in Valkey; a token's text, in a browser's cache."""

import pytest
from django.core.cache import cache
from django.test import Client

from apps.common import powers
from tests.cast import PASSWORD, Cast, code_for

SECRET = "hunter2-canary"


@pytest.fixture(autouse=True)
def empty_cache() -> None:
    cache.clear()


def test_failed_sign_ins_leave_neither_address_nor_password_in_valkey(cast: Cast) -> None:
    Client().post("/signin/", {"email": cast.alice.email, "password": SECRET})
    valkey = cache._cache.get_client("any", write=True)  # type: ignore[attr-defined]
    kept = [(key, valkey.get(key)) for key in valkey.keys("*") if valkey.type(key) == b"string"]
    assert kept, "the lockout counts somewhere"
    told = repr(kept)
    assert cast.alice.email not in told
    assert SECRET not in told


def test_failed_sign_ins_leave_neither_address_nor_password_in_logs(
    cast: Cast, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(6):
        Client().post("/signin/", {"email": cast.alice.email, "password": SECRET})
    assert caplog.records
    assert cast.alice.email not in caplog.text
    assert SECRET not in caplog.text


def test_a_new_tokens_text_is_kept_by_no_cache(cast: Cast) -> None:
    form = {"name": "n", "days": "1", "powers": [powers.READ_LEDGER], "code": code_for(cast.alice)}
    answer = cast.client("alice").post("/tokens/", form)
    assert answer.context["made"]
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize("before", ["http://testserver//evil.example/", "https://evil.example/"])
def test_a_refusal_never_points_elsewhere(cast: Cast, before: str) -> None:
    answer = cast.client("bob").get("/people/", headers={"referer": before})
    assert answer.status_code == 403
    assert b"evil.example" not in answer.content


def test_the_session_row_holds_no_password_and_no_address(cast: Cast) -> None:
    client = Client()
    client.post("/signin/", {"email": cast.alice.email, "password": PASSWORD})
    data = dict(client.session.items())
    assert PASSWORD not in repr(data)
    assert cast.alice.email not in repr(data)
