"""The fresh factor behind a signature: right, unused, young, and given for this very request."""

from datetime import timedelta

import pytest

from apps.accounts import services as accounts
from apps.accounts.errors import FactorRefused, WrongCode
from apps.breakglass.models import Approval
from apps.breakglass.services.deciding import APPROVE_DECISION
from apps.common.clock import database_now
from tests.breakglass.conftest import Emergency, factor_for
from tests.cast import code_for


def test_a_factor_fits_one_decision_about_one_request(at_acme: Emergency) -> None:
    lena, request = at_acme.cast.lena, at_acme.pending()
    old = database_now() - timedelta(seconds=61)
    spent = factor_for(lena, request.content_hash)
    accounts.spend_factor(
        factor=spent,
        user=lena,
        decision=APPROVE_DECISION,
        subject=request.content_hash,
        now=database_now(),
    )
    for factor in (
        factor_for(lena, "0" * 64),
        factor_for(lena, request.content_hash, decision="breakglass.token.reveal"),
        factor_for(at_acme.cast.ivan, request.content_hash),
        factor_for(lena, request.content_hash, now=old),
        spent,
    ):
        with pytest.raises(FactorRefused):
            at_acme.sign(request, "lena", factor=factor)
    assert not Approval.objects.exists()


def test_a_code_works_once_and_only_when_right(emergency: Emergency) -> None:
    with emergency.cast.at_acme("bob"):
        request = emergency.pending()
    lena = emergency.cast.lena
    code = code_for(lena)

    def prove(text: str) -> None:
        accounts.prove(
            user=lena,
            code=text,
            decision=APPROVE_DECISION,
            subject=request.content_hash,
            now=database_now(),
        )

    with emergency.cast.at_acme("lena"):
        prove(code)
    with emergency.cast.at_acme("lena"), pytest.raises(WrongCode):
        prove(code)
    with emergency.cast.at_acme("lena"), pytest.raises(WrongCode):
        prove("000000")
