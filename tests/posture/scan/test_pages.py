"""What the scan finds in Lightning, Aura and Visualforce."""

from tests.posture.scan.made_up import RANDOM, scanned, told


def test_calls_of_a_component_are_found_and_links_for_people_are_not() -> None:
    script = (
        "const BASE = 'https://api.mistral.ai/v1';\nfetch(BASE);\n"
        "new WebSocket('wss://live.acme.fr');\nwindow.open('https://help.acme.fr');\n"
        "const help = 'https://docs.acme.fr';"
    )

    report = scanned({"lwc/chat/chat.js": script})

    assert told(report) == [("egress-llm", 2), ("egress-outside", 3)]
    assert [found.jurisdiction for found in report.addresses if found.is_llm] == ["FR"]


def test_scripts_outside_of_bundles_belong_to_tools() -> None:
    assert scanned({"scripts/build.js": "fetch('https://api.openai.com')"}).files == 0


def test_a_minified_library_is_not_read_line_by_line() -> None:
    library = "var a=1;" * 4000 + "fetch('https://api.openai.com')"

    found = scanned({"lwc/lib/lib.js": library})
    assert told(found) == [("llm-mentioned", 1)], "named, for whether it is called is not read"


def test_a_page_that_loads_and_calls_is_found_at_its_own_line() -> None:
    page = (
        '<apex:page>\n<script src="https://cdn.acme.de/a.js"></script>\n<script>\n'
        "fetch('https://api.openai.com/v1');\n</script>\n<a href=\"https://acme.de\">x</a>\n"
        '<link rel="icon" href="https://acme.de/i.png"/>\n</apex:page>'
    )

    assert told(scanned({"pages/Chat.page": page})) == [("egress-outside", 2), ("egress-llm", 4)]


def test_a_secret_in_a_script_is_found() -> None:
    script = f"export default class A {{ apiKey = '{RANDOM}'; }}"

    assert told(scanned({"lwc/a/a.js": script})) == [("secret", 1)]
