"""Why a link hands nothing over."""

from apps.common.errors import DomainError


class LinkOver(DomainError):
    """The link has expired, was withdrawn or was used as often as it may be."""

    code = "link_over"
    status = 410
    title = "This link is over"


class PackDamaged(DomainError):
    """The sealed file is gone, or is not what was sealed."""

    code = "pack_damaged"
    status = 500
    title = "This pack cannot be opened"
