"""Reading a text by the forms of addresses and secrets alone, where no grammar can read it."""

from .context import Context
from .findings import Place
from .hosts import URL, host_of


def read_forms(path: str, data: bytes, context: Context, *, source: str) -> None:
    """Report each host once, and secrets of known form; what is called cannot be told.

    What a reader that gave the file up has found before is not said again.
    """
    hosts = {each.host for each in context.report.addresses if each.place.path == path}
    told = {
        each.place.line
        for each in context.report.findings
        if each.rule_id == "secret" and each.place.path == path
    }
    for number, line in enumerate(data.decode("utf-8", "replace").split("\n"), start=1):
        if number not in told:
            context.check_secret("", line, Place(path, number), source=source)
        for found in URL.finditer(line):
            _, host = host_of(found.group(0))
            if host and host not in hosts:
                hosts.add(host)
                place = Place(path, number, found.start() + 1)
                context.mentions(found.group(0), place, source=source)
