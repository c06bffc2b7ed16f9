"""Reads a report the way a person does: the first failure."""

from apps.evidence.verify.report import Exit, Report


def failure(report: Report) -> tuple[Exit, str, str]:
    """The exit code, and what the first failed step said and where."""
    step = next(step for step in report.steps if step.outcome == "failed")
    return report.exit_code, step.said, step.where
