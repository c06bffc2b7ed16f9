"""Talking to OpenAI-compatible servers; the only importer of `requests` in this app."""
