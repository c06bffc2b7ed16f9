"""Records that are shared with visitors who never signed in.

Metadata API: meta_sharingrules.htm (SharingGuestRule).
"""

from pathlib import PurePosixPath

from apps.posture.scan.context import Context
from apps.posture.scan.findings import Place
from apps.posture.scan.rules import Level
from apps.posture.scan.xmltree import Node


def read_sharing_rules(root: Node, path: str, context: Context) -> None:
    """Each rule that shares records of an object with a site's guest user."""
    thing = PurePosixPath(path).name.partition(".")[0]
    for rule in root.all("sharingGuestRules"):
        access = rule.value("accessLevel")
        level: Level = "warning" if access.lower() == "read" else "error"
        which = "that match its criteria" if rule.all("criteriaItems") else "without any criteria"
        may = "read" if level == "warning" else f"read and change ({access or 'access not told'})"
        name = rule.value("fullName")
        said = f"Sharing rule {name} lets guests {may} records of {thing} {which}."
        place = Place(path, rule.line, rule.column)
        context.report.add("guest-access", place, said, subject=name, raised=level)
