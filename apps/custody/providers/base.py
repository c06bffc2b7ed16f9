"""What a key provider does: it wraps data keys, and its own key never leaves it."""

from typing import Protocol


class KeyProvider(Protocol):
    """Wraps and unwraps 256-bit data keys. `place` binds a wrapped key to its tenant and purpose.

    `unwrap` raises `apps.common.keyring.CannotOpen`.
    """

    name: str

    def current_key_id(self) -> str:
        """The key-encryption key that new data keys are wrapped under."""

    def wrap(self, data_key: bytes, *, key_id: str, place: str) -> bytes:
        """The data key, encrypted."""

    def unwrap(self, wrapped: bytes, *, key_id: str, place: str) -> bytes:
        """The data key again."""
