"""Posture's tables: purposes, approved scopes, findings, revocations, and metadata scans."""

from apps.posture.models.baseline import ScopeBaseline
from apps.posture.models.finding import Finding
from apps.posture.models.purpose import AppPurpose
from apps.posture.models.revocation import Revocation, RevokedGrant
from apps.posture.models.scan import Scan, ScanAddress, ScanFinding
from apps.posture.models.watch import LogComparison, VolumePolicy

__all__ = [
    "AppPurpose",
    "Finding",
    "LogComparison",
    "Revocation",
    "RevokedGrant",
    "Scan",
    "ScanAddress",
    "ScanFinding",
    "ScopeBaseline",
    "VolumePolicy",
]
