"""After wrong codes a right one is not called wrong: the person is told to wait, and how long."""

import pytest

from apps.accounts import services
from apps.accounts.errors import TooManyCodes, WrongCode
from apps.common.clock import database_now
from tests.cast import Cast, code_for


def _prove(cast: Cast, code: str) -> None:
    services.prove(
        user=cast.lena, code=code, decision="x.y.z", subject="ab" * 32, now=database_now()
    )


def test_a_right_code_after_wrong_ones_waits_and_stays_unused(cast: Cast) -> None:
    code = code_for(cast.lena)
    with cast.at_acme("lena"):
        with pytest.raises(WrongCode):
            _prove(cast, "000000")
        with pytest.raises(TooManyCodes, match=r"Wait \d+ second"):
            _prove(cast, code)
    assert code_for(cast.lena) == code


def test_the_sign_in_page_says_so_too(cast: Cast) -> None:
    with cast.at_acme("lena"):
        with pytest.raises(WrongCode):
            services.verify_sign_in(user=cast.lena, code="000000")
        with pytest.raises(TooManyCodes):
            services.verify_sign_in(user=cast.lena, code=code_for(cast.lena))
