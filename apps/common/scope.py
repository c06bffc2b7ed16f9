"""The tenant (and person) that a request or task works for, told to Python and to PostgreSQL.

The database is told by `set_config(…, is_local => true)`, which ends with the transaction. Inside
an outer transaction a released savepoint would keep the inner value, so a nested scope restores
its predecessor's; an outermost scope has nothing to restore.
"""

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from apps.common.errors import NoScope


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose rows may be seen: a tenant's, a person's own, or the one account signing in.

    `memory` lives as long as the outermost scope, so as long as its transaction.
    """

    tenant_id: UUID | None = None
    user_id: UUID | None = None
    login: str = ""
    aftermath: list[Callable[[], None]] = field(default_factory=list, compare=False)
    memory: dict[Hashable, Any] = field(default_factory=dict, compare=False, repr=False)


NOWHERE = Scope()
_current: ContextVar[Scope | None] = ContextVar("scope", default=None)


@contextmanager
def scoped(
    *, tenant_id: UUID | None = None, user_id: UUID | None = None, login: str = ""
) -> Iterator[Scope]:
    """Open a transaction in which only this tenant's and person's rows can be seen or written."""
    outer = _current.get()
    nested = connection.in_atomic_block
    kept = (outer.aftermath, outer.memory) if outer else ([], {})
    scope = Scope(tenant_id, user_id, login.strip().lower(), *kept)
    token = _current.set(scope)
    undone = True
    try:
        with transaction.atomic():
            _tell(scope)
            yield scope
            undone = connection.needs_rollback
            if nested and not undone:
                _tell(outer or NOWHERE)
    finally:
        _current.reset(token)
        if outer is None and undone:
            _settle(scope)


def after_rollback(act: Callable[[], None]) -> None:
    """Keep `act` for the case that the whole transaction is undone.

    A refusal's ledger entry and a failed second factor's counter must survive the very rollback
    that the refusal causes; they run in a transaction and scope of their own.
    """
    scope = _current.get()
    if scope is None:
        raise NoScope("after_rollback() was called outside a scope")
    scope.aftermath.append(act)


def _settle(scope: Scope) -> None:
    acts, scope.aftermath[:] = list(scope.aftermath), []
    for act in acts:
        with scoped(tenant_id=scope.tenant_id, user_id=scope.user_id, login=scope.login):
            act()


def is_scope_open() -> bool:
    """Whether some scope, and so a transaction of ours, is open."""
    return _current.get() is not None


def current_scope() -> Scope:
    """The open scope; raises `NoScope` when there is none."""
    scope = _current.get()
    if scope is None:
        raise NoScope("no scope is open: wrap the work in scoped(tenant_id=…)")
    return scope


def current_tenant_id() -> UUID:
    """The open scope's tenant; raises `NoScope` when there is none."""
    tenant_id = current_scope().tenant_id
    if tenant_id is None:
        raise NoScope("the open scope names no tenant")
    return tenant_id


def _tell(scope: Scope) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "select set_config('app.tenant', %s, true), set_config('app.user', %s, true),"
            " set_config('app.login', %s, true)",
            [str(scope.tenant_id or ""), str(scope.user_id or ""), scope.login],
        )
