"""Asking the broker from processes of their own: many at once, and ones that are killed."""

import json
import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import NoReturn
from uuid import UUID

from django.db import connection as database

from apps.crm import broker, errors
from apps.crm.client import oauth
from apps.ledger import services as ledger
from tests.fakes.killing import die, forked, require_killed, waited


def _before_the_request() -> None:
    oauth.request_token = die


def _between_answer_and_save() -> None:
    broker._saved = die


def _in_the_middle_of_saving() -> None:
    ledger.record = die


def _between_save_and_use() -> None:
    saved = broker._saved

    def then_die(*args: object, **kwargs: object) -> NoReturn:
        saved(*args, **kwargs)  # type: ignore[arg-type]
        die()

    broker._saved = then_die


MOMENTS: dict[str, Callable[[], None]] = {
    "before the request": _before_the_request,
    "between answer and save": _between_answer_and_save,
    "in the middle of saving": _in_the_middle_of_saving,
    "between save and use": _between_save_and_use,
}


def refresh_and_be_killed(tenant_id: UUID, connection_id: UUID, *, moment: str) -> None:
    """Get a token in another process that gets SIGKILL at this moment."""
    require_killed(lambda: _doomed(tenant_id, connection_id, moment), moment=moment)


def _doomed(tenant_id: UUID, connection_id: UUID, moment: str) -> None:
    MOMENTS[moment]()
    broker.access_token(tenant_id=tenant_id, connection_id=connection_id)


def ask_from_processes(
    tenant_id: UUID, connection_id: UUID, *, processes: int, threads: int
) -> list[str]:
    """What every worker got, `threads` in each of `processes`, when all asked together."""
    together = [os.pipe() for _ in range(processes)]
    go, start = os.pipe()
    children = []
    for _, told in together:

        def work(told: int = told) -> None:
            os.close(start)
            os.read(go, 1)  # until the parent closes its end
            got = _from_threads(tenant_id, connection_id, threads)
            os.write(told, json.dumps(got).encode())

        children.append(forked(work))
        os.close(told)
    os.close(go)
    os.close(start)
    answers = [_whole(heard) for heard, _ in together]
    assert [waited(child) for child in children] == [0] * processes
    return [token for answer in answers for token in json.loads(answer)]


def _from_threads(tenant_id: UUID, connection_id: UUID, threads: int) -> list[str]:
    ready = threading.Barrier(threads)

    def ask(_: int) -> str:
        try:
            ready.wait()
            return broker.access_token(
                tenant_id=tenant_id, connection_id=connection_id
            ).access_token
        except errors.CrmError as error:
            return error.code
        finally:
            database.close()

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(ask, range(threads)))


def _whole(heard: int) -> bytes:
    with os.fdopen(heard, "rb") as pipe:
        return pipe.read()
