"""Everything that a finished scan shows, put together once for its page and for the API."""

from dataclasses import dataclass
from datetime import date

from apps.posture.models import Scan, ScanFinding
from apps.posture.scan.hosts import reviewed_on
from apps.posture.scans import report, selectors
from apps.posture.scans.hosts import Host, hosts_of


@dataclass(frozen=True, slots=True)
class Seen:
    """`before` is the last finished scan of the same; `new_keys` and `gone` are beside it."""

    before: Scan | None
    hosts: list[Host]
    groups: list[report.Group]
    new_keys: frozenset[str]
    gone: list[ScanFinding]
    is_whole: bool
    sentence: str

    @property
    def totals(self) -> dict[str, int]:
        """Findings by weight."""
        return {
            level: sum(len(group.findings) for group in self.groups if group.level == level)
            for level in report.LEVELS
        }

    @property
    def reviewed_on(self) -> date:
        """As of when the table of providers tells whose an address is."""
        return reviewed_on()

    @property
    def new_count(self) -> int:
        """How many findings the scan before did not show."""
        return sum(group.new for group in self.groups)

    @property
    def past(self) -> int:
        """How many hosts data can reach without the gateway."""
        return sum(host.is_past_gateway for host in self.hosts)


def seen_by(scan: Scan) -> Seen:
    """What a finished scan saw, beside the scan before."""
    before = selectors.find_scan_before(scan)
    rows = list(ScanFinding.objects.filter(scan=scan))
    earlier = list(ScanFinding.objects.filter(scan=before)) if before else []
    known = frozenset(row.key for row in earlier) if before else None
    now = {row.key for row in rows}
    hosts = hosts_seen(scan)
    groups = report.groups_of(rows, known)
    return Seen(
        before=before,
        hosts=hosts,
        groups=groups,
        new_keys=frozenset(now - known) if known is not None else frozenset(),
        gone=report.gone_from(scan, [row for row in earlier if row.key not in now]),
        is_whole=report.is_whole(scan),
        sentence=report.sentence_of(scan, hosts, groups),
    )


def hosts_seen(scan: Scan) -> list[Host]:
    """The addresses of a scan, judged by the zone of its org."""
    zone = scan.connection.zone.jurisdictions if scan.connection else None
    return hosts_of(scan.addresses.all(), zone=zone)
