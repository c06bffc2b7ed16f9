"""`manage.py demo_codes`: a code that works now, for each of the demo's people."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from apps.demo import people


class Command(BaseCommand):
    """For those who try the demo without an authenticator app at hand."""

    help = "Print an unused one-time code for each of the demo's people."

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("There are no demo people in production.")
        for person in people.PEOPLE:
            user = people.find_user(person.email)
            if user is None:
                raise CommandError("The demo is not loaded. Run `make demo` first.")
            code = people.lasting_code(user) or "used up; new ones within half a minute:"
            self.stdout.write(f"  {code}  {person.name}, {person.email}")
        self.stdout.write(f"  Passphrase of everyone: {people.passphrase()}")
