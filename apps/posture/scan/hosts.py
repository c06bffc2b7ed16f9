"""Addresses: which are outside the org, whose they are, and which law governs them.

The jurisdiction is the provider's stated one, the region in a cloud host's name, the provider's
seat, or the country of the top-level domain; otherwise it is unknown, and said so.
"""

import re
import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import urlsplit

URL = re.compile(r"\b(https?|wss?)://([^\s'\"<>\\)\]}|,;]+)", re.IGNORECASE)
_HOST = re.compile(
    r"^(?=.{3,253}$)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z][a-z0-9-]{1,62}$"
)
_NUMERIC = re.compile(r"^\d{1,3}(?:\.\d{1,3}){3}$")

# Not outside: the platform itself, names that only identify, and what never leaves a machine.
_INSIDE = (
    "salesforce.com", "force.com", "visualforce.com", "salesforce-sites.com", "lightning.com",
    "site.com", "documentforce.com", "salesforce-experience.com", "cloudforce.com",
    "database.com", "exacttarget.com", "sfdcstatic.com", "localhost", "example.com",
    "example.org", "example.net", "test", "invalid", "example", "local",
)  # fmt: skip
_NAMESPACES = (
    "www.w3.org", "schemas.xmlsoap.org", "schemas.microsoft.com", "schemas.openxmlformats.org",
    "xml.apache.org", "java.sun.com", "json-schema.org", "purl.org", "xmlns.com", "ns.adobe.com",
    "schemas.android.com", "schema.org", "www.opengis.net", "docs.oasis-open.org",
    "soap.sforce.com", "www.apache.org", "opensource.org", "creativecommons.org", "www.gnu.org",
)  # fmt: skip
_EU_CLOUD = ("eu-", "europe-", "westeurope", "northeurope", "germany", "france", "sweden")
_REGION = re.compile(
    r"(?:^|[.-])((?:us|eu|ca|ap|sa|me|af|il|cn)-(?:gov-)?(?:north|south|east|west|central|southeast|"
    r"northeast|southwest|northwest)+-\d)(?:[.-]|$)"
)
_AWS_COUNTRY = {
    "eu-central-1": "DE", "eu-west-1": "IE", "eu-west-2": "GB", "eu-west-3": "FR",
    "eu-north-1": "SE", "eu-south-1": "IT", "eu-south-2": "ES", "eu-central-2": "CH",
    "ca-central-1": "CA", "ap-northeast-1": "JP", "ap-southeast-1": "SG", "ap-southeast-2": "AU",
    "ap-south-1": "IN", "sa-east-1": "BR", "il-central-1": "IL",
}  # fmt: skip
# Country domains that are sold as words and tell nothing of a country.
_WORDS = frozenset({
    "io", "ai", "co", "me", "tv", "cc", "ly", "to", "gg", "sh", "fm", "am", "im", "la", "ws",
    "nu", "so", "app", "dev", "xyz",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a host. `basis` says how the jurisdiction is known."""

    provider: str = ""
    is_llm: bool = False
    jurisdiction: str = ""
    basis: str = ""


def host_of(url: str) -> tuple[str, str]:
    """Scheme and host of an address, in lower case; ("", "") when it names no outside host."""
    try:
        parts = urlsplit(url.strip())
        host = (parts.hostname or "").rstrip(".").lower()
    except ValueError:
        return "", ""
    if parts.scheme.lower() not in {"http", "https", "ws", "wss"} or not is_outside(host):
        return "", ""
    return parts.scheme.lower(), host


def is_outside(host: str) -> bool:
    """Whether a host is one outside the org: a full public name or a bare address."""
    if _NUMERIC.match(host):
        return not host.startswith(("127.", "0."))
    if not _HOST.match(host) or host in _NAMESPACES:
        return False
    return not any(_below(host, inside) for inside in _INSIDE)


def urls_in(text: str) -> list[str]:
    """Every absolute address that stands in a text."""
    return [found.group(0) for found in URL.finditer(text)]


@cache
def known_host(host: str) -> Known:
    """Whose host this is, as far as the name tells."""
    provider, is_llm, jurisdiction, seat = _provider(host)
    if jurisdiction:
        return Known(provider, is_llm, jurisdiction, "stated by the provider")
    if place := _cloud_region(host):
        return Known(provider, is_llm, place, "region in the host's name")
    if seat:
        return Known(provider, is_llm, seat, "seat of the provider")
    last = host.rpartition(".")[2]
    if len(last) == 2 and last.isalpha() and last not in _WORDS:
        country = {"uk": "GB", "eu": "EU"}.get(last, last.upper())
        return Known(provider, is_llm, country, "country of the domain")
    return Known(provider, is_llm)


@cache
def tool_of(text: str) -> str:
    """The integration tool that a label or host speaks of, or ""."""
    lowered = text.lower()
    for tool in _known()["tool"]:
        if any(word in lowered for word in tool["words"]):
            return str(tool["name"])
        if any(_below(lowered, suffix) for suffix in tool.get("suffix", ())):
            return str(tool["name"])
    return ""


def reviewed_on() -> date:
    """The day on which the table of providers and tools was last gone through."""
    day: date = _known()["reviewed"]
    return day


def _provider(host: str) -> tuple[str, bool, str, str]:
    """Name, whether it is a model provider, stated jurisdiction and seat; "" where unknown."""
    if re.match(r"^bedrock(?:-agent)?(?:-runtime)?(?:-fips)?\.[a-z0-9-]+\.amazonaws\.com$", host):
        return "Amazon Bedrock", True, "", ""
    if host.endswith("-aiplatform.googleapis.com"):
        return "Google Vertex AI", True, "", ""
    best: tuple[int, tuple[str, bool, str, str]] = (0, ("", False, "", ""))
    for row in _known()["provider"]:
        for suffix in row["suffix"]:
            if _below(host, suffix) and len(suffix) > best[0]:
                told = (row.get("jurisdiction", ""), row.get("seat", ""))
                best = (len(suffix), (row["name"], bool(row.get("llm")), *told))
    return best[1]


def _cloud_region(host: str) -> str:
    if found := _REGION.search(host):
        region = found.group(1)
        if region in _AWS_COUNTRY:
            return _AWS_COUNTRY[region]
        return {"us": "US", "cn": "CN", "eu": "EU"}.get(region.split("-")[0], "")
    cloud = host.endswith((".azure.com", ".windows.net", ".googleapis.com", ".azurewebsites.net"))
    first = host.partition(".")[0]
    return "EU" if cloud and any(word in first for word in _EU_CLOUD) else ""


def _below(host: str, suffix: str) -> bool:
    return host == suffix or host.endswith(f".{suffix}")


@cache
def _known() -> dict[str, Any]:
    return tomllib.loads(files(__package__).joinpath("known.toml").read_text(encoding="utf-8"))
