"""What every handler of the REST API is given."""

from dataclasses import dataclass

from apps.sandbox.errors import not_found
from apps.sandbox.ids import looks_like_id, normal_id
from apps.sandbox.oauth.tokens import Session
from apps.sandbox.org import Org
from apps.sandbox.schema.fields import SObject
from apps.sandbox.schema.registry import find_sobject
from apps.sandbox.wire import Call

TOOLING = "/tooling"


@dataclass(frozen=True, kw_only=True)
class Context:
    """`base` is `/services/data/vXX.0` as the client wrote it, with `/tooling` where it is."""

    org: Org
    session: Session
    call: Call
    base: str

    @property
    def user_id(self) -> str:
        return self.session.user_id

    @property
    def tooling(self) -> bool:
        """Whether the call came by the Tooling API."""
        return self.base.endswith(TOOLING)

    def sobject(self, name: str) -> SObject:
        """The object of this name, as this API tells of it. Raises ApiError NOT_FOUND."""
        sobject = find_sobject(name)
        seen = sobject.seen_by(tooling=self.tooling) if sobject else None
        if seen is None:
            raise not_found()
        return seen


def known_id(text: str) -> str | None:
    return normal_id(text) if looks_like_id(text) else None
