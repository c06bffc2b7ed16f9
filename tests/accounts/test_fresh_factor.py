"""A fresh factor serves one decision, once, for a minute."""

from datetime import timedelta

import pytest
from django.db import transaction

from apps.accounts import services
from apps.accounts.errors import FactorRefused, WrongCode
from apps.accounts.models import Authenticator, FreshFactor
from apps.common.clock import database_now
from apps.common.scope import scoped
from apps.ledger.models import Event
from tests.cast import Cast, code_for

ACT, SUBJECT = "breakglass.request.approve", "ab" * 32


def _prove(cast: Cast, code: str | None = None) -> FreshFactor:
    return services.prove(
        user=cast.lena,
        code=code or code_for(cast.lena),
        decision=ACT,
        subject=SUBJECT,
        now=database_now(),
    )


def _spend(cast: Cast, factor: FreshFactor, **changed: object) -> None:
    words = {"user": cast.lena, "decision": ACT, "subject": SUBJECT, "now": database_now()}
    services.spend_factor(factor=factor, **{**words, **changed})  # type: ignore[arg-type]


def test_it_serves_its_decision_once(cast: Cast) -> None:
    with cast.at_acme("lena"):
        factor = _prove(cast)
        _spend(cast, factor)
        with pytest.raises(FactorRefused, match="expired"):
            _spend(cast, factor)


@pytest.mark.parametrize("changed", [{"decision": "reviews.finish"}, {"subject": "cd" * 32}])
def test_it_serves_nothing_else(cast: Cast, changed: dict[str, str]) -> None:
    with cast.at_acme("lena"), pytest.raises(FactorRefused, match="something else"):
        _spend(cast, _prove(cast), **changed)


def test_it_serves_nobody_else(cast: Cast) -> None:
    with cast.at_acme("lena"), pytest.raises(FactorRefused):
        _spend(cast, _prove(cast), user=cast.ivan)


def test_it_is_stale_after_a_minute(cast: Cast) -> None:
    with cast.at_acme("lena"):
        factor = _prove(cast)
        with pytest.raises(FactorRefused, match="expired"):
            _spend(cast, factor, now=database_now() + timedelta(seconds=61))


def test_a_code_makes_one_factor(cast: Cast) -> None:
    code = code_for(cast.lena)
    with cast.at_acme("lena"):
        _prove(cast, code)
        with pytest.raises(WrongCode):
            _prove(cast, code)


@pytest.mark.parametrize("code", ["", "abc", "12345", "１２３４５６", "0" * 20, "\x00"])
def test_what_is_no_code_is_refused_with_the_field(cast: Cast, code: str) -> None:
    with cast.at_acme("lena"), pytest.raises(WrongCode) as refused:
        services.prove(
            user=cast.lena, code=code or " ", decision=ACT, subject=SUBJECT, now=database_now()
        )
    assert refused.value.field == "code"


def test_a_code_stays_used_when_its_decision_is_undone(cast: Cast) -> None:
    with pytest.raises(ZeroDivisionError), cast.at_acme("lena"):
        _prove(cast)
        raise ZeroDivisionError
    with cast.at_acme("lena"):
        assert Authenticator.objects.get(user=cast.lena).last_t > 0
        assert not FreshFactor.objects.exists()


def test_a_failure_counts_though_the_request_is_undone(cast: Cast) -> None:
    with scoped(tenant_id=cast.acme.pk, user_id=cast.lena.pk):
        with pytest.raises(WrongCode):
            _prove(cast, "000000")
        transaction.set_rollback(True)
    with cast.at_acme("lena"):
        assert Authenticator.objects.get(user=cast.lena).throttling_failure_count == 1
        failures = Event.objects.filter(action="accounts.factor.failed")
        assert [event.actor for event in failures] == [cast.lena.actor_ref]
