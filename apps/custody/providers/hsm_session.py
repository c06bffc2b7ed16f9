"""Sessions with PKCS #11 modules: one thread per module, so that no call can hang its caller.

A module is a C library with state per process. Finalising it under another thread's call is
undefined, so all calls of a module go through one thread of its own; the caller waits for at most
`READ_S` seconds. After a fork the child starts anew.
"""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeout
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, TypeVar

import pkcs11
from pkcs11 import KeyType, ObjectClass

from apps.custody.providers.base import READ_S, KeysRefused

T = TypeVar("T")
# What a session, a handle or a device that went away says; a new session may do better.
LOST = (
    pkcs11.SessionHandleInvalid,
    pkcs11.SessionClosed,
    pkcs11.ObjectHandleInvalid,
    pkcs11.KeyHandleInvalid,
    pkcs11.UserNotLoggedIn,
    pkcs11.DeviceError,
    pkcs11.DeviceRemoved,
    pkcs11.TokenNotPresent,
    pkcs11.TokenNotRecognised,
    pkcs11.NoSuchKey,
    pkcs11.NoSuchToken,
    pkcs11.GeneralError,
)


@dataclass
class Opened:
    """A logged-in session and the keys that were found in it."""

    session: pkcs11.Session
    generation: int
    writing: bool
    _keys: dict[str, Any] = field(default_factory=dict)

    def secret_key(self, label: str) -> Any:
        """The AES key of that label; raises `NoSuchKey`."""
        if label not in self._keys:
            self._keys[label] = self.session.get_key(
                label=label, key_type=KeyType.AES, object_class=ObjectClass.SECRET_KEY
            )
        return self._keys[label]


class Module:
    """One vendor library in this process."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._pid = 0
        self._generation = 0
        self._opened: dict[str, Opened] = {}
        self._refused: dict[tuple[str, str], pkcs11.PKCS11Error] = {}
        self._thread: ThreadPoolExecutor | None = None

    @staticmethod
    @lru_cache(maxsize=8)
    def at(path: str) -> "Module":
        """The module at that path, the same one for everybody in this process."""
        return Module(path)

    def run(self, label: str, pin: str, act: Callable[[Opened], T], *, writing: bool) -> T:
        """`act` in the module's thread on a session with the token of that label.

        Raises `TimeoutError` after `READ_S` seconds, and what the module raises.
        """
        if self._pid != os.getpid() or self._thread is None:
            self._pid, self._opened = os.getpid(), {}
            self._thread = ThreadPoolExecutor(1, thread_name_prefix="pkcs11")
            self._thread.submit(self._restart)
        future = self._thread.submit(self._attempt, label, pin, act, writing)
        try:
            return future.result(READ_S)
        except FutureTimeout as error:
            future.cancel()
            raise TimeoutError("the PKCS #11 module does not answer") from error

    def forget(self) -> None:
        """Close what is open, in the module's thread; the next call logs in again."""
        if self._thread is not None:
            self._thread.submit(self._restart).result(READ_S)

    def _attempt(self, label: str, pin: str, act: Callable[[Opened], T], writing: bool) -> T:
        try:
            return act(self._session(label, pin, writing))
        except LOST:
            self._restart()
            return act(self._session(label, pin, writing))

    def _session(self, label: str, pin: str, writing: bool) -> Opened:
        known = self._opened.get(label)
        if known and known.generation == self._generation and known.writing >= writing:
            return known
        if (label, pin) in self._refused:  # asking again would lock the token
            raise KeysRefused("The token refused this PIN. Set the right one and restart.")
        token = self._library().get_token(token_label=label)
        try:
            session = token.open(rw=True, user_pin=pin)
        except pkcs11.UserAlreadyLoggedIn:
            session = token.open(rw=True)
        except (pkcs11.PinIncorrect, pkcs11.PinLocked) as error:
            self._refused[label, pin] = error
            raise
        self._opened[label] = Opened(session, self._generation, writing=True)
        return self._opened[label]

    def _library(self) -> Any:
        return pkcs11.lib(self._path)

    def _restart(self) -> None:
        """Forget every session of this library and load its state anew."""
        self._generation += 1
        self._opened = {}
        library = self._library()
        if library.initialized:
            library.finalize()
        library.initialize()
