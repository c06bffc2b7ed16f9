"""Whom the console trusts when it calls somebody over TLS, and for how long it listens."""

import functools
import ssl
from pathlib import Path
from typing import Any

import certifi
import requests
from requests.adapters import HTTPAdapter

from apps.common.patience import TIMED_POOLS


class Trusting(HTTPAdapter):
    """Certificates are checked against certifi's list and the installation's own file, if any.
    Answers take no longer than `patience` allows.

    Raises FileNotFoundError when that file is not there, ssl.SSLError when it holds no certificate.
    """

    def __init__(self, own_file: str) -> None:
        self._context = _trusting(own_file, _changed(own_file))
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs, ssl_context=self._context)
        self.poolmanager.pool_classes_by_scheme = TIMED_POOLS

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
        """The context knows whom to trust; requests would read certifi's list per connection."""
        conn.cert_reqs = "CERT_REQUIRED"


def open_session(*, extra_ca: str) -> requests.Session:
    """A session that ignores the machine's proxies and `.netrc`: they could take data elsewhere.

    `extra_ca` names the installation's own file of certificates, or is empty. Raises as `Trusting`.
    """
    session = requests.Session()
    session.trust_env = False
    trusting = Trusting(extra_ca)
    session.mount("https://", trusting)
    session.mount("http://", trusting)  # of hosts that the operator listed
    return session


def _changed(own_file: str) -> int:
    return Path(own_file).stat().st_mtime_ns if own_file else 0


@functools.lru_cache(maxsize=4)
def _trusting(own_file: str, changed: int) -> ssl.SSLContext:
    """Shared by all sessions of the process: reading the list takes 30 ms of the processor."""
    context = ssl.create_default_context(cafile=certifi.where())
    if own_file:
        context.load_verify_locations(cafile=own_file)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context
