"""Masking: nothing masked is left in any field, and everything comes back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.sync.masking import mask

FIELDS = ("Subject", "Description", "SuppliedEmail")


def test_a_masked_value_is_hidden_in_the_other_fields_as_well() -> None:
    record = {
        "Subject": "Mail for ada@example.org",
        "Description": "ADA@example.org and ada@EXAMPLE.org",
        "SuppliedEmail": "ada@example.org",
    }
    masked = mask(record, fields=FIELDS, masked_fields=["SuppliedEmail"])
    assert masked.values == {
        "SuppliedEmail": "[[EMAIL_1]]",
        "Subject": "Mail for [[EMAIL_1]]",
        "Description": "[[EMAIL_1]] and [[EMAIL_1]]",
    }
    assert (
        masked.restored("Ask [[EMAIL_1]], not [[EMAIL_9]]")
        == "Ask ada@example.org, not [[EMAIL_9]]"
    )


@pytest.mark.parametrize(
    "text",
    [
        "write to ada.l+x@mail.example.co.uk",
        "write to ada@\u200bmail.example",
        "write to ada\uff20mail.example",
        "IBAN DE89 3704 0044 0532 0130 00 please",
        "call +49 (30) 901820-0 today",
        "call 030 901 820 44 today",
        "call (415) 555-9018 today",
    ],
)
def test_personal_data_in_free_text_is_masked_whatever_the_verdict(text: str) -> None:
    masked = mask({"Description": text}, fields=["Description"], masked_fields=[])
    assert masked.count == 1
    assert not any(
        part in masked.values["Description"] for part in ("ada", "3704", "9018", "901 8")
    )


def test_a_placeholder_in_the_record_itself_is_not_taken_for_ours() -> None:
    record = {"Subject": "[[EMAIL_1]] [[[X]]]", "SuppliedEmail": "ada@example.org"}
    masked = mask(record, fields=FIELDS, masked_fields=["SuppliedEmail"])
    assert "[[" not in masked.values["Subject"]
    assert "ada@" not in masked.restored(masked.values["Subject"])


def test_empty_fields_and_undeclared_ones_are_left_out() -> None:
    record = {"Subject": None, "Description": "x", "Secret": "y"}
    assert mask(record, fields=FIELDS, masked_fields=[]).values == {"Description": "x"}


@given(
    value=st.from_regex(r"[A-Za-z0-9]{3,12}", fullmatch=True),
    around=st.text(max_size=40),
)
def test_what_was_hidden_is_nowhere_in_what_is_sent(value: str, around: str) -> None:
    record = {"Name": value, "Description": f"{around} {value} {around}"}
    masked = mask(record, fields=["Name", "Description"], masked_fields=["Name"])
    visible = masked.values["Description"]
    for placeholder in masked.behind:
        visible = visible.replace(placeholder, " ")
    assert value.lower() not in visible.lower()
