"""The org: its records, its settings and what the running process counts."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from apps.sandbox.faults import Faults
from apps.sandbox.ids import make_id, normal_id
from apps.sandbox.schema.fields import Field, SObject
from apps.sandbox.schema.registry import find_sobject
from apps.sandbox.store import Document, Store
from apps.sandbox.times import stamp

Record = Document


@dataclass(frozen=True, kw_only=True)
class OrgSpec:
    """What differs from one stand-in org to the next."""

    key: str
    name: str
    pod: str
    instance: str
    country: str
    city: str
    time_zone: str
    daily_api_requests: int

    @property
    def id(self) -> str:
        return make_id("00D", pod=self.pod, number=1)

    @property
    def domain(self) -> str:
        return f"{self.name}.example.com"

    @property
    def my_domain(self) -> str:
        return f"https://{self.name}.my.salesforce.com"


@dataclass(kw_only=True)
class Org:
    """One org with its store; `base_url` is where it is served, without a final slash."""

    spec: OrgSpec
    store: Store
    base_url: str = ""
    faults: Faults = field(default_factory=Faults)
    counts: Counter[str] = field(default_factory=Counter)
    cursors: dict[str, Document] = field(default_factory=dict)

    def setting(self, name: str) -> str:
        return str((self.store.get("setting", name) or {"value": ""})["value"])

    def set_setting(self, name: str, value: str) -> None:
        self.store.put("setting", name, {"value": value})

    def clock(self, now: datetime) -> datetime:
        """The org's time: the real one plus what a test has let pass."""
        return now + timedelta(seconds=self.store.number("counter", "clock_offset"))

    def new_id(self, prefix: str) -> str:
        return make_id(prefix, pod=self.spec.pod, number=self.store.add("id", prefix, 1))

    def records(self, name: str) -> list[Record]:
        return self.store.all(f"sobject:{name}")

    def record(self, name: str, record_id: str) -> Record | None:
        return self.store.get(f"sobject:{name}", normal_id(record_id))

    def sobject_names(self) -> list[str]:
        """The objects that have a record, in the order of their first one."""
        return [name.partition(":")[2] for name in self.store.names("sobject:")]

    def find(self, name: str, **wanted: Any) -> list[Record]:
        """The records whose fields equal all the wanted values."""
        return [
            record
            for record in self.records(name)
            if all(record.get(key) == value for key, value in wanted.items())
        ]

    def first(self, name: str, **wanted: Any) -> Record | None:
        return next(iter(self.find(name, **wanted)), None)

    def insert(self, name: str, values: Record, *, now: datetime, by: str | None = None) -> Record:
        """Add a record, filling in its id and whatever the platform writes itself."""
        record = self.draft(name, values, now=now, by=by)
        self.store.put(f"sobject:{name}", record["Id"], record)
        return record

    def insert_many(self, name: str, rows: list[Record], *, now: datetime) -> list[Record]:
        drafts = [self.draft(name, values, now=now) for values in rows]
        self.store.put_many(f"sobject:{name}", [(draft["Id"], draft) for draft in drafts])
        return drafts

    def draft(self, name: str, values: Record, *, now: datetime, by: str | None = None) -> Record:
        sobject = known_sobject(name)
        record: Record = {"Id": self.new_id(sobject.prefix)}
        record |= {f.name: f.default for f in sobject.fields if f.default not in (None, "")}
        record |= {name: stamp(now) for name in _MOMENTS if sobject.field(name)}
        record |= {name: by for name in _ACTORS if by and sobject.field(name)}
        return record | values

    def update(
        self, name: str, record_id: str, values: Record, *, now: datetime, by: str | None = None
    ) -> Record:
        sobject = known_sobject(name)
        before = self.record(name, record_id) or {}
        touched = {key: stamp(now) for key in _TOUCHED if sobject.field(key)}
        if by and sobject.field("LastModifiedById"):
            touched["LastModifiedById"] = by
        after = before | touched | values
        self.store.put(f"sobject:{name}", normal_id(record_id), after)
        return after

    def remove(self, name: str, record_id: str) -> None:
        """Delete for good, or into the recycle bin where the object has one."""
        if known_sobject(name).field("IsDeleted"):
            before = self.record(name, record_id) or {}
            self.store.put(f"sobject:{name}", normal_id(record_id), before | {"IsDeleted": True})
        else:
            self.store.remove(f"sobject:{name}", normal_id(record_id))


_MOMENTS = ("CreatedDate", "LastModifiedDate", "SystemModstamp")
_TOUCHED = ("LastModifiedDate", "SystemModstamp")
_ACTORS = ("CreatedById", "LastModifiedById")


def known_sobject(name: str) -> SObject:
    """The object of this name. Raises KeyError when there is none."""
    sobject = find_sobject(name)
    if sobject is None:
        raise KeyError(name)
    return sobject


def value_of(record: Record, field_: Field) -> Any:
    """The field's value; a checkbox never written is false."""
    return record.get(field_.name, False if field_.type == "boolean" else None)
