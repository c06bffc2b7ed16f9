"""What real repositories taught the scan: what it must not miss, and what it must leave alone."""

import io
import zipfile

import pytest

from apps.posture.scan.findings import Report
from apps.posture.scan.run import scan_files
from apps.posture.scan.sources import SourceFile
from tests.posture.scan.made_up import OPENAI_KEY, RANDOM, scanned, told, xml

TRIGGER = "trigger T on Case (after insert) { Handler.handle(Trigger.new); }"
SENDER = """public with sharing class Sender {
    public static void post(String body) {
        HttpRequest asked = new HttpRequest();
        asked.setEndpoint(Config.url());
        asked.setBody(body);
    }
}"""


def handler(body: str) -> str:
    return f"public with sharing class Handler {{\n static void handle(List<Case> rows) {body}\n}}"


@pytest.mark.parametrize(
    "body",
    [
        "{ Sender.post(JSON.serialize(rows)); }",
        "{ String text = JSON.serialize(rows); Sender.post(text); }",
        "{ String text = JSON.serialize(rows); Sender s = new Sender(); s.post(text); }",
        "{ System.enqueueJob(new Sender(JSON.serialize(rows))); }",
    ],
)
def test_records_that_a_trigger_hands_on_to_a_class_that_sends_them_are_found(body: str) -> None:
    classes = {"triggers/T.trigger": TRIGGER, "classes/Handler.cls": handler(body)}

    alone = scanned(classes)
    together = scanned({**classes, "classes/Sender.cls": SENDER})

    assert "full-record" not in dict(told(alone))
    [found] = [each for each in together.findings if each.rule_id == "full-record"]
    assert (found.place.path, found.place.line) == ("classes/Handler.cls", 2)


def test_writing_through_system_database_is_seen_as_any_other_writing() -> None:
    body = "void go(List<Case> rows) { System.Database.insert(rows, AccessLevel.SYSTEM_MODE); }"
    head = "public without sharing class Writer"

    report = scanned({"classes/Writer.cls": f"{head} {{\n{body}\n}}"})

    assert told(report) == [("without-sharing", 1), ("system-mode", 2)]


def test_inherited_sharing_and_user_mode_are_no_finding() -> None:
    body = "List<Case> all() { return [SELECT Id FROM Case WITH USER_MODE ORDER BY Id]; }"

    report = scanned({"classes/Reads.cls": f"public inherited sharing class Reads {{ {body} }}"})

    assert not report.findings


@pytest.mark.parametrize(
    ("name", "value", "is_secret"),
    [
        ("TimeZoneSidKey", "America/Los_Angeles", False),
        ("LanguageLocaleKey", "en_US_POSIX_x1", False),
        ("key", "loggerSettingsPageLayout", False),
        ("apiKey", RANDOM, True),
        ("password", "Xq-Trumpet!Lamp", True),
    ],
)
def test_names_that_end_in_key_hold_a_secret_only_when_the_value_looks_like_one(
    name: str, value: str, is_secret: bool
) -> None:
    report = scanned({"classes/A.cls": f"class A {{ String {name} = '{value}'; }}"})

    assert [found.rule_id for found in report.findings] == ["secret"] * is_secret


@pytest.mark.parametrize(
    ("owner", "kind", "level"),
    [
        ("Case", "Text", ["warning"]),
        ("Case", "Checkbox", ["note"]),  # the platform cannot encrypt it
        ("Rule__mdt", "Text", []),  # settings, no records
    ],
)
def test_a_restricted_field_weighs_by_what_can_be_done_about_it(
    owner: str, kind: str, level: list[str]
) -> None:
    inside = f"<securityClassification>Restricted</securityClassification><type>{kind}</type>"

    report = scanned({f"objects/{owner}/fields/A__c.field-meta.xml": xml("CustomField", inside)})

    assert [found.level for found in report.findings] == level


def resource(name: str, text: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr(name, text)
    return made.getvalue()


def scanned_bytes(path: str, data: bytes) -> Report:
    return scan_files([SourceFile(path, data)])


def test_scripts_inside_a_zipped_static_resource_are_read() -> None:
    script = f"const chat = '{OPENAI_KEY}';\nfetch('https://api.openai.com/v1');\n"

    report = scanned_bytes("staticresources/Chat.resource", resource("js/chat.js", script))

    assert told(report) == [("secret", 1), ("egress-llm", 2)]
    assert report.findings[0].place.path == "staticresources/Chat.resource/js/chat.js"


def test_a_damaged_zip_in_a_static_resource_is_unknown() -> None:
    report = scanned_bytes("staticresources/Chat.resource", b"PK\x03\x04 and no more")

    assert told(report) == [("unreadable", 1)]


@pytest.mark.parametrize(
    ("query", "reads"),
    [
        ("SELECT Id FROM Case WHERE Id IN :ids", False),
        ("SELECT count() FROM Case", False),
        ("SELECT Name FROM Profile", False),
        ("SELECT Url__c FROM Endpoint__mdt", False),
        ("SELECT Id, (SELECT Id FROM Cases) FROM Account", False),
        ("SELECT Id, (SELECT Subject FROM Cases) FROM Account", True),
        ("SELECT Id, Owner.Name FROM Case", True),
        ("SELECT FIELDS(ALL) FROM Case LIMIT 9", True),
        ("SELECT MAX(Amount__c) FROM Case", True),
    ],
)
def test_a_query_past_field_security_is_told_when_it_gives_fields_of_records(
    query: str, reads: bool
) -> None:
    body = f"public with sharing class A {{ void go() {{ Object o = [{query}]; }} }}"

    assert told(scanned({"classes/A.cls": body})) == [("system-mode", 1)] * reads
