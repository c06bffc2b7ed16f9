"""What every reader is given: the report to write into, and how addresses are judged."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from tree_sitter import Node

from .effort import CHARACTERS_A_STEP, spend
from .findings import Address, Place, Report, Through
from .hosts import host_of, known_host, tool_of
from .secrets import secret_named


@dataclass(slots=True)
class Context:
    """One scan under way. `gateways` are hosts of the organisation's own gateway.

    `services` are external services and the named credential that each calls through, lower case.
    `callers` are classes that make HTTP requests, in lower case; `handed` whole records that were
    made text, with what is to be said and the classes that are given it.
    """

    gateways: frozenset[str] = frozenset()
    report: Report = field(default_factory=Report)
    credentials: dict[str, str] = field(default_factory=dict)
    services: dict[str, str] = field(default_factory=dict)
    callouts: list[tuple[Place, str]] = field(default_factory=list)
    callers: set[str] = field(default_factory=set)
    handed: list[tuple[Place, str, frozenset[str]]] = field(default_factory=list)

    def calls(self, url: str, place: Place, *, source: str) -> None:
        """An address that is called, or that something may call."""
        self._address(url, place, source=source, called=True)

    def mentions(self, url: str, place: Place, *, source: str) -> None:
        """An address that merely stands there."""
        self._address(url, place, source=source, called=False)

    def calls_unknown(self, place: Place, *, source: str, how: str) -> None:
        """A call whose address cannot be read."""
        self.report.add("egress-unknown", place, f"{source} calls {how}.")

    def check_secret(self, name: str, value: str, place: Place, *, source: str) -> bool:
        """Report a secret by kind and place. Its value goes nowhere."""
        spend(len(value) // CHARACTERS_A_STEP)
        kind = secret_named(name, value)
        if kind:
            where = f" in `{name}`" if name and kind != f"value of {name}" else ""
            self.report.add(
                "secret", place, f"{source} holds a secret{where}: {kind}.", subject=kind
            )
        return bool(kind)

    def check_tool(self, labels: Iterable[str], place: Place, *, source: str) -> None:
        """Report an integration tool that one of the labels speaks of."""
        tool = next(filter(None, map(tool_of, labels)), "")
        if tool:
            self.report.add("integration-tool", place, f"{source} belongs to {tool}.", subject=tool)

    def check_whole(self, error: Node | None, path: str, language: str, *, below: int = 0) -> None:
        """Report that a part of a file, if there is one, does not fit its grammar."""
        if error is not None:
            row, column = error.start_point
            line = row + 1 + below
            said = f"from line {line} on, part of it is not {language} that the grammar knows"
            self.report.could_not_read(path, said, line=line, column=column + 1)

    def _address(self, url: str, place: Place, *, source: str, called: bool) -> None:
        scheme, host = host_of(url)
        if not host:
            return
        known = known_host(host)
        through: Through = "yes" if host in self.gateways else "no"
        self.report.addresses.append(
            Address(
                place=place,
                host=host,
                scheme=scheme,
                source=source,
                called=called,
                provider=known.provider,
                is_llm=known.is_llm,
                jurisdiction=known.jurisdiction,
                basis=known.basis,
                through_gateway=through,
            )
        )
        if called and scheme in {"http", "ws"}:
            self.report.add(
                "egress-plain-http", place, f"{source} reaches {host} by {scheme}.", subject=host
            )
        if through == "no":
            self._judge(place, host, source=source, called=called)

    def _judge(self, place: Place, host: str, *, source: str, called: bool) -> None:
        known = known_host(host)
        whose = f"{known.provider} ({host})" if known.provider else host
        where = (
            f"jurisdiction {known.jurisdiction}, {known.basis}"
            if known.jurisdiction
            else ("jurisdiction unknown")
        )
        said = f"{source} {'calls' if called else 'names'} {whose}; {where}."
        if called:
            rule = "egress-llm" if known.is_llm else "egress-outside"
            self.report.add(rule, place, said, subject=host)
            self.check_tool([host], place, source=source)
        elif known.is_llm:
            self.report.add("llm-mentioned", place, said, subject=host)
