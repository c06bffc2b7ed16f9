"""Every refusal that an org is known to give: its kind, whether to try again, its cause."""

from typing import Any
from uuid import uuid4

import pytest

from apps.crm import errors
from apps.crm.client.answers import error_from
from apps.crm.client.refusals import refusal
from apps.crm.diagnosis import runbooks
from apps.crm.diagnosis.causes import CAUSES
from apps.crm.diagnosis.recognise import recognise
from apps.crm.models import Connection

HOST = "acme.my.salesforce.com"
# (error, description) of the token endpoint: (kind, cause, whether its sign is published)
AT_SIGN_IN: dict[tuple[str, str], tuple[type[errors.CrmError], str, bool]] = {
    ("invalid_grant", "expired access/refresh token"): (errors.GrantRefused, "token_expired", True),
    ("invalid_grant", "Audience validation failed"): (errors.GrantRefused, "wrong_host", True),
    ("invalid_grant", "authentication failure"): (errors.GrantRefused, "app_credentials", False),
    ("invalid_grant", "authentication failure - Invalid Password"): (
        errors.GrantRefused, "app_credentials", False),
    ("invalid_grant", "invalid assertion"): (errors.GrantRefused, "app_credentials", False),
    ("invalid_grant", "user hasn't approved this consumer"): (
        errors.GrantRefused, "grant_revoked", True),
    ("invalid_grant", "no client credentials user enabled"): (
        errors.GrantRefused, "app_setup", True),
    ("invalid_grant", "ip restricted or invalid login hours"): (
        errors.GrantRefused, "ip_restricted", False),
    ("invalid_grant", "user is inactive"): (errors.GrantRefused, "user_inactive", False),
    ("invalid_grant", "multi-factor required"): (errors.GrantRefused, "mfa_or_sso", False),
    ("invalid_grant", "identity provider is down"): (errors.GrantRefused, "mfa_or_sso", False),
    ("invalid_grant", "login rate exceeded"): (errors.LoginThrottled, "sign_ins_throttled", False),
    ("invalid_grant", "a reason nobody wrote down"): (errors.GrantRefused, "unknown", False),
    ("rate_limit_exceeded", ""): (errors.LoginThrottled, "sign_ins_throttled", False),
    ("invalid_app_access", "user is not admin approved to access this app"): (
        errors.GrantRefused, "app_not_approved", False),
    ("invalid_client", "app must be installed into org"): (
        errors.GrantRefused, "app_not_approved", False),
    ("invalid_client", "invalid client credentials"): (
        errors.GrantRefused, "app_credentials", False),
    ("invalid_client_id", "client identifier invalid"): (
        errors.GrantRefused, "app_credentials", False),
    ("unsupported_grant_type", "grant type not supported"): (
        errors.GrantRefused, "app_setup", False),
    ("inactive_user", "user is inactive"): (errors.GrantRefused, "user_inactive", False),
    ("inactive_org", "organization is inactive"): (errors.GrantRefused, "org_inactive", False),
    ("unknown_error", "retry your request"): (errors.OrgUnavailable, "maintenance", True),
}  # fmt: skip
# (status, code, message) of an API answer: (kind, cause; none where the console is not kept out)
AT_CALLS: dict[tuple[int, str, str], tuple[type[errors.CrmError], str]] = {
    (401, "INVALID_SESSION_ID", "Session expired or invalid"): (
        errors.SessionExpired, "token_expired"),
    (403, "INVALID_SESSION_ID", "not valid for use with the REST API"): (
        errors.AccessRefused, "permission_missing"),
    (403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."): (
        errors.LimitReached, "quota_spent"),
    (403, "REQUEST_LIMIT_EXCEEDED", "ConcurrentPerOrgLongTxn Limit exceeded"): (
        errors.ConcurrencyReached, "concurrent_limit"),
    (429, "", ""): (errors.ConcurrencyReached, "concurrent_limit"),
    (400, "UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access"): (
        errors.RowLocked, "row_locked"),
    (503, "SERVER_UNAVAILABLE", "Server Unavailable"): (errors.OrgUnavailable, "maintenance"),
    (500, "UNKNOWN_EXCEPTION", ""): (errors.OrgUnavailable, "maintenance"),
    (502, "", ""): (errors.OrgUnavailable, "maintenance"),
    (403, "API_DISABLED_FOR_ORG", ""): (errors.AccessRefused, "api_disabled"),
    (403, "API_CURRENTLY_DISABLED", ""): (errors.AccessRefused, "api_disabled"),
    (403, "INSUFFICIENT_ACCESS", ""): (errors.AccessRefused, "permission_missing"),
    (403, "FUNCTIONALITY_NOT_ENABLED", ""): (errors.AccessRefused, "permission_missing"),
    (410, "", ""): (errors.VersionRetired, "version_retired"),
    (400, "UNSUPPORTED_API_VERSION", ""): (errors.VersionRetired, "version_retired"),
    (400, "FIELD_CUSTOM_VALIDATION_EXCEPTION", ""): (errors.ValidationRefused, ""),
    (400, "INVALID_EMAIL_ADDRESS", ""): (errors.ValidationRefused, ""),
    (400, "DUPLICATES_DETECTED", ""): (errors.ValidationRefused, ""),
    (400, "MALFORMED_ID", ""): (errors.QueryRefused, ""),
    (400, "INVALID_TYPE", ""): (errors.QueryRefused, ""),
    (400, "INVALID_QUERY_LOCATOR", ""): (errors.QueryRefused, ""),
    (400, "PROCESSING_HALTED", ""): (errors.RolledBack, ""),
    (400, "INVALID_CROSS_REFERENCE_ID", ""): (errors.RecordMissing, ""),
    (404, "NOT_FOUND", ""): (errors.RecordMissing, ""),
}  # fmt: skip
PASSING = (
    errors.OrgUnavailable, errors.LimitReached, errors.LoginThrottled, errors.RowLocked,
    errors.SessionExpired,
)  # fmt: skip


