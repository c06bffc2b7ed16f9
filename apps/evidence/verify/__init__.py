"""Checks a sealed evidence pack with no Django, no database and no network."""
