"""Posture's tables: approved scopes, findings, and metadata scans."""

from apps.posture.models.baseline import ScopeBaseline
from apps.posture.models.finding import Finding
from apps.posture.models.scan import Scan, ScanAddress, ScanFinding

__all__ = ["Finding", "Scan", "ScanAddress", "ScanFinding", "ScopeBaseline"]
