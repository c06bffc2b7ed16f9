"""The keys page in a browser: an own key is supplied and revoked, a person's details erased."""

import base64
import os

import pytest
from playwright.sync_api import expect

from apps.custody import sealing, subjects
from apps.custody.models import SubjectKey
from tests.cast import fresh_code, make_cast
from tests.e2e import look
from tests.e2e.visiting import Visit

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_an_admin_puts_an_own_key_around_everything_and_takes_it_back(visit: Visit) -> None:
    cast = make_cast()
    with cast.at_acme():
        for purpose in ("crm", "crm.tokens", "llm", "sync", "custody.tokens"):
            sealing.seal_value(b"x", purpose=purpose, place="p")
        subjects.seal_personal(cast.lena.actor_ref, {"address": "203.0.113.77"})
    page = visit.as_person(cast, "alice")
    page.goto(visit.url("custody:keys"))
    expect(page.get_by_text("Keys of endpoints").first).to_be_visible()
    supply = page.locator("form", has=page.get_by_role("button", name="Use this key"))
    supply.get_by_label("Key").fill(base64.b64encode(os.urandom(32)).decode())
    supply.get_by_label("Code").fill(fresh_code(cast.alice))
    supply.get_by_role("button", name="Use this key").click()
    expect(page.get_by_text("Your own key is in use")).to_be_visible()
    look.keep(page, "keys")
    with cast.at_acme():
        row = SubjectKey.objects.get()
    page.goto(visit.url("custody:erase", row.pk))
    look.keep(page, "keys-erase")
    page.get_by_role("link", name="Keep the details").click()
    expect(page.get_by_role("button", name="Revoke the key")).to_be_visible()
