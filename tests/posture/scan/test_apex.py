"""What the scan finds in Apex, and what it leaves alone."""

import pytest

from tests.posture.scan.made_up import OPENAI_KEY, RANDOM, scanned, told


def apex(body: str, *, head: str = "public with sharing class Sender") -> dict[str, str]:
    return {"classes/Sender.cls": f"{head} {{\n{body}\n}}"}


def call(address: str) -> str:
    return f"void go() {{ HttpRequest r = new HttpRequest(); r.setEndpoint({address}); }}"


@pytest.mark.parametrize(
    "address", ["'https://api.openai.com/v1'", "BASE + '/v1'", "this.url", "String.format(BASE, a)"]
)
def test_a_call_to_a_model_provider_is_found_however_the_address_is_kept(address: str) -> None:
    keep = "static final String BASE = 'https://api.openai.com'; String url = BASE;"

    report = scanned(apex(f"{keep}\n{call(address)}"))

    assert ("egress-llm", 3) in told(report)
    assert {found.host for found in report.addresses} == {"api.openai.com"}


def test_a_call_through_the_gateway_is_listed_and_no_finding() -> None:
    report = scanned(apex(call("'https://ai.acme.example.net/v1'")), gateways=("ai.acme.de",))
    ours = scanned(apex(call("'https://ai.acme.de/v1'")), gateways=("ai.acme.de",))

    assert not report.findings
    assert not ours.findings
    assert [found.through_gateway for found in ours.addresses] == ["yes"]


def test_a_callout_by_name_goes_where_its_credential_says() -> None:
    credential = (
        "<NamedCredential><endpoint>https://ai.acme.de</endpoint><protocol>Jwt</protocol>"
        "</NamedCredential>"
    )
    files = apex(call("'callout:Models/v1'"))

    alone = scanned(files)
    together = scanned(
        {**files, "namedCredentials/Models.namedCredential": credential}, gateways=("ai.acme.de",)
    )

    assert told(alone) == [("egress-unknown", 2)]
    assert "`Models`" in alone.findings[0].message
    assert not together.findings


def test_an_address_made_while_running_is_unknown_not_fine() -> None:
    report = scanned(apex(call("config.Endpoint__c")))

    assert told(report) == [("egress-unknown", 2)]
    assert "config.Endpoint__c" in report.findings[0].message


def test_names_of_formats_and_the_platform_itself_are_no_egress() -> None:
    report = scanned(
        apex(
            "String a = 'http://www.w3.org/2001/XMLSchema'; String b = 'https://x.my.salesforce.com';"
        )
    )

    assert not report.findings
    assert not report.addresses


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        (f"String anything = '{OPENAI_KEY}';", "OpenAI API key"),
        (f"String apiKey = '{RANDOM}';", "value of apiKey"),
        (f"void go() {{ r.setHeader('x-api-key', '{RANDOM}'); }}", "value of x-api-key"),
        (f"Object m = new Map<String, String>{{'password' => '{RANDOM}'}};", "value of password"),
    ],
)
def test_a_secret_is_told_by_kind_and_place_and_never_by_value(line: str, kind: str) -> None:
    report = scanned(apex(line))

    assert told(report) == [("secret", 2)]
    assert report.findings[0].subject == kind
    assert RANDOM not in repr(report)
    assert OPENAI_KEY not in repr(report)


@pytest.mark.parametrize(
    "line",
    [
        "String apiKey = 'your-api-key-here';",
        "String password = 'Password__c';",
        "String sortKey = 'aB3dE5gH7jK9mN1p';",
        "String token = 'Please sign in again';",
        "String label = 'sk-ip';",
    ],
)
def test_placeholders_names_and_words_are_no_secrets(line: str) -> None:
    assert not scanned(apex(line)).findings


def test_whole_records_sent_out_by_a_trigger_are_found() -> None:
    trigger = "\n".join(
        (
            "trigger Leak on Case (after insert) {",
            "HttpRequest r = new HttpRequest();",
            "r.setEndpoint('https://hooks.acme.fr/in');",
            "r.setBody(JSON.serialize(Trigger.new));",
            "}",
        )
    )

    assert ("full-record", 4) in told(scanned({"triggers/Leak.trigger": trigger}))


def test_records_that_were_read_with_chosen_fields_are_not_whole() -> None:
    whole = "void go(List<Case> rows) { r.setBody(JSON.serialize(rows)); }"
    chosen = (
        "void go() { List<Case> rows = [SELECT Id FROM Case WITH USER_MODE];"
        " r.setBody(JSON.serialize(rows)); }"
    )
    address = call("'https://hooks.example.io'")

    assert "full-record" in dict(told(scanned(apex(f"{whole}\n{address}"))))
    assert "full-record" not in dict(told(scanned(apex(f"{chosen}\n{address}"))))


