"""What is kept of a place outside: its name, never what one signs in there with."""

from apps.ledger.anchoring.timestamping import TimestampAnchor


def test_a_password_in_a_services_address_is_not_part_of_its_name() -> None:
    anchor = TimestampAnchor("https://us:canary@stamps.example:8443/tsa?key=canary", roots=[])
    assert anchor.place == "stamps.example:8443"
