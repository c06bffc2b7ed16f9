"""Which addresses an endpoint may have."""

import pytest
from pytest_django.fixtures import Settings

from apps.common.errors import Invalid
from apps.llm.addresses import require_address


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("https://llm.example.org", "https://llm.example.org"),
        (" https://LLM.example.org/v1/ ", "https://llm.example.org"),
        ("https://10.1.2.3:8443", "https://10.1.2.3:8443"),
        ("https://[2001:db8::1]:9", "https://[2001:db8::1]:9"),
    ],
)
def test_an_https_address_is_kept_without_its_path(typed: str, kept: str) -> None:
    assert require_address(typed) == kept


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("", "is empty"),
        ("http://llm.example.org", "begin with https"),
        ("ftp://llm.example.org", "begin with https"),
        ("llm.example.org", "not a URL"),
        ("https://me:secret@llm.example.org", "user name or password"),
        ("https://@llm.example.org", "user name or password"),
        ("https://llm.example.org/openai", "without a path"),
        ("https://llm.example.org?x=1", "without a path"),
        ("https://localhost", "this machine's own"),
        ("https://127.0.0.1:8000", "this machine's own"),
        ("https://[::1]", "this machine's own"),
        ("https://169.254.169.254", "this machine's own"),
        ("https://localhost.", "this machine's own"),
        ("https://127.1", "this machine's own"),
        ("https://2130706433:8443", "this machine's own"),
        ("https://0x7f000001", "this machine's own"),
        ("https://0177.0.0.1", "this machine's own"),
        ("https://127.0.0.1.", "this machine's own"),
        ("https://[::ffff:127.0.0.1]", "this machine's own"),
        ("https://[::ffff:a9fe:a9fe]", "this machine's own"),
        ("https://llm.example.org:99999", "not a URL"),
        ("https://llm.exam ple.org", "not a URL"),
        ("https://" + "a" * 300, "characters"),
    ],
)
def test_any_other_address_is_refused_with_the_fix(typed: str, words: str) -> None:
    with pytest.raises(Invalid, match=words) as refused:
        require_address(typed)
    assert refused.value.field == "base_url"


def test_a_listed_demo_host_may_use_http_on_loopback_and_no_other_port(settings: Settings) -> None:
    settings.EXTRA_ENDPOINT_HOSTS = ["127.0.0.1:8201"]
    assert require_address("http://127.0.0.1:8201") == "http://127.0.0.1:8201"
    with pytest.raises(Invalid):
        require_address("http://127.0.0.1:8202")
