"""Which addresses an org's host may have, judged for the very connection that is made."""

import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from apps.crm import errors
from apps.crm.client import reaching
from apps.crm.client.transport import OrgSession
from apps.crm.session import open_org
from tests.cast import Cast
from tests.crm import orgs
from tests.fakes.sandbox import RunningSandbox

HOST = "acme.my.salesforce.com"
WITHIN = (
    "127.0.0.1", "10.1.2.3", "172.16.0.9", "192.168.1.1", "169.254.169.254", "100.64.0.1",
    "0.0.0.0", "224.0.0.1", "::1", "fd00::1", "fe80::1%eth0", "::ffff:10.0.0.1",
    "64:ff9b::7f00:1", "2002:a00:1::", "64:ff9b:1::a00:1", "::10.0.0.1", "fec0::1", "5f00::1",
)  # fmt: skip
ORGS = (HOST, "org.internal", "localhost")
Names = Callable[..., None]


@pytest.fixture
def dialled(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Addresses to which a connection was tried; none is made."""
    tried: list[str] = []

    def refuse(address: tuple[str, int], *_: object, **__: object) -> socket.socket:
        tried.append(address[0])
        raise ConnectionRefusedError

    monkeypatch.setattr(reaching, "create_connection", refuse)
    yield tried


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Names:
    """Name servers that answer with these addresses, one answer after the other."""

    def answer(*answers: list[str]) -> None:
        waiting, real = list(answers), socket.getaddrinfo

        def resolve(host: str, port: int, *rest: Any, **named: Any) -> Any:
            if host not in ORGS:
                return real(host, port, *rest, **named)
            told = waiting.pop(0) if len(waiting) > 1 else waiting[0]
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, port)) for each in told]

        monkeypatch.setattr(socket, "getaddrinfo", resolve)

    return answer


def ask(*, host: str = HOST, reach: reaching.Reach = "public") -> None:
    with OrgSession(host, reach=reach) as session:
        session.get(f"https://{host}/services/oauth2/token")


@pytest.mark.parametrize("address", WITHIN)
def test_a_public_host_inside_ones_own_network_is_not_connected_to(
    dialled: list[str], names: Names, address: str
) -> None:
    for told in ([address], ["8.8.8.8", address]):  # one among several is enough
        names(told)
        with pytest.raises(errors.PathRefused, match="inside your own network"):
            ask()
    assert dialled == []


@pytest.mark.parametrize("address", ["8.8.8.8", "2001:4860:4860::8888", "169.254.169.254"])
def test_a_private_path_to_another_address_is_not_connected_to(
    dialled: list[str], names: Names, address: str
) -> None:
    names(["10.0.0.4", address])
    with pytest.raises(errors.PathRefused, match="public address"):
        ask(reach="private")
    assert dialled == []


def test_the_address_connected_to_is_the_one_that_was_judged(
    dialled: list[str], names: Names
) -> None:
    names(["8.8.8.8"], ["10.0.0.1"])  # a second look would find another
    with pytest.raises(errors.Unreachable):
        ask()
    assert dialled == ["8.8.8.8"]
    with pytest.raises(errors.PathRefused):
        ask()
    assert dialled == ["8.8.8.8"]


def test_a_listed_host_may_lie_inside_but_not_beside_the_machine(
    dialled: list[str], names: Names, settings: Settings
) -> None:
    settings.EXTRA_ORG_HOSTS = ["org.internal:8443"]
    names(["10.0.0.1"])
    with pytest.raises(errors.Unreachable):
        ask(host="org.internal:8443")
    names(["169.254.169.254"])
    with pytest.raises(errors.PathRefused):
        ask(host="org.internal:8443")
    assert dialled == ["10.0.0.1"]


@pytest.mark.django_db
def test_a_name_that_moves_between_check_and_call_gets_nothing(
    cast: Cast, sandbox: RunningSandbox, monkeypatch: pytest.MonkeyPatch, names: Names
) -> None:
    connection = orgs.check(cast, orgs.connect(cast, sandbox))
    assert connection.state == "healthy"
    before = sandbox.state()["api_calls"]
    names(["169.254.169.254"])
    with (
        pytest.raises(errors.PathRefused),
        open_org(tenant_id=cast.acme.pk, connection_id=connection.pk) as org,
    ):
        org.count("SELECT COUNT() FROM Case")
    monkeypatch.undo()
    assert sandbox.state()["api_calls"] == before
