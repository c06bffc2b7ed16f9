"""The controls that a pack speaks for, each with its checks' last results."""

from apps.evidence.pack.content import RESULTS as ORDER
from apps.evidence.pack.content import Bar, Chart, Checked, ControlResult, Finding, Section, Table
from apps.evidence.sections.brief import Brief
from apps.evidence.sections.results import worst

MOST_CHECKS, MOST_FINDINGS = 200, 60


def write(brief: Brief) -> Section:
    """One row a control, what was checked about it, and first of all what is not in order.

    A check that never ran has checked nothing: its control stands in the table, as unknown.
    """
    say, controls = brief.say, brief.controls
    checked = tuple(
        Checked(
            what=f"{control.id}: {say.choice('check', check.name, check.question)}",
            by=say("by.checks"),
            result=check.result,
            note=f"{check.sentence} ({brief.moment(check.at)})",
        )
        for control in controls
        for check in control.checks
        if check.at
    )
    return Section(
        heading=say("controls.heading"),
        summary=say("controls.summary", controls=say.counted(len(controls), "control")),
        result=worst(control.result for control in controls),
        exceptions=_findings(brief),
        checked=checked[:MOST_CHECKS],
        charts=(_chart(brief),) if controls else (),
        tables=(
            Table(
                caption=say("controls.caption"),
                columns=brief.columns("controls.columns"),
                rows=tuple((c.id, _title(brief, c), say(f"result.{c.result}")) for c in controls),
            ),
        ),
    )


def _findings(brief: Brief) -> tuple[Finding, ...]:
    """One for each control that is not in order; those never looked at are told in one breath."""
    never = [c for c in brief.controls if all(check.at is None for check in c.checks)]
    found = [_finding(brief, c) for c in brief.controls if c.result != "good" and c not in never]
    if never:
        counted = brief.say.counted(len(never), "control")
        found.append(
            Finding(
                what=brief.say("controls.never", controls=counted),
                result="unknown",
                detail=", ".join(control.id for control in never),
            )
        )
    return tuple(found[-MOST_FINDINGS:])


def _finding(brief: Brief, control: ControlResult) -> Finding:
    said = dict.fromkeys(check.sentence for check in control.checks if check.result != "good")
    return Finding(
        what=f"{control.id}: {_title(brief, control)}",
        result=control.result,
        detail=" ".join(said)[:600],
    )


def _title(brief: Brief, control: ControlResult) -> str:
    return brief.say.choice("control", control.id, control.title)


def _chart(brief: Brief) -> Chart:
    bars = tuple(
        Bar(
            label=brief.say(f"result.{result}"),
            value=sum(control.result == result for control in brief.controls),
            result=result,
        )
        for result in ORDER
    )
    return Chart(caption=brief.say("controls.chart"), bars=bars)
