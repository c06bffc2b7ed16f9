"""Recognising secrets by their form. Only the kind is ever told, never the value.

The forms are those that the issuers publish for their keys, as secret scanners use them.
"""

import math
import re
from collections import Counter

_FORMS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(pattern))
    for kind, pattern in (
        ("private key", r"-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----"),
        ("Anthropic API key", r"\bsk-ant-[A-Za-z0-9_-]{20,}"),
        ("OpenAI API key", r"\bsk-(?:proj-|svcacct-)?[A-Za-z0-9_-]{20,}"),
        ("AWS access key", r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"),
        ("Google API key", r"\bAIza[0-9A-Za-z_-]{35}\b"),
        ("GitHub token", r"\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{22,})"),
        ("GitLab token", r"\bglpat-[A-Za-z0-9_-]{20,}"),
        ("Slack token", r"\bxox[abprs]-[A-Za-z0-9-]{10,}"),
        ("Slack webhook", r"hooks\.slack\.com/services/T[A-Z0-9]+/B[A-Z0-9]+/[A-Za-z0-9]{20,}"),
        ("Stripe key", r"\b[rs]k_live_[A-Za-z0-9]{20,}"),
        ("SendGrid key", r"\bSG\.[A-Za-z0-9_-]{20,}\.[A-Za-z0-9_-]{40,}"),
        ("Hugging Face token", r"\bhf_[A-Za-z0-9]{30,}"),
        ("Groq API key", r"\bgsk_[A-Za-z0-9]{40,}"),
        ("Salesforce session", r"\b00D[A-Za-z0-9]{12,15}![A-Za-z0-9_.]{40,}"),
        ("JSON Web Token", r"\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}"),
        ("password in an address", r"https?://[^/\s:@]+:[^/\s:@]{3,}@"),
        ("Bearer token", r"\b[Bb]earer\s+[A-Za-z0-9._~+/-]{24,}={0,2}"),
        ("Basic credentials", r"\b[Bb]asic\s+[A-Za-z0-9+/]{16,}={0,2}(?![\w ])"),
    )
)
_NAMES = re.compile(
    r"(?:api|access|auth|client|secret|private|consumer|encryption|signing|x)?[_\- ]*"
    r"(?:key|secret|token|passwd|password|pwd)(?:__c)?$",
    re.IGNORECASE,
)
_NO_SECRET_NAMES = re.compile(
    r"(?:public|consumer|primary|foreign|external|sort|cache|map|object|field|record|page|next|row|group|"
    r"label|type|unique|idempotency|site|sid|locale|encoding|language|timezone)"
    r"[_\- ]*(?:key|token)(?:__c)?$",
    re.IGNORECASE,
)
_PASSWORD = re.compile(r"(?:secret|passwd|password|pwd)(?:__c)?$", re.IGNORECASE)
_PLACEHOLDER = re.compile(
    r"(?:your|change.?me|placeholder|example|sample|dummy|fake|test|todo|redacted(?!-)|xxx+|\*\*\*+|"
    r"<[^>]+>|\{[!$0-9][^}]*\}|\.\.\.)",
    re.IGNORECASE,
)
SHORTEST = 12
LONGEST = 4_096  # a longer value is a document, not a secret that goes under a name
_LONGEST_NAME = 255
LEAST_BITS_PER_CHARACTER = 3.3


def is_placeholder(value: str) -> bool:
    """Whether a value only stands for a secret: nothing, stars, a merge field, "placeholder"."""
    value = value.strip()[:LONGEST]
    return not value or value == "*" * len(value) or bool(_PLACEHOLDER.search(value))


def secret_in(text: str) -> str:
    """The kind of secret that stands in the text by its form, or ""."""
    if len(text) < SHORTEST:
        return ""
    for kind, form in _FORMS:
        found = form.search(text)
        if found and not _PLACEHOLDER.search(found.group()[:LONGEST]):
            return kind
    return ""


def secret_named(name: str, value: str) -> str:
    """The kind of secret that a value is by its form, or by the name it goes under; or ""."""
    if kind := secret_in(value):
        return kind
    value, name = value.strip(), name[-_LONGEST_NAME:]
    if len(value) > LONGEST:
        return ""
    if not _NAMES.search(name) or _NO_SECRET_NAMES.search(name):
        return ""
    if len(value) < SHORTEST or " " in value or _PLACEHOLDER.search(value):
        return ""
    if value.startswith(("http://", "https://", "callout:", "/", "$")):
        return ""
    if not _PASSWORD.search(name) and not any(map(str.isdigit, value)):
        return ""  # identifiers in camel case go under names such as `key` everywhere
    return f"value of {name}" if _looks_random(value) else ""


def _looks_random(value: str) -> bool:
    """Words repeat letters and use one case; keys do not. Shannon entropy, bits a character."""
    kinds = sum(map(bool, (re.search(form, value) for form in ("[a-z]", "[A-Z]", "[0-9]"))))
    if kinds < 2:
        return False
    total = len(value)
    bits = -sum(n / total * math.log2(n / total) for n in Counter(value).values())
    return bits >= LEAST_BITS_PER_CHARACTER
