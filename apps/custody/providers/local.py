"""Key-encryption keys from the installation's keyring file: for laptops, demos and tests."""

from apps.common import keyring

PURPOSE = "custody.kek"


class LocalFileProvider:
    """Wraps data keys under a key derived from the keyring's current master key."""

    name = "local"

    def current_key_id(self) -> str:
        return keyring.current_key_id()

    def wrap(self, data_key: bytes, *, key_id: str, place: str) -> bytes:
        return keyring.seal(keyring.derived_key(PURPOSE, key_id), data_key, place=place)

    def unwrap(self, wrapped: bytes, *, key_id: str, place: str) -> bytes:
        return keyring.open_sealed(keyring.derived_key(PURPOSE, key_id), wrapped, place=place)
