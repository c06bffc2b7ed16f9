"""What an org is seeded with, as plain data."""

from dataclasses import dataclass, field

API_ONLY = "Salesforce API Only System Integrations"
ADMINISTRATOR = "System Administrator"
STANDARD = "Standard User"


@dataclass(frozen=True, kw_only=True)
class Person:
    """A user; `days_since_login` is None for one who never logged in."""

    alias: str
    first: str
    last: str
    profile: str
    title: str
    department: str
    active: bool = True
    days_since_login: float | None = 1.0


@dataclass(frozen=True, kw_only=True)
class Grants:
    """A permission set: user permissions, object permissions as letters of CRED, fields."""

    name: str
    label: str
    description: str
    permissions: tuple[str, ...] = ()
    objects: dict[str, str] = field(default_factory=dict)
    editable_fields: tuple[str, ...] = ()
    assigned_to: tuple[str, ...] = ()
    apps: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Tokens:
    """`count` tokens of one user; the newest was used `last_used` days ago."""

    alias: str
    count: int
    last_used: float
    age: float


@dataclass(frozen=True, kw_only=True)
class App:
    """An external client app, or a connected app when `external` is false."""

    name: str
    scopes: tuple[str, ...]
    description: str
    external: bool = False
    admin_only: bool = False
    rotates: bool = True
    client_credentials_as: str = ""
    signs_jwt: bool = False
    address_range: tuple[str, str] | None = None
    tokens: tuple[Tokens, ...] = ()

    @property
    def developer_name(self) -> str:
        return self.name.replace(" ", "_")


@dataclass(frozen=True, kw_only=True)
class Customer:
    """An account with its contacts as (first, last, title, phone)."""

    name: str
    city: str
    country: str
    industry: str
    domain: str
    people: tuple[tuple[str, str, str, str], ...]


@dataclass(frozen=True, kw_only=True)
class PastChange:
    """One entry of the setup audit trail, `days` ago, by the user of this alias."""

    days: float
    alias: str
    action: str
    display: str


@dataclass(frozen=True, kw_only=True)
class PastLogin:
    """One refused login, `days` ago."""

    days: float
    alias: str
    app: str
    status: str
    address: str


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Everything one org starts with."""

    people: tuple[Person, ...]
    grants: tuple[Grants, ...]
    apps: tuple[App, ...]
    customers: tuple[Customer, ...]
    cases: int
    jwt_user: str
    changes: tuple[PastChange, ...] = ()
    refused_logins: tuple[PastLogin, ...] = ()
