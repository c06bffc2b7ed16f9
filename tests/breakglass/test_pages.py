"""The pages: each decision from the browser, what a phone shows, and every door for strangers."""

import re
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.urls import reverse

from apps.breakglass.models import Approval, Request
from apps.breakglass.states import State
from apps.custody.access import emergency_access
from apps.custody.models import IssuedToken
from tests.breakglass.conftest import MATTER, WHY, Emergency
from tests.cast import code_for, forget_used_codes

FORM = {
    "case_reference": "00013377",
    "justification": WHY,
    "object_name": "Matter__c",
    "fields": "Name, Status__c",
    "records": MATTER,
    "networks": "127.0.0.1",
    "minutes": "120",
}


def _url(name: str, request: Request) -> str:
    return reverse(f"breakglass:{name}", args=[request.pk])


def _hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, f"no hidden field {name}"
    return found[1]


def _pending(emergency: Emergency) -> Request:
    with emergency.cast.at_acme("bob"):
        return emergency.pending()


def _active(emergency: Emergency) -> Request:
    with emergency.cast.at_acme("bob"):
        return emergency.active()


def _fresh(emergency: Emergency, request: Request) -> Request:
    with emergency.cast.at_acme("bob"):
        return Request.objects.select_related("token").get(pk=request.pk)


def _approve(emergency: Emergency, name: str, request: Request, **changes: Any) -> Any:
    browser = emergency.cast.client(name)
    page = browser.get(_url("decide", request)).content.decode()
    posted = {
        "content_hash": _hidden(page, "content_hash"),
        "role": _hidden(page, "role"),
        "code": code_for(emergency.cast.people[name]),
        **changes,
    }
    return browser.post(_url("decide", request), posted, follow=True)


def test_the_whole_way_in_the_browser(emergency: Emergency) -> None:
    bob = emergency.cast.client("bob")
    asked = bob.post(
        reverse("breakglass:ask"), {**FORM, "connection": emergency.org.pk}, follow=True
    )
    assert b"Ask for signatures" in asked.content
    with emergency.cast.at_acme("bob"):
        request = Request.objects.get()
    waiting = bob.post(_url("submit", request), follow=True).content.decode()
    assert "Needs Legal and IT approval" in waiting

    lena_page = emergency.cast.client("lena").get(_url("decide", request)).content.decode()
    for words in ("Asked by Bob", "hearing in M-2231", "Matter__c", "127.0.0.1/32", "2 hours"):
        assert words in lena_page
    assert "Approve 2 hours of access" in lena_page
    assert b"Needs IT approval" in _approve(emergency, "lena", request).content
    assert b"access for 2 hours has begun" in _approve(emergency, "ivan", request).content

    opened = bob.get(_url("request", request)).content.decode()
    assert "Show the token" in opened and "end access" in opened
    shown = bob.post(_url("reveal", request), {"code": code_for(emergency.cast.bob)})
    with emergency.cast.at_acme("bob"):
        with emergency_access():
            secret = str(IssuedToken.objects.get(origin_id=request.pk).secret)
    assert secret in shown.content.decode() and shown["Cache-Control"] == "no-store"
    assert secret not in bob.get(_url("request", request)).content.decode()

    ended = bob.post(_url("end", request), follow=True)
    assert b"The next call with its token is refused" in ended.content
    assert _fresh(emergency, request).state == State.ENDING


def test_the_list_says_how_things_stand(emergency: Emergency) -> None:
    browser = emergency.cast.client("otto")
    url = reverse("breakglass:requests")
    assert b"Nobody has emergency access, and nobody waits for it." in browser.get(url).content
    _pending(emergency)
    page = browser.get(url).content.decode()
    assert "1 request</a> waits for signatures" in page and "Needs Legal and IT" in page
    for show in ("waiting", "active", "over", "nonsense"):
        assert browser.get(url, {"show": show, "before": "no-id"}).status_code == 200


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"justification": " \t "}, "The justification is empty"),
        ({"justification": "x" * 4001}, "at most 4,000 fit"),
        ({"justification": "SSO is down, hearing\x00 at nine"}, "contains a NUL"),
        ({"case_reference": "soon"}, "That is no case reference"),
        ({"connection": ""}, "Choose the org"),
        ({"minutes": "9999999999999"}, "Choose how long"),
        ({"minutes": "-5"}, "Choose how long"),
        ({"minutes": "300"}, "between 1 and 240 minutes"),
        ({"records": "a01"}, "is no Salesforce record id"),
        ({"fields": ""}, "at least one field"),
        ({"networks": "anywhere"}, "is no network"),
    ],
)
def test_the_form_says_what_to_mend_and_keeps_what_was_typed(
    emergency: Emergency, changes: dict[str, str], words: str
) -> None:
    bob = emergency.cast.client("bob")
    typed = {**FORM, "connection": emergency.org.pk, **changes}
    answer = bob.post(reverse("breakglass:ask"), typed)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert words in page and 'value="Matter__c"' in page
    with emergency.cast.at_acme("bob"):
        assert not Request.objects.exists()


def test_a_wrong_or_used_code_signs_nothing(emergency: Emergency) -> None:
    request = _pending(emergency)
    wrong = _approve(emergency, "lena", request, code="000000")
    assert wrong.status_code == 422 and b"That code is wrong" in wrong.content
    forget_used_codes(emergency.cast.lena)
    code = code_for(emergency.cast.lena)
    other = _active_after_signing(emergency, request, code)
    assert other.status_code == 422 and b"used before" in other.content
    with emergency.cast.at_acme():
        assert Approval.objects.count() == 1


