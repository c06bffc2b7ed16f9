"""What a model endpoint can do wrong: permanent, or worth another try.

Messages never quote an answer: a server may echo the prompt in its error.
"""

from apps.common.errors import Outside


class LlmError(Outside):
    """A call to an endpoint that did not bring an answer."""

    code = "endpoint_failed"
    title = "The model endpoint did not do its part"


class KeyRefused(LlmError):
    """401 or 403. Permanent: the same key is refused again."""

    code = "endpoint_key_refused"


class ModelMissing(LlmError):
    """404, or a list without our model. Permanent: it takes another address or model."""

    code = "endpoint_model_missing"


class RequestRefused(LlmError):
    """Any other 4xx. Permanent: the same request is refused again."""

    code = "endpoint_request_refused"


class Redirected(LlmError):
    """3xx. Permanent, and never followed: another host may lie in another jurisdiction."""

    code = "endpoint_redirects"


class AnswerUnusable(LlmError):
    """No JSON, too large, or without text. Permanent: this is not the server we expect."""

    code = "endpoint_answer_unusable"


class RateLimited(LlmError):
    """429. Later it may work."""

    code = "endpoint_rate_limited"
    retryable = True


class EndpointUnavailable(LlmError):
    """5xx, no connection, or no answer in time. Later it may work."""

    code = "endpoint_unavailable"
    retryable = True
