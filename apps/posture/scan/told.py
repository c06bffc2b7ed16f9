"""A report in words, for a terminal."""

from collections import Counter
from collections.abc import Iterator

from .findings import Report
from .hosts import reviewed_on
from .rules import Level

_ORDER: tuple[Level, ...] = ("error", "warning", "note")


def lines_of(report: Report) -> Iterator[str]:
    """Findings by weight and place, then the addresses by host, then the sum."""
    for level in _ORDER:
        for found in report.findings:
            if found.level == level:
                where = f"{found.place.path}:{found.place.line}:{found.place.column}"
                yield _plain(f"{where}: {level}: {found.message} [{found.rule_id}]")
    hosts: dict[str, set[str]] = {}
    for address in report.addresses:
        hosts.setdefault(address.host, set()).add(address.place.path)
    called = {address.host for address in report.addresses if address.called}
    if hosts:
        yield f"\n{_counted(len(hosts), 'address', 'addresses')} outside the org:"
    for address in {found.host: found for found in report.addresses}.values():
        where = "jurisdiction unknown"
        if address.jurisdiction:
            where = f"{address.jurisdiction} ({address.basis})"
        model = ", model provider" if address.is_llm else ""
        way = "through the gateway" if address.through_gateway == "yes" else "past the gateway"
        way = way if address.host in called else "only named"
        yield f"  {address.host}  {where}{model}, {way}, in {_files(hosts[address.host])}"
    if hosts:
        yield f"  Whose they are is as of {reviewed_on()}; a seat is no place of processing."
    counts = Counter(found.level for found in report.findings)
    said = ", ".join(_counted(counts[level], level) for level in _ORDER)
    yield f"\n{_counted(report.files, 'file')} read: {said}."


def _files(paths: set[str]) -> str:
    return _counted(len(paths), "file")


def _counted(number: int, one: str, many: str = "") -> str:
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"


def _plain(line: str) -> str:
    """Without what a file's name or text could make a terminal do."""
    return "".join(character if character.isprintable() else "?" for character in line)
