"""What a key provider does: it wraps data keys, and its own key never leaves it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from apps.common.errors import Outside

CONNECT_S, READ_S = 2.0, 4.0  # nobody waits longer than this for a provider that is elsewhere


class KeysUnavailable(Outside):
    """No key provider answered in time. Trying again later can help."""

    code = "keys_unavailable"
    status = 503
    title = "The keys cannot be reached"
    retryable = True


class KeysRefused(Outside):
    """A key provider answered no: key missing or disabled, login refused. Someone must act."""

    code = "keys_refused"
    status = 503
    title = "The keys are refused"
    retryable = False


class Misconfigured(ValueError):
    """A provider lacks an option or cannot read it; the message names the variable."""


@dataclass(frozen=True)
class Options:
    """One provider's settings: `CUSTODY_<NAME>_<OPTION>` in the environment."""

    name: str
    values: Mapping[str, str]

    def get(self, option: str, default: str = "") -> str:
        """The option's value; the default when it is not set."""
        return self.values.get(self.variable(option), default)

    def need(self, option: str) -> str:
        """The option's value; raises `Misconfigured` naming the variable when it is not set."""
        value = self.get(option)
        if not value:
            raise Misconfigured(f"{self.variable(option)} is not set")
        return value

    def secret(self, option: str) -> str:
        """The option's value, or the first line of the file that `<OPTION>_FILE` names."""
        path = self.get(f"{option}_FILE")
        if not path:
            return self.need(option)
        try:
            with open(path, encoding="utf-8") as file:
                return file.readline().strip()
        except OSError as error:
            raise Misconfigured(f"{self.variable(option)}_FILE cannot be read") from error

    def variable(self, option: str) -> str:
        """The environment variable of an option."""
        return f"CUSTODY_{self.name.upper().replace('-', '_')}_{option}"


class KeyProvider(Protocol):
    """Wraps and unwraps keys and small secrets, up to 4096 bytes; `place` binds what it wrapped.

    `unwrap` raises `apps.common.keyring.CannotOpen` for changed bytes and for another place; both
    raise `KeysUnavailable` (retry) and `KeysRefused` (do not).
    """

    name: str

    def current_key_id(self) -> str:
        """The key-encryption key that new data keys are wrapped under."""

    def wrap(self, data_key: bytes, *, key_id: str, place: str) -> bytes:
        """The data key, encrypted."""

    def unwrap(self, wrapped: bytes, *, key_id: str, place: str) -> bytes:
        """The data key again."""
