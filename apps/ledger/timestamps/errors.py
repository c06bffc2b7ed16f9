"""What can be wrong with a timestamp, or with the service that gives them."""


class TimestampFailed(Exception):
    """No usable timestamp. `retryable` says whether asking the same service again can help."""

    retryable = False


class ServiceUnavailable(TimestampFailed):
    """The service did not answer in time, or said that it is busy: a later call may succeed."""

    retryable = True


class ServiceRefused(TimestampFailed):
    """The service understood and said no (RFC 3161, 2.4.2): the request must change first."""


class TokenBad(TimestampFailed):
    """The answer does not stamp what was asked, or is not signed by somebody we trust."""
