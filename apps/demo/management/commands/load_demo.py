"""`manage.py load_demo`: two tenants with people, zones, policy and endpoints; then who is who."""

import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

import requests
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from apps.accounts import services as accounts
from apps.common.clock import database_now
from apps.common.scope import scoped
from apps.demo import people, story
from apps.demo.governance import ensure_governance
from apps.demo.orgs import Org, read_org
from apps.demo.visitor import StepFailed
from apps.tenancy.models import Tenant
from apps.tenancy.roles import Role

ADMINS = {"acme": "alice@acme.example", "globex": "greta@globex.example"}


class Command(BaseCommand):
    """Loads what is missing and changes nothing that is there."""

    help = "Load the demo's two tenants and print how to sign in."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--acme-org", type=Path, required=True)
        parser.add_argument("--globex-org", type=Path, required=True)
        parser.add_argument("--bare", action="store_true", help="tenants and policy only")

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("The demo's people have known secrets: not in production.")
        orgs = {name: read_org(name, options[f"{name}_org"]) for name in people.TENANTS}
        now = database_now()
        tenants = people.ensure_tenants(now)
        for slug, email in ADMINS.items():
            admin = people.find_user(email)
            assert admin is not None  # noqa: S101  ensure_tenants has just made it
            with scoped(tenant_id=tenants[slug].pk, user_id=admin.pk):
                ensure_governance(admin=admin, org=_with_models(orgs, slug), now=now)
        if not options["bare"]:
            self._tell_story(tenants["acme"], orgs["acme"])
            self._print_people()

    def _tell_story(self, tenant: Tenant, org: Org) -> None:
        try:
            story.tell(
                tenant, org, console_url=os.environ["BAILIWICK_CONSOLE_URL"], say=self.stdout.write
            )
        except (StepFailed, LookupError, requests.RequestException) as error:
            raise CommandError(f"the demo's story broke off: {error}") from error

    def _print_people(self) -> None:
        self.stdout.write(f"\n  Passphrase of everyone: {people.passphrase()}\n\n")
        for person in people.PEOPLE:
            user = people.find_user(person.email)
            if user is None:
                continue
            roles = "; ".join(
                f"{slug}: {', '.join(Role(role).label for role in held)}"
                for slug, held in person.roles.items()
            )
            self.stdout.write(f"  {person.name:<13} {person.email:<22} {roles}")
            code = people.lasting_code(user) or "------"
            self.stdout.write(f"    code now {code}   {_url(user)}")
        self.stdout.write(WHAT_TO_TRY)


def _with_models(orgs: dict[str, Org], slug: str) -> Org:
    org = orgs[slug]
    return org if org.model_urls else orgs["acme"]


def _url(user: Any) -> str:
    with scoped(user_id=user.pk):
        return accounts.otpauth_url(people.device_of(user))


WHAT_TO_TRY = """
  What to try first
    1. Sign in as Julia Brandt (legal) and decide the emergency request that waits for her.
    2. Sign in as Alice Adler (tenant admin): Apps & scopes shows an app that gained `full`.
    3. Sign in as Otto Frey (auditor), make an evidence pack, download it, and check it with
       `.venv/bin/python -m apps.evidence.verify PACK.pdf`.
    4. Sign in as Greta Holm (tenant admin of Globex Health) and connect her first org; host, keys
       and names of both sandbox orgs are in sandbox-acme.json and sandbox-globex.json beside the
       data, the private key in the file named there.
  A code works once and for about a minute. `make codes` in another terminal prints fresh ones; an
  authenticator app takes the otpauth:// links.
"""