def _active_after_signing(emergency: Emergency, request: Request, code: str) -> Any:
    """Sign one request, then try the same code on another person's next request."""
    _throttle_over(emergency)
    assert _approve(emergency, "lena", request, code=code).status_code == 200
    with emergency.cast.at_acme("alice"):
        second = emergency.pending(by="alice")
    return _approve(emergency, "lena", second, code=code)


def _throttle_over(emergency: Emergency) -> None:
    """The wait after a wrong code is not what this test is about."""
    from apps.accounts.models import Authenticator

    with emergency.cast.at_acme("lena"):
        Authenticator.objects.filter(user=emergency.cast.lena).update(
            throttling_failure_count=0, throttling_failure_timestamp=None
        )


def test_a_signature_covers_what_was_on_the_page(emergency: Emergency) -> None:
    request = _pending(emergency)
    answer = _approve(emergency, "lena", request, content_hash="0" * 64)
    assert answer.status_code == 422 and b"given for something else" in answer.content


def test_a_code_alone_does_not_make_an_approver(emergency: Emergency) -> None:
    request = _pending(emergency)
    posted = {
        "content_hash": request.content_hash,
        "role": "legal_approver",
        "code": code_for(emergency.cast.bob),
    }
    answer = emergency.cast.client("bob").post(_url("decide", request), posted)
    assert answer.status_code == 403
    swapped = _approve(emergency, "ivan", request, role="legal_approver")
    assert swapped.status_code == 403
    assert _fresh(emergency, request).state == State.PENDING


def test_refusing_takes_a_reason_that_the_requester_reads(emergency: Emergency) -> None:
    request = _pending(emergency)
    ivan = emergency.cast.client("ivan")
    assert ivan.get(_url("refuse", request)).status_code == 200
    assert ivan.post(_url("refuse", request), {"reason": " "}).status_code == 422
    ivan.post(_url("refuse", request), {"reason": "Use the <b>other</b> org."})
    page = emergency.cast.client("bob").get(_url("request", request)).content.decode()
    assert "Use the &lt;b&gt;other&lt;/b&gt; org." in page and "Ivan refused it" in page


def test_the_reason_is_kept_from_people_who_need_not_know(emergency: Emergency) -> None:
    request = _pending(emergency)
    assert b"M-2231" not in emergency.cast.client("rita").get(_url("request", request)).content
    for name in ("bob", "lena", "otto"):
        page = emergency.cast.client(name).get(_url("request", request)).content
        assert b"M-2231" in page


def test_the_proof_is_shown_after_the_end(emergency: Emergency) -> None:
    from apps.breakglass import services
    from apps.common.actors import ServiceActor
    from apps.common.clock import database_now

    request = _active(emergency)
    emergency.cast.client("ivan").post(_url("end", request))
    with emergency.cast.at_acme():
        services.rotate(actor=ServiceActor("breakglass"), request_id=request.pk, now=database_now())
    page = emergency.cast.client("otto").get(_url("request", request)).content.decode()
    assert "Proof of the end" in page and "The old token was tried and refused" in page
    assert "Presented the old token and saw it refused" in page


GETS = ("request", "decide", "refuse")
POSTS = ("submit", "decide", "refuse", "withdraw", "end", "reveal")
API_POSTS = ("api-approve", "api-deny", "api-withdraw", "api-end", "api-reveal")


def _posted() -> dict[str, str]:
    return {"code": "123456", "role": "legal_approver", "content_hash": "0" * 64, "reason": "never"}


@pytest.mark.parametrize("name", [*GETS, "api-request"])
def test_another_tenant_reads_nothing(emergency: Emergency, name: str) -> None:
    request = _active(emergency)
    mallory = emergency.cast.client("mallory")
    assert mallory.get(_url(name, request)).status_code == 404


@pytest.mark.parametrize("name", [*POSTS, *API_POSTS])
def test_another_tenant_changes_nothing(emergency: Emergency, name: str) -> None:
    request = _active(emergency)
    mallory = emergency.cast.client("mallory")
    kind: dict[str, Any] = {"content_type": "application/json"} if name.startswith("api-") else {}
    answer = mallory.post(_url(name, request), _posted(), **kind)
    assert answer.status_code == 404
    assert _fresh(emergency, request).state == State.ACTIVE


def test_another_tenants_org_cannot_be_asked_for(emergency: Emergency) -> None:
    typed = {**FORM, "connection": str(emergency.org.pk)}
    answer = emergency.cast.client("mallory").post(reverse("breakglass:ask"), typed)
    assert answer.status_code == 404
    assert emergency.org.name not in answer.content.decode()


def test_nobody_signed_out_gets_in(emergency: Emergency) -> None:
    request = _pending(emergency)
    for name in GETS:
        assert Client().get(_url(name, request)).status_code == 302
    assert Client().get(reverse("breakglass:request", args=[UUID(int=0)])).status_code == 302
    unknown = emergency.cast.client("bob").get(reverse("breakglass:request", args=[uuid4()]))
    assert unknown.status_code == 404


def test_an_approver_without_the_grant_is_told_why(emergency: Emergency) -> None:
    from apps.tenancy.models import UserGrant

    request = _pending(emergency)
    with emergency.cast.at_acme():
        UserGrant.objects.all().delete()
    page = emergency.cast.client("lena").get(_url("decide", request)).content.decode()
    assert "You cannot sign this request." in page and "You have no rights on" in page
