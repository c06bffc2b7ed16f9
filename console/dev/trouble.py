"""The one kind of error a person at the terminal is meant to read: a sentence and what to do."""

from __future__ import annotations


class Trouble(Exception):
    """Something on this machine is not as needed; the message says what and how to mend it."""