@pytest.mark.parametrize("told", AT_SIGN_IN, ids=lambda told: f"{told[0]}: {told[1]}")
def test_what_a_refused_sign_in_means(told: tuple[str, str]) -> None:
    kind, cause, certain = AT_SIGN_IN[told]
    body = {"error": told[0], "error_description": told[1]}
    error = refusal(400, body, host=HOST)
    found = recognise(error)
    assert type(error) is kind and error.retryable == isinstance(error, PASSING)
    assert found and (found.cause, found.certain) == (cause, certain)


@pytest.mark.parametrize("told", AT_CALLS, ids=lambda told: f"{told[0]} {told[1]}")
@pytest.mark.parametrize("name", ["errorCode", "statusCode"])
def test_what_a_refused_call_means(told: tuple[int, str, str], name: str) -> None:
    """A save result calls the same code by another name."""
    status, code, message = told
    kind, cause = AT_CALLS[told]
    content: Any = [{name: code, "message": f"{message} <id of a person>"}] if code else "<html>"
    error = error_from(status, content, host=HOST)
    found = recognise(error)
    assert type(error) is kind and error.retryable == isinstance(error, PASSING)
    assert (found.cause if found else "") == cause
    assert "person" not in error.message + str(found and found.evidence)


def test_every_cause_has_words_a_runbook_of_its_own_and_pages_to_go_to() -> None:
    assert runbooks._STEPS.keys() == CAUSES.keys()
    org = Connection(tenant_id=uuid4(), host=HOST, instance_name="EU46", username="a@b.example")
    for code, cause in CAUSES.items():
        steps = runbooks.steps_for(code, org)
        assert cause.title and cause.words.endswith("."), code
        assert steps and all(step.words.endswith(".") for step in steps), code
        for step in steps:
            assert bool(step.link) == bool(step.route or step.address), (code, step.words)
            assert not step.address or step.address.startswith("https://"), code
    assert len({tuple(runbooks.steps_for(code, org)) for code in CAUSES}) == len(CAUSES)
