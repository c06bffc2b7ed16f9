"""What every handler of the REST API is given."""

from dataclasses import dataclass

from apps.sandbox.errors import not_found
from apps.sandbox.ids import looks_like_id, normal_id
from apps.sandbox.oauth.tokens import Session
from apps.sandbox.org import Org
from apps.sandbox.schema.fields import SObject
from apps.sandbox.schema.registry import find_sobject
from apps.sandbox.wire import Call


@dataclass(frozen=True, kw_only=True)
class Context:
    """`base` is `/services/data/vXX.0` as the client wrote it."""

    org: Org
    session: Session
    call: Call
    base: str

    @property
    def user_id(self) -> str:
        return self.session.user_id


def named_sobject(name: str) -> SObject:
    """Raises ApiError NOT_FOUND."""
    sobject = find_sobject(name)
    if sobject is None:
        raise not_found()
    return sobject


def known_id(text: str) -> str | None:
    return normal_id(text) if looks_like_id(text) else None
