"""Which hosts a connection may name.

Only My Domain hosts: they belong to one org, while `login.salesforce.com` and instance hosts are
shared. https://help.salesforce.com/s/articleView?id=sf.domain_name_url_formats.htm
"""

import re

from django.conf import settings

from apps.common.errors import Invalid

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_KINDS = "sandbox|develop|scratch|demo|patch|trailblaze|free"
_MY_DOMAIN = re.compile(rf"{_LABEL}(?:\.(?:{_KINDS}))?\.my\.salesforce\.com")
_EXAMPLE = "acme.my.salesforce.com or acme--uat.sandbox.my.salesforce.com"
_LONGEST = 253


def allowed_host(typed: str) -> str:
    """The host in lower case, or `Invalid` (field `host`) saying what to write instead."""
    host = typed.strip().lower()
    if not host:
        raise _wrong(f"Write the org's My Domain host, for example {_EXAMPLE}.")
    if len(host) > _LONGEST or not host.isascii() or not host.isprintable():
        raise _wrong(f"A host has at most {_LONGEST} plain letters, digits, dots and hyphens.")
    if host in {each.strip().lower() for each in settings.EXTRA_ORG_HOSTS}:
        return host
    if "://" in host or "/" in host or "?" in host or "#" in host:
        raise _wrong(f"Leave out https:// and everything after the host: just {_EXAMPLE}.")
    if "@" in host:
        raise _wrong("Leave out the user name and the @: the host alone belongs here.")
    if _MY_DOMAIN.fullmatch(host):
        return host
    raise _wrong(_advice(host))


def _advice(host: str) -> str:
    if host.endswith((".lightning.force.com", ".my.site.com", ".force.com")):
        return f"That is the address of the pages. Write the My Domain host: {_EXAMPLE}."
    if host in {"login.salesforce.com", "test.salesforce.com"}:
        return f"Every org signs in there. Write the org's own My Domain host: {_EXAMPLE}."
    return (
        f"That is no My Domain host, such as {_EXAMPLE}. The operator of this installation can"
        " list other hosts in BAILIWICK_EXTRA_ORG_HOSTS."
    )


def _wrong(message: str) -> Invalid:
    return Invalid(message, field="host")
