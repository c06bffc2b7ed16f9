"""The people of every test. Alice runs Acme, Bob operates it, Mallory belongs to Globex.

Each has an authenticator. `cast()` builds them inside the test's transaction; the codes of a
person are taken with `code_for`, each time a later time step, because a code works once.
"""

import copy
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.test import Client
from django_otp import DEVICE_ID_SESSION_KEY
from django_otp.oath import TOTP

from apps.accounts import services as accounts
from apps.accounts.models import Authenticator, User
from apps.common.actors import ServiceActor
from apps.common.clock import database_now
from apps.common.scope import scoped
from apps.tenancy import services as tenancy
from apps.tenancy.identity import SESSION_TENANT
from apps.tenancy.models import Tenant
from apps.tenancy.roles import Role

PASSWORD = "correct horse battery staple"
INSTALLER = ServiceActor("installer")
SENDING = 6  # seconds that a test may take between reading a code and the server's check
# Time steps whose codes a person was given: by `fresh_code`, after which the server forgets them,
# and by `code_for`, which gives one again until the server has seen it.
_FRESH: dict[uuid.UUID, set[int]] = {}
_NEXT: dict[uuid.UUID, set[int]] = {}
ROLES = {
    "alice": [Role.TENANT_ADMIN],
    "bob": [Role.OPERATOR],
    "lena": [Role.LEGAL_APPROVER],
    "ivan": [Role.IT_APPROVER],
    "rita": [Role.REVIEWER],
    "otto": [Role.AUDITOR],
}


@dataclass
class Cast:
    """Two tenants and their people. `suffix` keeps committed casts of several tests apart."""

    acme: Tenant
    globex: Tenant
    people: dict[str, User] = field(default_factory=dict)

    def __getattr__(self, name: str) -> User:
        try:
            user: User = self.__dict__["people"][name]
            return user
        except KeyError as error:
            raise AttributeError(name) from error

    def again(self) -> "Cast":
        """The same people as new objects: what a test changed on the old ones is gone.

        The codes it used are unused again, as nothing of it was committed.
        """
        for user in self.people.values():
            _FRESH.pop(user.pk, None)
            _NEXT.pop(user.pk, None)
        people = {name: copy.copy(user) for name, user in self.people.items()}
        return Cast(copy.copy(self.acme), copy.copy(self.globex), people)

    @contextmanager
    def at_acme(self, name: str = "alice") -> Iterator[User]:
        """Inside Acme, as one of its people."""
        with scoped(tenant_id=self.acme.pk, user_id=self.people[name].pk):
            yield self.people[name]

    @contextmanager
    def at_globex(self) -> Iterator[User]:
        """Inside Globex, as Mallory."""
        with scoped(tenant_id=self.globex.pk, user_id=self.people["mallory"].pk):
            yield self.people["mallory"]

    def client(self, name: str) -> Client:
        """A browser signed in as that person with a second factor, in their tenant."""
        user = self.people[name]
        tenant = self.globex if name == "mallory" else self.acme
        return signed_in(user, tenant)


def make_cast() -> Cast:
    """Acme with one person per role, Globex with Mallory who holds every role there."""
    suffix = uuid.uuid4().hex[:8]
    now = database_now()
    acme = tenancy.create_tenant(actor=INSTALLER, slug=f"acme-{suffix}", name="Acme", now=now)
    globex = tenancy.create_tenant(actor=INSTALLER, slug=f"globex-{suffix}", name="Globex", now=now)
    cast = Cast(acme, globex)
    for name, roles in ROLES.items():
        cast.people[name] = make_person(name, suffix, acme, list(roles), now)
    cast.people["mallory"] = make_person("mallory", suffix, globex, list(Role), now)
    return cast


def make_person(name: str, suffix: str, tenant: Tenant, roles: list[str], now: datetime) -> User:
    """A person with a confirmed authenticator and these roles."""
    user = tenancy.create_user(
        email=f"{name}.{suffix}@example.org", name=name.title(), password=PASSWORD
    )
    with scoped(user_id=user.pk):
        device = accounts.begin_enrolment(user=user)
        device.confirmed = True
        device.save()
    for role in roles:
        with scoped(tenant_id=tenant.pk, user_id=user.pk, login=user.email):
            tenancy.enrol(actor=INSTALLER, user=user, role=role, now=now)
    return user


def code_for(user: User) -> str:
    """The person's next unused code: one step behind the clock, at it, or one ahead, as servers
    accept. The oldest is left out when it may run out before it is sent."""
    now = database_now().timestamp()
    with scoped(user_id=user.pk):
        device = Authenticator.objects.get(user=user, confirmed=True)
    step = int(now) // device.step
    left = device.step - now % device.step
    chosen = max(device.last_t + 1, step - 1 if left > SENDING else step)
    while chosen in _FRESH.get(user.pk, ()):
        chosen += 1
    _NEXT.setdefault(user.pk, set()).add(chosen)
    if chosen > step + 1:  # all three were used: the next half minute brings another
        time.sleep((chosen - 1) * device.step - now + 0.1)
    totp = TOTP(device.bin_key, device.step)
    totp.time = chosen * device.step
    return f"{totp.token():06d}"


def fresh_code(user: User) -> str:
    """A code that the server accepts, another one each time: three of them in a minute."""
    forget_used_codes(user)
    given = _FRESH.setdefault(user.pk, set())
    with scoped(user_id=user.pk):
        device = Authenticator.objects.get(user=user, confirmed=True)
    step = timedelta(seconds=device.step)
    now = database_now()
    ends = device.step - now.timestamp() % device.step
    before = [now - step] if ends > SENDING else []  # it may run out before it is sent
    times = {int(at.timestamp()) // device.step: at for at in (now, now + step, *before)}
    left = [number for number in times if number not in given | _NEXT.get(user.pk, set())]
    if not left:  # wait for the next half minute's
        time.sleep(device.step - now.timestamp() % device.step + 0.1)
        return fresh_code(user)
    chosen = left[0]
    given.add(chosen)
    return accounts.current_code(device, at=times[chosen])


def forget_used_codes(user: User) -> None:
    """Let a test use more codes than a minute has."""
    with scoped(user_id=user.pk):
        Authenticator.objects.filter(user=user).update(last_t=-1)


def signed_in(user: User, tenant: Tenant) -> Client:
    """A test browser with a verified session."""
    client = Client()
    with scoped(user_id=user.pk):
        client.force_login(user, backend="apps.accounts.backends.PasswordBackend")
        device = Authenticator.objects.get(user=user, confirmed=True)
    session = client.session
    session[DEVICE_ID_SESSION_KEY] = device.persistent_id
    session[SESSION_TENANT] = str(tenant.pk)
    session.save()
    return client
