"""Custody's tables, each kind in a file of its own."""

from apps.custody.models.caller import TokenCaller
from apps.custody.models.datakey import DataKey, KeyWork, TenantKey
from apps.custody.models.signingkey import SigningKey
from apps.custody.models.subject import SubjectKey
from apps.custody.models.tokens import IssuedToken

__all__ = [
    "DataKey",
    "IssuedToken",
    "KeyWork",
    "SigningKey",
    "SubjectKey",
    "TenantKey",
    "TokenCaller",
]
