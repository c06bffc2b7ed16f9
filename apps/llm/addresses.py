"""Which addresses an endpoint may have."""

from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

from apps.common.errors import Invalid
from apps.common.text import require_text

FIELD = "base_url"
NO_URL = "The address is not a URL such as https://llm.example.org."


def require_address(value: str) -> str:
    """The address as `scheme://host[:port]`, or `Invalid` naming the fix.

    HTTPS only; plain HTTP and loopback are for hosts in `EXTRA_ENDPOINT_HOSTS`. No user name, no
    path, no query: the API is always under `/v1`.
    """
    text = require_text(value, field=FIELD, label="The address", at_most=200)
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise Invalid(
            "The address is not a URL such as https://llm.example.org.", field=FIELD
        ) from error
    if not host or not host.isascii() or any(char.isspace() for char in text):
        raise Invalid("The address is not a URL such as https://llm.example.org.", field=FIELD)
    _refuse_extras(parts)
    shown = f"[{host}]" if ":" in host else host
    netloc = shown if port is None else f"{shown}:{port}"
    if netloc not in settings.EXTRA_ENDPOINT_HOSTS:
        _require_secure(parts.scheme, host)
    elif parts.scheme not in {"http", "https"}:
        raise Invalid("The address must begin with https://.", field=FIELD)
    return f"{parts.scheme}://{netloc}"


def _refuse_extras(parts: SplitResult) -> None:
    if parts.username is not None or parts.password is not None:
        raise Invalid(
            "The address holds a user name or password. Take it out; the key has its own field.",
            field=FIELD,
        )
    if parts.query or parts.fragment or parts.path.rstrip("/") not in {"", "/v1"}:
        raise Invalid(
            "Give the address without a path, such as https://llm.example.org; "
            "/v1 is added by itself.",
            field=FIELD,
        )


def _require_secure(scheme: str, host: str) -> None:
    if scheme != "https":
        raise Invalid("The address must begin with https://.", field=FIELD)
    if _is_own(host.removesuffix(".")):
        raise Invalid("The address is this machine's own. Give the endpoint's host.", field=FIELD)


def _is_own(host: str) -> bool:
    """Whether the host means this machine, or numbers in a spelling that hides what they mean.

    Resolvers take `127.1`, `0x7f000001` and `2130706433` for 127.0.0.1; names of public hosts never
    end in a number (RFC 3696 §2), so such a host has to be four plain decimals.
    """
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        address = ip_address(host)
    except ValueError:
        last = host.rpartition(".")[2]
        return last.isdigit() or last.startswith("0x")
    address = getattr(address, "ipv4_mapped", None) or address
    return address.is_loopback or address.is_link_local or address.is_unspecified
