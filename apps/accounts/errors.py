"""Refusals of sign-in and step-up."""

from apps.common.errors import DomainError


class WrongCode(DomainError):
    """The second factor did not verify: wrong, expired or used before."""

    code = "wrong_code"
    status = 422
    title = "That code does not work"


class TooManyCodes(WrongCode):
    """Wrong codes were entered; the next one is looked at only after a pause that grows."""

    code = "too_many_codes"
    status = 429
    title = "Please wait a moment"


class FactorRefused(DomainError):
    """A fresh factor does not fit the decision: stale, spent, or given for something else."""

    code = "factor_refused"
    status = 403
    title = "Please confirm again"


CODE_REFUSED = (WrongCode, FactorRefused)  # what a form answers beside the field `code`
