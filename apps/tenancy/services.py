"""Creating tenants and giving roles."""

from datetime import datetime
from uuid import uuid4

from django.db import transaction

from apps.accounts import services as accounts
from apps.accounts.models import User
from apps.common import powers
from apps.common.actors import Actor
from apps.common.errors import Invalid
from apps.common.scope import current_tenant_id, scoped
from apps.common.text import require_text
from apps.ledger import services as ledger
from apps.tenancy import policies
from apps.tenancy.models import Membership, Tenant
from apps.tenancy.roles import Role

GIVE_ROLE, TAKE_ROLE = "tenancy.member.add", "tenancy.member.remove"  # they take a code


def create_tenant(*, actor: Actor, slug: str, name: str, now: datetime) -> Tenant:
    """A new, empty tenant. Operators of the installation call it from the command line."""
    tenant = Tenant(id=uuid4(), slug=slug, name=name)
    with scoped(tenant_id=tenant.pk):
        tenant.save(force_insert=True)
        ledger.record(actor=actor, action="tenancy.tenant.created", target=tenant, at=now)
    return tenant


def create_user(*, email: str, name: str, password: str | None) -> User:
    """An account without any membership. `password=None` makes one that cannot sign in yet."""
    user = User(email=email.strip().lower(), name=name.strip())
    user.set_password(password)
    with scoped(user_id=user.pk, login=user.email):
        user.save(force_insert=True)
    return user


@transaction.atomic
def add_member_by_email(
    *, actor: User, email: str, role: str, code: str, now: datetime
) -> Membership:
    """Give a role here to the account with this address, against a fresh code.

    The person may share no tenant with the actor. Raises `Denied`, `Invalid`, `WrongCode`.
    """
    policies.may(actor, powers.MANAGE_MEMBERS).require()
    email = require_text(email, field="email", label="The e-mail address", at_most=254)
    with scoped(login=email, user_id=actor.pk, tenant_id=current_tenant_id()):
        user = User.objects.filter(email=email.lower()).first()
        if user is None:
            raise Invalid("Nobody has an account with that e-mail address.", field="email")
        membership = enrol(actor=actor, user=user, role=role, now=now)
        content = {"user": str(user.pk), "role": role}
        accounts.confirm(user=actor, code=code, decision=GIVE_ROLE, content=content, now=now)
        return membership


@transaction.atomic
def enrol(*, actor: Actor, user: User, role: str, now: datetime) -> Membership:
    """Give a role, asking nobody: for a tenant's first people, from the command line.

    Raises `Invalid`.
    """
    if role not in Role.values:
        raise Invalid(f"{role!r} is no role. Choose one of {', '.join(Role.values)}.", field="role")
    tenant_id = current_tenant_id()
    if Membership.objects.filter(tenant_id=tenant_id, user=user, role=role).exists():
        raise Invalid("This person has that role already.", field="role")
    membership = Membership.objects.create(tenant_id=tenant_id, user=user, role=role)
    ledger.record(
        actor=actor,
        action="tenancy.member.added",
        target=membership,
        at=now,
        data={"user": str(user.pk), "role": role},
    )
    return membership


@transaction.atomic
def remove_member(*, actor: User, user: User, role: str, code: str, now: datetime) -> None:
    """Take a role away, against a fresh code. The last tenant admin stays.

    Raises `Denied`, `Invalid`, `WrongCode`.
    """
    policies.may(actor, powers.MANAGE_MEMBERS).require()
    rows = Membership.objects.select_for_update().filter(tenant_id=current_tenant_id())
    membership = rows.filter(user=user, role=role).first()
    if membership is None:
        raise Invalid("This person does not have that role.", field="role")
    if role == Role.TENANT_ADMIN and rows.filter(role=role).count() == 1:
        raise Invalid(
            "This is the last tenant admin. Give the role to someone else first.", field="role"
        )
    data = {"user": str(user.pk), "role": role}
    accounts.confirm(user=actor, code=code, decision=TAKE_ROLE, content=data, now=now)
    ledger.record(
        actor=actor, action="tenancy.member.removed", target=membership, at=now, data=data
    )
    membership.delete()


def record_entry(*, user: User, now: datetime) -> None:
    """Remember that a person began to work in the open tenant."""
    tenant = Tenant.objects.get(pk=current_tenant_id())
    ledger.record(actor=user, action="tenancy.session.entered", target=tenant, at=now)