def test_code_that_ignores_sharing_is_found_where_it_touches_records() -> None:
    touching = apex(
        "List<Case> a = [SELECT Id FROM Case WITH USER_MODE];", head="without sharing class S"
    )
    pure = apex("Integer add(Integer a) { return a + 1; }", head="without sharing class S")

    assert told(scanned(touching)) == [("without-sharing", 1)]
    assert not scanned(pure).findings


@pytest.mark.parametrize(
    ("body", "loose"),
    [
        ("void go() { List<Case> a = [SELECT Subject FROM Case]; }", True),
        ("void go() { insert a; }", True),
        ("void go() { Database.query(soql); }", True),
        ("void go() { List<Case> a = [SELECT Subject FROM Case WITH SECURITY_ENFORCED]; }", False),
        ("void go() { insert as user a; }", False),
        ("void go() { Database.query(soql, AccessLevel.USER_MODE); }", False),
        ("void go() { Security.stripInaccessible(t, [SELECT Id FROM Case]); }", False),
    ],
)
def test_fields_read_in_system_mode_are_noted_once_a_file(body: str, loose: bool) -> None:
    assert told(scanned(apex(body))) == ([("system-mode", 2)] if loose else [])


def test_what_tests_call_is_made_up_and_their_secrets_are_not() -> None:
    head = "@IsTest\nprivate class SenderTest"

    assert not scanned(apex(call("'https://api.openai.com'"), head=head)).findings
    assert told(scanned(apex(f"String k = '{OPENAI_KEY}';", head=head))) == [("secret", 3)]


@pytest.mark.parametrize(
    "text", ["", "// nothing\n", "/* nothing */", "\x00\x01", "public class {"]
)
def test_empty_broken_and_odd_files_never_stop_the_scan(text: str) -> None:
    assert scanned({"classes/Odd.cls": text, **apex(call("u"))}).files == 2


def test_a_class_made_of_a_wsdl_calls_its_endpoint() -> None:
    stub = (
        "public class Rates { public class Port {\n"
        "  public String endpoint_x = 'https://rates.acme.ch/soap';\n"
        "  public void get(String day) { WebServiceCallout.invoke(this, day, null, "
        "new String[]{ endpoint_x, '', 'ns', 'get' }); }\n} }"
    )
    assert told(scanned({"classes/Rates.cls": stub})) == [("egress-outside", 2)]


def test_a_call_to_the_org_itself_is_no_egress() -> None:
    text = (
        "public with sharing class Own { void go(HttpRequest r) {\n"
        "  String base = URL.getOrgDomainUrl().toExternalForm();\n"
        "  r.setEndpoint(base + '/services/data/v62.0/limits'); } }"
    )
    assert told(scanned({"classes/Own.cls": text})) == []


def test_what_a_method_is_given_is_unknown_whatever_its_name_holds_elsewhere() -> None:
    text = (
        "public with sharing class Two {\n"
        "  void own(HttpRequest r) { String url = 'https://a.acme.fr'; r.setEndpoint(url); }\n"
        "  void given(HttpRequest r, String url) { r.setEndpoint(url + '/x'); } }"
    )
    assert told(scanned({"classes/Two.cls": text})) == [
        ("egress-outside", 2),
        ("egress-unknown", 3),
    ]


def test_an_address_that_may_come_from_elsewhere_as_well_is_unknown_too() -> None:
    text = (
        "public with sharing class Maybe {\n"
        "  void go(HttpRequest r, Setting s) { String url = 'https://a.acme.fr';\n"
        "    if (s != null) { url = s.url(); }\n"
        "    r.setEndpoint(url); } }"
    )
    found = told(scanned({"classes/Maybe.cls": text}))
    assert found == [("egress-outside", 4), ("egress-unknown", 4)]


def test_an_address_built_up_in_many_steps_is_followed_once() -> None:
    steps = "\n".join(f"url = url + 'p{number}';" for number in range(300))
    text = (
        "public with sharing class Long { void go(HttpRequest r) {\n"
        f"String url = 'https://a.acme.fr/';\n{steps}\nr.setEndpoint(url); }} }}"
    )
    assert told(scanned({"classes/Long.cls": text})) == [("egress-outside", 303)]


def test_an_expression_may_nest_as_deeply_as_it_likes() -> None:
    deep = "(" * 5_000 + "'https://a.acme.fr'" + ")" * 5_000
    text = (
        f"public with sharing class Deep {{ void go(HttpRequest r) {{ r.setEndpoint({deep}); }} }}"
    )
    assert told(scanned({"classes/Deep.cls": text})) == [("egress-outside", 1)]
