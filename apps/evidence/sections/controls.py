"""The controls that a pack speaks for, each with its checks' last results."""

from apps.evidence.pack.content import RESULTS as ORDER
from apps.evidence.pack.content import Bar, Chart, Checked, ControlResult, Finding, Section, Table
from apps.evidence.sections.brief import Brief
from apps.evidence.sections.results import worst

MOST_CHECKS, MOST_FINDINGS = 200, 60


def write(brief: Brief) -> Section:
    """One row a control, what was checked about it, and first of all what is not in order."""
    say, controls = brief.say, brief.controls
    checked = tuple(
        Checked(
            what=f"{control.id}: {check.question}",
            by=say("by.checks"),
            result=check.result,
            note=f"{check.sentence} ({brief.moment(check.at)})" if check.at else check.sentence,
        )
        for control in controls
        for check in control.checks
    )
    return Section(
        heading=say("controls.heading"),
        summary=say("controls.summary", controls=say.counted(len(controls), "control")),
        result=worst(control.result for control in controls),
        exceptions=tuple(_finding(each) for each in controls if each.result != "good")[
            :MOST_FINDINGS
        ],
        checked=checked[:MOST_CHECKS],
        charts=(_chart(brief),) if controls else (),
        tables=(
            Table(
                caption=say("controls.caption"),
                columns=brief.columns("controls.columns"),
                rows=tuple((c.id, c.title, say(f"result.{c.result}")) for c in controls),
            ),
        ),
    )


def _finding(control: ControlResult) -> Finding:
    open_ones = [check.sentence for check in control.checks if check.result != "good"]
    return Finding(
        what=f"{control.id}: {control.title}",
        result=control.result,
        detail=" ".join(open_ones)[:600],
    )


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
