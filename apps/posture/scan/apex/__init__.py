"""Apex: classes and triggers."""
