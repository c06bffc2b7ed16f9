"""Ranges beside ranges: what reaches beyond a zone."""

import pytest

from apps.posture.scopes.fencing import outside

EU = ("198.51.100.0/25", "198.51.100.128/25", "2001:db8::/32")


@pytest.mark.parametrize(
    ("told", "is_outside"),
    [
        ("198.51.100.0-198.51.100.255", False),  # over two networks that touch
        ("198.51.100.7-198.51.100.7", False),
        ("198.51.100.0-198.51.101.0", True),
        ("198.51.99.255-198.51.100.4", True),
        ("203.0.113.1-203.0.113.9", True),
        ("0.0.0.0-255.255.255.255", True),
        ("2001:db8::-2001:db8:ffff::", False),
        ("2001:db8::-2001:db9::", True),
        ("198.51.100.9-198.51.100.1", True),  # backwards tells nothing
        ("198.51.100.1-2001:db8::1", True),
        ("nonsense-", True),
        ("-", True),
    ],
)
def test_a_range_is_inside_only_as_a_whole(told: str, is_outside: bool) -> None:
    assert bool(outside([told], EU)) is is_outside


def test_without_networks_everything_is_outside() -> None:
    assert outside(["198.51.100.1-198.51.100.1"], ()) == ["198.51.100.1-198.51.100.1"]
