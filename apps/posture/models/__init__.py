"""Posture's tables: approved scopes, and findings."""

from apps.posture.models.baseline import ScopeBaseline
from apps.posture.models.finding import Finding

__all__ = ["Finding", "ScopeBaseline"]
