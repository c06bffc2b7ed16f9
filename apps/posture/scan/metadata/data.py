"""Fields and records: what is restricted but not encrypted, and secrets kept as data."""

from pathlib import PurePosixPath

from apps.posture.scan.context import Context
from apps.posture.scan.findings import Place
from apps.posture.scan.hosts import urls_in
from apps.posture.scan.rules import Level
from apps.posture.scan.xmltree import Node

RESTRICTED = frozenset({"Restricted", "MissionCritical"})
# Types that Shield Platform Encryption can encrypt (help.salesforce.com, "Which Custom Fields Can I
# Encrypt?"). What a restricted field of another type holds can only be kept elsewhere.
_ENCRYPTABLE = frozenset({
    "Text", "TextArea", "LongTextArea", "Html", "Email", "Phone", "Url", "Date", "DateTime", "",
})  # fmt: skip
_SETUP = ("__mdt",)  # settings of the org's own making; they hold no records


def read_object(root: Node, path: str, context: Context) -> None:
    """An object in metadata format carries all of its fields."""
    for field in root.all("fields"):
        read_field(field, path, context, owner=PurePosixPath(path).name.partition(".")[0])


def read_field(root: Node, path: str, context: Context, *, owner: str = "") -> None:
    """A field that is classified as restricted has to be encrypted; formulas hold nothing."""
    level = root.value("securityClassification")
    if level not in RESTRICTED or root.value("formula"):
        return
    scheme = root.value("encryptionScheme")
    if scheme not in {"", "None"} or root.value("type") == "EncryptedText":
        return
    parents = PurePosixPath(path).parts
    owner = owner or (parents[-3] if len(parents) >= 3 else "")
    name = root.value("fullName") or PurePosixPath(path).name.partition(".")[0]
    if owner.endswith(_SETUP):
        return
    where = root.find("securityClassification") or root
    said = f"{owner}.{name} is classified {level} and is not encrypted.".lstrip(".")
    place = Place(path, where.line, where.column)
    weight: Level = "warning" if root.value("type") in _ENCRYPTABLE else "note"
    context.report.add("field-unencrypted", place, said, subject=f"{owner}.{name}", raised=weight)


def read_custom_metadata(root: Node, path: str, context: Context) -> None:
    """Values of a custom metadata record: addresses that code reads, secrets that nobody should."""
    source = f"Custom metadata {PurePosixPath(path).name.removesuffix('-meta.xml')}"
    for row in root.all("values"):
        _read_value(row.value("field"), row.find("value"), path, context, source)


def read_custom_labels(root: Node, path: str, context: Context) -> None:
    """Texts of the org; some teams keep addresses and keys there."""
    for label in root.all("labels"):
        name = label.value("fullName")
        _read_value(name, label.find("value"), path, context, f"Custom label {name}")


def _read_value(name: str, value: Node | None, path: str, context: Context, source: str) -> None:
    if value is None or not value.text:
        return
    place = Place(path, value.line, value.column)
    if not context.check_secret(name, value.text, place, source=source):
        for url in urls_in(value.text):
            context.mentions(url, place, source=source)
