"""Sessions in the database, of which the database alone opens none.

A row is kept under a digest of the cookie's value, and its content is signed together with that
value. So neither a dump of the table nor a row copied over another one is anybody's session: the
table has no row security, because a session is read before anybody is known.
"""

import hashlib
from typing import Any

from django.contrib.sessions.backends import db
from django.utils import timezone

KEY_LENGTH = 40  # the library's column; 160 bits of the digest fit


class SessionStore(db.SessionStore):
    """The library's store under digests. Only its synchronous half is served here."""

    @property
    def row_key(self) -> str:
        """Under which row this session rests."""
        return row_key_of(self.session_key or "")

    @property
    def key_salt(self) -> str:
        """What the content is signed with beside the secret key: the cookie's own value."""
        return f"bailiwick.session.{self.session_key}"

    def exists(self, session_key: str) -> bool:
        return bool(super().exists(row_key_of(session_key)))

    def delete(self, session_key: str | None = None) -> None:
        key = session_key or self.session_key
        if key is not None:
            super().delete(row_key_of(key))

    def create_model_instance(self, data: dict[str, Any]) -> Any:
        row = super().create_model_instance(data)
        row.session_key = self.row_key
        return row

    def _get_session_from_db(self) -> Any:
        row = self.model.objects.filter(
            session_key=self.row_key, expire_date__gt=timezone.now()
        ).first()
        if row is None:
            self._session_key = None
        return row


def row_key_of(session_key: str) -> str:
    """The digest that stands for a cookie's value."""
    return hashlib.sha256(session_key.encode()).hexdigest()[:KEY_LENGTH]
