"""Key-encryption keys from a keyring file: for laptops, demos and tests.

`local` reads the installation's keyring; another name of this kind has a keyring file of its own,
so that its keys are apart. Options: FILE.
"""

from pathlib import Path

from django.conf import settings

from apps.common import keyring
from apps.custody.providers.base import Options

PURPOSE = "custody.kek"


class LocalFileProvider:
    """Wraps data keys under a key derived from the keyring's current master key."""

    def __init__(self, options: Options) -> None:
        self.name = options.name
        self._path = options.get("FILE")

    def current_key_id(self) -> str:
        return keyring.current_key_id(self._file())

    def wrap(self, data_key: bytes, *, key_id: str, place: str) -> bytes:
        return keyring.seal(self._key(key_id), data_key, place=place)

    def unwrap(self, wrapped: bytes, *, key_id: str, place: str) -> bytes:
        return keyring.open_sealed(self._key(key_id), wrapped, place=place)

    def _key(self, key_id: str) -> bytes:
        return keyring.derived_key(PURPOSE, key_id, self._file())

    def _file(self) -> Path:
        own: Path = settings.KEYRING
        if self._path:
            return Path(self._path)
        return own if self.name == "local" else own.with_name(f"{own.stem}-{self.name}.json")
