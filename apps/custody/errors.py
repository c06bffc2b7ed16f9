"""Refusals at the token check."""

from apps.common.errors import DomainError


class TokenRefused(DomainError):
    """A bearer token that does not open anything: unknown, ended, expired, or out of place."""

    code = "token_refused"
    status = 401
    title = "This token does not open anything"


class AddressRefused(TokenRefused):
    """A good token, from an address outside its networks."""
