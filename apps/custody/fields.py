"""Model fields whose values are sealed at rest, each for its own row and column.

    class Note(TenantOwned):
        text = SealedTextField()

The column holds key id, nonce, ciphertext and tag; the associated data is table, column and
primary key, so that a value moved to another row does not open. Values are opened when they are
read from the instance, not when they are loaded. `QuerySet.update()` and lookups on such a field
are refused: they would go around the seal.
"""

from typing import Any, cast

from django.db import models

from apps.custody import sealing


class _Sealed:
    """Bytes from the database that nobody has asked to open yet."""

    __slots__ = ("data",)

    def __init__(self, data: bytes) -> None:
        self.data = data


class _Opening:
    """Descriptor: opens on first read, keeps what was assigned."""

    def __init__(self, field: "SealedField") -> None:
        self.field = field

    def __get__(self, instance: models.Model | None, owner: type) -> Any:
        if instance is None:
            return self
        if self.field.attname not in instance.__dict__:
            instance.refresh_from_db(fields=[self.field.attname])  # a deferred column
        value = instance.__dict__[self.field.attname]
        if isinstance(value, _Sealed):
            value = self.field.opened(instance, value.data)
            instance.__dict__[self.field.attname] = value
        return value

    def __set__(self, instance: models.Model, value: Any) -> None:
        instance.__dict__[self.field.attname] = value


class SealedField(models.BinaryField):  # type: ignore[type-arg]  # generic in stubs only
    """Common to sealed text and sealed JSON."""

    def _check_str_default_value(self) -> list[Any]:
        return []  # defaults are plain values; they are sealed on the way in

    def contribute_to_class(self, cls: Any, name: str, private_only: bool = False) -> None:
        super().contribute_to_class(cls, name, private_only)
        setattr(cls, self.attname, _Opening(self))

    def from_db_value(self, value: Any, *args: Any) -> Any:
        return None if value is None else _Sealed(bytes(value))

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        value = model_instance.__dict__.get(self.attname)
        if isinstance(value, _Sealed):
            return value.data
        if value is None:
            return None
        return sealing.seal_value(
            self.to_bytes(value),
            purpose=self._purpose(model_instance),
            place=self._place(model_instance),
        )

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        if value is not None and not isinstance(value, bytes | memoryview):
            raise TypeError(
                f"{self.name} is sealed: save the instance instead of update() or filter()"
            )
        return super().get_db_prep_value(value, connection, prepared)

    def get_default(self) -> Any:
        return (
            self.default()
            if callable(self.default)
            else (self.default if self.has_default() else None)
        )

    def opened(self, instance: models.Model, data: bytes) -> Any:
        """The value of a sealed column of this row; raises `CannotOpen`."""
        plain = sealing.open_value(
            data, purpose=self._purpose(instance), place=self._place(instance)
        )
        return self.to_value(plain)

    def to_bytes(self, value: Any) -> bytes:
        raise NotImplementedError

    def to_value(self, plain: bytes) -> Any:
        raise NotImplementedError

    def _place(self, instance: models.Model) -> str:
        return f"{instance._meta.db_table}/{self.column}/{instance.pk}"

    def _purpose(self, instance: models.Model) -> str:
        return cast(str, getattr(instance, "sealed_purpose", instance._meta.app_label))


class SealedTextField(SealedField):
    """Text, sealed."""

    def to_bytes(self, value: Any) -> bytes:
        return str(value).encode()

    def to_value(self, plain: bytes) -> str:
        return plain.decode()
