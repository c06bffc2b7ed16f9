"""What must not reach a log although it is part of an address: the secrets of links."""

import logging
import re

_LINK = re.compile(r"(/packs/links/)[^/\s?]+")


class HideLinks(logging.Filter):
    """Replaces the secret of a link by dots, in the message and in its arguments."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg = _hidden(record.msg)
        if isinstance(record.args, tuple):
            record.args = tuple(map(_hidden, record.args))
        return True


def _hidden(value: object) -> object:
    return _LINK.sub(r"\1…", value) if isinstance(value, str) else value
