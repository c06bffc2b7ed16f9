"""Zones and policy over HTTP."""
