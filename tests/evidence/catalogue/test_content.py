"""The catalogue as loaded: complete, mapped to what exists, worded once."""

import re

import pytest

from apps.evidence.catalogue import registry
from apps.evidence.catalogue.content import (
    Control,
    controls,
    controls_serving,
    frameworks,
    get_requirement,
)
from apps.evidence.catalogue.purposes import PURPOSES, for_purpose
from apps.evidence.pack.content import RESULTS

COUNTS = {
    "IDN": 5, "CRM": 10, "SCP": 11, "RES": 9, "LLM": 11, "SYN": 7, "BRK": 12, "REV": 4,
    "LED": 6, "INC": 6, "EVD": 3, "OBL": 4, "MON": 3,
}  # fmt: skip
ANNEX_A = {"5": 37, "6": 8, "7": 14, "8": 34}  # ISO/IEC 27001:2022: controls in each theme


def test_every_control_is_there_once_and_in_order() -> None:
    expected = [f"{area}-{n}" for area, count in COUNTS.items() for n in range(1, count + 1)]
    assert list(controls()) == expected


@pytest.mark.parametrize("control", list(controls().values()), ids=lambda each: each.id)
def test_each_says_what_it_is_and_whom_it_serves(control: Control) -> None:
    assert control.title and control.statement.endswith(".")
    assert control.requirements
    assert len(set(control.requirements)) == len(control.requirements)


def test_every_requirement_that_is_titled_is_served() -> None:
    for framework in frameworks().values():
        for requirement in framework.requirements:
            assert controls_serving(requirement), f"no control serves {requirement.key}"


def test_numbers_of_annex_a_exist() -> None:
    for requirement in frameworks()["iso"].requirements:
        _, theme, number = requirement.number.split(".")
        assert 1 <= int(number) <= ANNEX_A[theme], requirement.number


def test_numbers_of_the_others_have_their_form() -> None:
    forms = {
        "gdpr": r"\d{1,2}(\(\d\))?(\([a-f]\))?",
        "nis2": r"2[13](\(\d\))(\([a-j]\))?",
        "rmf": r"(GOVERN|MAP|MEASURE|MANAGE)-\d\.\d{1,2}",
    }
    for code, form in forms.items():
        for requirement in frameworks()[code].requirements:
            assert re.fullmatch(form, requirement.number), requirement.key


def test_a_requirement_is_found_by_its_key_and_only_then() -> None:
    found = get_requirement("gdpr:32(1)(b)")
    assert found is not None and found.label == "Art. 32(1)(b)"
    assert get_requirement("gdpr:99") is None
    assert get_requirement("iso9000:1") is None


@pytest.mark.parametrize("purpose", [*PURPOSES, "period"])
def test_packs_speak_for_controls_that_exist(purpose: str) -> None:
    spoken = for_purpose(purpose)
    assert spoken and set(spoken) <= set(controls())
    assert set(PURPOSES.get(purpose, ())) <= set(spoken)


def test_at_least_twenty_checks_look_at_controls() -> None:
    checks = registry.all_checks()
    assert len(checks) >= 20
    assert {each.control for each in checks.values()} <= set(controls())


def test_the_order_of_results_is_the_packs() -> None:
    assert RESULTS == ("danger", "unknown", "attention", "good")
