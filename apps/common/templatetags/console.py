"""`{% load console %}`: the parts that pages are made of. `templates/README.md` shows each one."""

from apps.common.templatetags import _data, _forms, _signs, _times
from apps.common.templatetags._library import register

__all__ = ["_data", "_forms", "_signs", "_times", "register"]
