"""What can go wrong with an org, typed once in the client: permanent or worth another try.

`retryable` tells a task whether doing the same later can succeed without anyone changing anything.
Messages are made here and hold nothing that the org said, since its answers carry personal data.
"""

from apps.common.errors import Outside


class CrmError(Outside):
    """Anything an org did not do. `outcome_unknown` is set where the org may have acted anyway."""

    code = "crm_failed"
    title = "The Salesforce org did not do its part"
    outcome_unknown: bool = False


class SessionExpired(CrmError):
    """401: the session is over and signing in again did not help."""

    code = "crm_session_expired"
    retryable = True


class GrantRefused(CrmError):
    """The token endpoint said no, and will until someone changes the app, the user or the key."""

    code = "crm_grant_refused"


class LoginThrottled(CrmError):
    """The token endpoint asks for fewer logins for a while."""

    code = "crm_login_throttled"
    retryable = True


class LimitReached(CrmError):
    """The org's allowance of API requests for 24 hours is used up."""

    code = "crm_limit_reached"
    retryable = True


class BudgetSpent(LimitReached):
    """The console itself refused: the rest of the allowance is kept for emergency access.

    `data["retry_at"]` is when ordinary calls are looked at again.
    """

    code = "crm_budget_spent"


class ConcurrencyReached(LimitReached):
    """Too many long requests at the same moment; it passes within seconds."""

    code = "crm_concurrency_reached"


class OrgUnavailable(CrmError):
    """5xx: the org is down, or a maintenance page stands in front of it."""

    code = "crm_org_unavailable"
    retryable = True


class NoAnswer(OrgUnavailable):
    """Nothing came back in time, or the line broke. A write may or may not have happened."""

    code = "crm_no_answer"


class Unreachable(OrgUnavailable):
    """No connection was made, so nothing was sent."""

    code = "crm_unreachable"


class NotTrusted(CrmError):
    """The other side's certificate is not trusted for the connection's host."""

    code = "crm_not_trusted"


class HostChanged(CrmError):
    """An answer points to another host than the one that was validated."""

    code = "crm_host_changed"


class PathRefused(CrmError):
    """Only a private path is allowed to the org, and it is not there. Nothing was sent."""

    code = "crm_path_refused"


class NotJson(CrmError):
    """Something other than JSON came back: a login page, a proxy, a maintenance page."""

    code = "crm_not_json"
    retryable = True


class AnswerTooLarge(CrmError):
    """More came back than any call of ours asks for. Not read to its end."""

    code = "crm_answer_too_large"


class RowLocked(CrmError):
    """UNABLE_TO_LOCK_ROW: someone else is writing the same record. Nothing was changed."""

    code = "crm_row_locked"
    retryable = True


class ValidationRefused(CrmError):
    """A rule of the org refuses these values. `data["fields"]` names the fields it named."""

    code = "crm_validation_refused"


class RecordMissing(CrmError):
    """There is no such record, or the console's user may not see it."""

    code = "crm_record_missing"


class AccessRefused(CrmError):
    """The console's user in the org lacks a permission."""

    code = "crm_access_refused"


class QueryRefused(CrmError):
    """The org does not know a field, an object or a page that was asked for."""

    code = "crm_query_refused"


class VersionRetired(CrmError):
    """The org serves no more the API version that the console speaks: 410, or its own code."""

    code = "crm_version_retired"


class Blind(CrmError):
    """The org shows the console's user its own rows alone, so that a read proves nothing."""

    code = "crm_blind"


class RolledBack(CrmError):
    """Nothing was changed by this part of a request, because another part of it failed."""

    code = "crm_rolled_back"


class NotBulkable(CrmError):
    """The org does not read this by a bulk job, or no more today. `data["error_code"]` is its word.

    Nothing keeps query pages from reading the same.
    """

    code = "crm_not_bulkable"


class JobFailed(CrmError):
    """A bulk job ended without doing its work. `data["error_code"]` is the org's code."""

    code = "crm_job_failed"


class JobUnfinished(CrmError):
    """A bulk job was not through in time and was given up."""

    code = "crm_job_unfinished"
    retryable = True


def is_unsure(error: CrmError) -> bool:
    """Whether a write may have happened all the same: read before writing again."""
    unsure = isinstance(error, OrgUnavailable | NotJson | AnswerTooLarge)
    return unsure and not isinstance(error, Unreachable)


def by_code(code: str) -> type[CrmError]:
    """The kind of error with this stable code; `CrmError` for an unknown one."""
    kinds = [CrmError]
    for kind in kinds:
        if kind.code == code:
            return kind
        kinds += kind.__subclasses__()
    return CrmError
