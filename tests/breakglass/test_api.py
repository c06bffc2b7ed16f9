"""The API: the same rules as the pages, in problem documents."""

from typing import Any

import pytest
from django.urls import reverse

from apps.breakglass.models import Request
from apps.breakglass.states import State
from tests.breakglass.conftest import SCOPE, WHY, Emergency
from tests.cast import code_for


def _body(emergency: Emergency, **changes: Any) -> dict[str, Any]:
    return {
        "connection": str(emergency.org.pk),
        "scope": SCOPE,
        "networks": ["127.0.0.1"],
        "minutes": 60,
        "justification": WHY,
        "case_reference": "M-2231",
        **changes,
    }


def _post(emergency: Emergency, who: str, name: str, body: Any = None, *args: Any) -> Any:
    return emergency.cast.client(who).post(
        reverse(f"breakglass:{name}", args=args), body or {}, content_type="application/json"
    )


def _sign(emergency: Emergency, who: str, made: dict[str, Any], role: str) -> Any:
    body = {
        "role": role,
        "content_hash": made["content_hash"],
        "code": code_for(emergency.cast.people[who]),
    }
    return _post(emergency, who, "api-approve", body, made["id"])


def test_ask_sign_reveal_and_end(emergency: Emergency) -> None:
    made = _post(emergency, "bob", "api-requests", _body(emergency))
    assert made.status_code == 201, made.content
    asked = made.json()
    assert (asked["state"], asked["missing"]) == (
        State.PENDING,
        {"legal_approver": 1, "it_approver": 1},
    )
    assert _sign(emergency, "lena", asked, "legal_approver").json()["state"] == State.PENDING
    assert _sign(emergency, "ivan", asked, "it_approver").json()["state"] == State.ACTIVE
    code = {"code": code_for(emergency.cast.bob)}
    token = _post(emergency, "bob", "api-reveal", code, asked["id"])
    assert token.json()["token"].startswith("bwk_")
    ended = _post(emergency, "lena", "api-end", None, asked["id"]).json()
    assert (ended["state"], ended["end_reason"]) == (State.ENDING, "stopped")
    again = _post(emergency, "lena", "api-end", None, asked["id"])
    assert (again.status_code, again.json()["code"]) == (409, "emergency_not_in_state")
    listed = emergency.cast.client("otto").get(reverse("breakglass:api-requests")).json()
    assert [row["id"] for row in listed["results"]] == [asked["id"]]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"justification": " "}, "justification"),
        ({"justification": "a hearing at nine o'clock\x00"}, "justification"),
        ({"justification": "x" * 4001}, "justification"),
        ({"minutes": 0}, "minutes"),
        ({"minutes": 1000}, "duration"),
        ({"networks": ["0.0.0.0/0"]}, "networks"),
        ({"scope": {"Matter__c": {"fields": ["Name"]}}}, "records"),
        ({"scope": []}, "scope"),
        ({"connection": "acme"}, "connection"),
    ],
)
def test_bad_input_is_a_problem_naming_the_field(
    emergency: Emergency, changes: dict[str, Any], field: str
) -> None:
    answer = _post(emergency, "bob", "api-requests", _body(emergency, **changes))
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == field
    with emergency.cast.at_acme("bob"):
        assert not Request.objects.exists()


def test_refusals_name_their_rule(emergency: Emergency) -> None:
    made = _post(emergency, "bob", "api-requests", _body(emergency)).json()
    own = _sign(emergency, "bob", made, "legal_approver")
    assert (own.status_code, own.json()["code"]) == (403, "denied")
    wrong_role = _sign(emergency, "lena", made, "it_approver")
    assert wrong_role.json()["rule"] == "approving-role"
    body = {"role": "legal_approver", "content_hash": made["content_hash"], "code": "000000"}
    wrong = _post(emergency, "lena", "api-approve", body, made["id"])
    assert (wrong.status_code, wrong.json()["code"]) == (422, "wrong_code")


def test_deny_and_withdraw_are_final(emergency: Emergency) -> None:
    made = _post(emergency, "bob", "api-requests", _body(emergency)).json()
    empty = _post(emergency, "lena", "api-deny", {"reason": ""}, made["id"])
    assert empty.json()["errors"][0]["field"] == "reason"
    denied = _post(emergency, "lena", "api-deny", {"reason": "not tonight"}, made["id"])
    assert denied.json()["state"] == State.DENIED
    assert _post(emergency, "bob", "api-withdraw", None, made["id"]).status_code == 409
    other = _post(emergency, "bob", "api-requests", _body(emergency)).json()
    gone = _post(emergency, "bob", "api-withdraw", None, other["id"]).json()
    assert gone["state"] == State.WITHDRAWN


def test_the_reason_is_for_those_who_decide_or_audit(emergency: Emergency) -> None:
    made = _post(emergency, "bob", "api-requests", _body(emergency)).json()
    url = reverse("breakglass:api-request", args=[made["id"]])
    assert emergency.cast.client("lena").get(url).json()["justification"] == WHY
    assert emergency.cast.client("rita").get(url).json()["justification"] is None


def test_the_rules_change_by_versions_and_never_unseen(emergency: Emergency) -> None:
    url = reverse("breakglass:api-policy")
    assert emergency.cast.client("otto").get(url).json()["version"] == 1
    wanted = {"after_version": 1, "legal_quorum": 2, "it_quorum": 1, "max_minutes": 60}
    assert _post(emergency, "bob", "api-policy", {**wanted, "code": "1"}).status_code == 403
    code = {"code": code_for(emergency.cast.alice)}
    made = _post(emergency, "alice", "api-policy", {**wanted, **code})
    assert (made.status_code, made.json()["version"]) == (201, 2)
    stale = _post(
        emergency, "alice", "api-policy", {**wanted, "code": code_for(emergency.cast.alice)}
    )
    assert (stale.status_code, stale.json()["code"]) == (403, "factor_refused")
    nobody = _post(emergency, "alice", "api-policy", {**wanted, "legal_quorum": 0, "code": "1"})
    assert nobody.json()["errors"][0]["field"] == "legal_quorum"
