"""Wrapping one key by every provider that should be able to open it again.

Losing one provider loses no key: each wrap opens alone. Unwrapping asks the providers in their
configured order, skips one that just failed, and waits for none longer than its own timeouts.
"""

import base64
import logging
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from apps.common.keyring import CannotOpen
from apps.custody import providers
from apps.custody.providers import circuit
from apps.custody.providers.base import KeyProvider, KeysRefused, KeysUnavailable

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Wrap:
    """A key as one provider wrapped it."""

    provider: str
    key_id: str
    data: bytes

    def to_json(self) -> dict[str, str]:
        """The wrap as it rests in a JSON column."""
        wrapped = base64.b64encode(self.data).decode()
        return {"provider": self.provider, "key_id": self.key_id, "wrapped": wrapped}

    @classmethod
    def from_json(cls, row: dict[str, Any]) -> "Wrap":
        """The wrap again."""
        return cls(row["provider"], row["key_id"], base64.b64decode(row["wrapped"]))


def wrap(key: bytes, *, purpose: str, place: str) -> list[Wrap]:
    """The key wrapped by each provider of the purpose that answers; at least one must.

    What a silent provider missed, the rewrapping job adds. Raises `KeysUnavailable`,
    `KeysRefused`.
    """
    wraps: list[Wrap] = []
    failure: KeysUnavailable | KeysRefused | None = None
    for provider in providers.providers_for(purpose):
        try:
            wraps.append(wrap_by(provider, key, place=place))
        except (KeysUnavailable, KeysRefused) as error:
            failure = error
    if not wraps:
        raise failure or KeysRefused("No key provider is configured for this purpose.")
    return wraps


def wrap_by(provider: KeyProvider, key: bytes, *, place: str) -> Wrap:
    """The key wrapped by this provider under its current key; a resting one is not asked."""
    _require_awake(provider.name)
    try:
        key_id = provider.current_key_id()
        wrapped = provider.wrap(key, key_id=key_id, place=place)
    except KeysUnavailable:
        _note(provider.name)
        raise
    circuit.answered(provider.name)
    return Wrap(provider.name, key_id, wrapped)


def unwrap(wraps: Iterable[Wrap], *, place: str) -> bytes:
    """The key, by the first provider that opens it.

    Raises `KeysUnavailable` when one that might have opened it did not answer, else `KeysRefused`
    or `CannotOpen`.
    """
    failures: list[Exception] = []
    for each in _in_order(wraps):
        try:
            return unwrap_one(each, place=place)
        except (KeysUnavailable, KeysRefused, CannotOpen) as error:
            failures.append(error)
    failures.sort(key=lambda error: (KeysUnavailable, KeysRefused, CannotOpen).index(type(error)))
    raise failures[0] if failures else CannotOpen("no key provider here has wrapped this key")


def unwrap_one(one: Wrap, *, place: str) -> bytes:
    """The key, by the provider that made this wrap; raises as `unwrap` does."""
    provider = providers.provider_named(one.provider)
    if provider is None:
        raise CannotOpen(f"the key provider {one.provider} is not configured here")
    _require_awake(one.provider)
    try:
        key = provider.unwrap(one.data, key_id=one.key_id, place=place)
    except KeysUnavailable:
        _note(one.provider)
        raise
    circuit.answered(one.provider)
    return key


def _in_order(wraps: Iterable[Wrap]) -> list[Wrap]:
    order = list(providers.configured())
    known = [each for each in wraps if each.provider in order]
    return sorted(known, key=lambda each: order.index(each.provider))


def _require_awake(name: str) -> None:
    if circuit.is_resting(name):
        raise KeysUnavailable(f"The key provider {name} did not answer a moment ago.")


def _note(name: str) -> None:
    circuit.failed(name)
    log.warning("key provider %s does not answer; it rests for %.0f s", name, circuit.REST_S)
