"""Fields and objects as the describe call tells of them."""

import re
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

COMPLEX = "complexvalue"
LONG_TEXT = 255  # longer text areas can be neither filtered nor sorted


@dataclass(frozen=True, kw_only=True)
class Field:
    """One field; `refers_to` and `relationship` are set for references only.

    `tooling` fields are told by the Tooling API alone. `classification` and `compliance` are what
    an administrator said of the field's data."""

    name: str
    type: str
    length: int = 0
    nillable: bool = True
    createable: bool = False
    updateable: bool = False
    refers_to: str | None = None
    relationship: str | None = None
    picklist: tuple[str, ...] = ()
    default: Any = None
    external_id: bool = False
    name_field: bool = False
    tooling: bool = False
    encrypted: bool = False
    classification: str = ""
    compliance: str = ""

    @property
    def custom(self) -> bool:
        return self.name.endswith("__c")

    @property
    def label(self) -> str:
        words = self.name.removesuffix("__c").replace("_", " ")
        return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", words)

    @property
    def filterable(self) -> bool:
        if self.type == COMPLEX:
            return False
        return self.type != "textarea" or self.length <= LONG_TEXT

    @property
    def required(self) -> bool:
        return self.createable and not self.nillable and self.default is None


@dataclass(frozen=True, kw_only=True)
class SObject:
    """One object; `reading_needs` names the user permission without which it is hidden.

    `tooling` objects are told by the Tooling API alone. A query of an object with `filtered_by`
    must filter by one of these fields."""

    name: str
    prefix: str
    fields: tuple[Field, ...]
    label: str
    plural: str
    createable: bool = False
    updateable: bool = False
    deletable: bool = False
    reading_needs: str | None = None
    writing_needs: str | None = None
    by_object_permission: bool = False
    tooling: bool = False
    filtered_by: tuple[str, ...] = ()

    def seen_by(self, *, tooling: bool) -> "SObject | None":
        """The object as the Tooling API or the plain one tells of it; None when it does not."""
        if tooling:
            return self
        return None if self.tooling else self._plain

    @cached_property
    def _plain(self) -> "SObject":
        if not any(field.tooling for field in self.fields):
            return self
        return replace(self, fields=tuple(each for each in self.fields if not each.tooling))

    @cached_property
    def _by_name(self) -> dict[str, Field]:
        return {field.name.lower(): field for field in self.fields}

    @cached_property
    def _by_relationship(self) -> dict[str, Field]:
        return {f.relationship.lower(): f for f in self.fields if f.relationship}

    @property
    def custom(self) -> bool:
        return self.name.endswith(("__c", "__e"))

    def field(self, name: str) -> Field | None:
        return self._by_name.get(name.lower())

    def relationship(self, name: str) -> Field | None:
        return self._by_relationship.get(name.lower())


def text(name: str, length: int = 255, **more: Any) -> Field:
    return Field(name=name, type=more.pop("type", "string"), length=length, **more)


def area(name: str, length: int = 32000, **more: Any) -> Field:
    return Field(name=name, type="textarea", length=length, **more)


def choice(name: str, *options: str, **more: Any) -> Field:
    kind = more.pop("type", "picklist")
    return Field(name=name, type=kind, length=40, picklist=options, **more)


def flag(name: str, **more: Any) -> Field:
    return Field(name=name, type="boolean", nillable=False, default=False, **more)


def whole(name: str, **more: Any) -> Field:
    return Field(name=name, type="int", **more)


def moment(name: str, **more: Any) -> Field:
    return Field(name=name, type="datetime", **more)


def reference(name: str, to: str, **more: Any) -> Field:
    relationship = more.pop("relationship", name.removesuffix("Id"))
    return Field(
        name=name, type="reference", length=18, refers_to=to, relationship=relationship, **more
    )


def metadata() -> tuple[Field, ...]:
    """The full definition of a component, which only a query of one row may ask for."""
    return (text("FullName", tooling=True), Field(name="Metadata", type=COMPLEX, tooling=True))


def identity() -> Field:
    return Field(name="Id", type="id", length=18, nillable=False, default="")


WRITTEN = frozenset({  # by the platform itself
    "CreatedById", "CreatedDate", "LastModifiedById", "LastModifiedDate", "SystemModstamp",
})  # fmt: skip


def audited() -> tuple[Field, ...]:
    """The five fields that the platform writes itself."""
    return (
        moment("CreatedDate", nillable=False),
        reference("CreatedById", "User", nillable=False),
        moment("LastModifiedDate", nillable=False),
        reference("LastModifiedById", "User", nillable=False),
        moment("SystemModstamp", nillable=False),
    )


def open_fields(*fields: Field) -> tuple[Field, ...]:
    """The same fields, writable by clients."""
    return tuple(
        Field(**{**field.__dict__, "createable": True, "updateable": True}) for field in fields
    )


def creatable_fields(*fields: Field) -> tuple[Field, ...]:
    """The same fields, settable on creation only."""
    return tuple(Field(**{**field.__dict__, "createable": True}) for field in fields)
