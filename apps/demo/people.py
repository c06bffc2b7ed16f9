"""The made-up people of the two demo tenants, and how they sign in.

One passphrase, made up on the first load, serves all of them; it and nothing else is kept in
`demo.json` beside the data, readable by its owner only. Authenticator secrets rest sealed in the
database, as everybody's do.
"""

import json
import os
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings

from apps.accounts import services as accounts
from apps.accounts.models import Authenticator, User
from apps.common.actors import ServiceActor
from apps.common.clock import database_now
from apps.common.scope import scoped
from apps.tenancy import services as tenancy
from apps.tenancy.models import Membership, Tenant
from apps.tenancy.roles import Role

INSTALLER = ServiceActor("installer")
TENANTS = {"acme": "Acme Legal", "globex": "Globex Health"}
WORDS = ("harbour", "lantern", "meadow", "copper", "willow", "granite", "orchid", "summit")


@dataclass(frozen=True, slots=True)
class Person:
    """Someone of the demo, with the roles they hold in each tenant."""

    key: str
    name: str
    email: str
    roles: dict[str, tuple[str, ...]]


PEOPLE = (
    Person("admin", "Alice Adler", "alice@acme.example", {"acme": (Role.TENANT_ADMIN,)}),
    Person("operator", "Mara Vogt", "mara@acme.example", {"acme": (Role.OPERATOR,)}),
    Person("legal", "Julia Brandt", "julia@acme.example", {"acme": (Role.LEGAL_APPROVER,)}),
    Person("it", "Ivo Kern", "ivo@acme.example", {"acme": (Role.IT_APPROVER,)}),
    Person("reviewer", "Rita Sand", "rita@acme.example", {"acme": (Role.REVIEWER,)}),
    Person(
        "auditor",
        "Otto Frey",
        "otto@audit.example",
        {"acme": (Role.AUDITOR,), "globex": (Role.AUDITOR,)},
    ),
    Person(
        "globex-admin",
        "Greta Holm",
        "greta@globex.example",
        {"globex": (Role.TENANT_ADMIN, Role.REVIEWER)},
    ),
    Person("globex-legal", "Nils Berg", "nils@globex.example", {"globex": (Role.LEGAL_APPROVER,)}),
    Person("globex-it", "Tove Dahl", "tove@globex.example", {"globex": (Role.IT_APPROVER,)}),
)


def passphrase() -> str:
    """The passphrase of all demo people, made up once per installation."""
    path = Path(settings.VAR) / "demo.json"
    if not path.exists():
        words = "-".join(secrets.choice(WORDS) for _ in range(3))
        text = json.dumps({"passphrase": f"{words}-{secrets.randbelow(9000) + 1000}"})
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
            file.write(text)
    return str(json.loads(path.read_text(encoding="utf-8"))["passphrase"])


def find_user(email: str) -> User | None:
    """The account of that address."""
    with scoped(login=email):
        return User.objects.filter(email=email).first()


def find_tenant(slug: str) -> Tenant | None:
    """A demo tenant, seen from one of its own people."""
    for person in PEOPLE:
        user = find_user(person.email) if slug in person.roles else None
        if user is not None:
            with scoped(user_id=user.pk):
                return Tenant.objects.filter(slug=slug).first()
    return None


def ensure_tenants(now: datetime) -> dict[str, Tenant]:
    """Both tenants with their people; what is there already stays as it is."""
    tenants = {
        slug: find_tenant(slug)
        or tenancy.create_tenant(actor=INSTALLER, slug=slug, name=name, now=now)
        for slug, name in TENANTS.items()
    }
    for person in PEOPLE:
        user = find_user(person.email) or _make(person)
        for slug, roles in person.roles.items():
            _give_roles(user, tenants[slug], roles, now)
    return tenants


def device_of(user: User) -> Authenticator:
    """The person's authenticator."""
    with scoped(user_id=user.pk):
        device: Authenticator = Authenticator.objects.get(user=user, confirmed=True)
        return device


def spare_code(user: User) -> str | None:
    """The oldest code of the person's authenticator that still works, so that the one on their
    phone is left for them; None while all of this minute's are spent."""
    device, now = device_of(user), database_now()
    step = timedelta(seconds=device.step)
    times = [now + ahead * step for ahead in (-1, 0, 1)]
    unused = [at for at in times if int(at.timestamp()) // device.step > device.last_t]
    return accounts.current_code(device, at=unused[0]) if unused else None


def lasting_code(user: User) -> str | None:
    """An unused code with at least half a minute left to type it; none when all such are spent."""
    device, now = device_of(user), database_now()
    for at in (now, now + timedelta(seconds=device.step)):
        if int(at.timestamp()) // device.step > device.last_t:
            return accounts.current_code(device, at=at)
    return None


def _make(person: Person) -> User:
    user = tenancy.create_user(email=person.email, name=person.name, password=passphrase())
    with scoped(user_id=user.pk):
        device = accounts.begin_enrolment(user=user)
        device.confirmed = True
        device.save()
    return user


def _give_roles(user: User, tenant: Tenant, roles: tuple[str, ...], now: datetime) -> None:
    with scoped(tenant_id=tenant.pk, user_id=user.pk, login=user.email):
        held = set(
            Membership.objects.filter(tenant=tenant, user=user).values_list("role", flat=True)
        )
        for role in roles:
            if role not in held:
                tenancy.enrol(actor=INSTALLER, user=user, role=role, now=now)
