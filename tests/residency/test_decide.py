"""The decision point: what it refuses, and what it can never do."""

from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.residency.compiled import CompiledPolicy, compile_policy
from apps.residency.decide import Flow, decide

COUNTRIES = ["DE", "FR", "US", "CH"]
ZONES = [
    {"id": "eu", "name": "EU", "jurisdictions": ["DE", "FR"]},
    {"id": "us", "name": "US", "jurisdictions": ["US"]},
    {"id": "both", "name": "Both shores", "jurisdictions": ["DE", "US"]},
]
CLASSES = [
    {"object": "Case", "field": "Subject", "class": "fit"},
    {"object": "Case", "field": "SuppliedEmail", "class": "restricted"},
    {"object": "Case", "field": "Secret__c", "class": "never"},
]
FIELDS = ["Subject", "SuppliedEmail", "Secret__c", "Unheard__c"]
PURPOSES = ["case-summary", "emergency-access"]
STRICTNESS = {"allow": 0, "mask": 1, "deny": 2}


def a_rule(name: str, effect: str, **given: Any) -> dict[str, Any]:
    row = {"order": 1, "data_class": "any", "subjects": [], "purpose": "", "zone": None}
    return {**row, "jurisdictions": [], "name": name, "effect": effect, **given}


def a_policy(*rules: dict[str, Any], zones: list[dict[str, Any]] = ZONES) -> CompiledPolicy:
    content = {"v": 1, "purposes": PURPOSES, "zones": zones, "classes": CLASSES}
    return compile_policy({**content, "rules": list(rules)})


FIT_TO_EU = a_rule("fit-to-eu", "allow", data_class="fit", zone="eu")
MASK_TO_EU = a_rule(
    "restricted-masked", "mask", data_class="restricted", jurisdictions=["DE", "FR"]
)
FLOW = Flow("Case", ("Subject",), ("DE",), "case-summary", "eu")


def test_a_matching_permit_lets_a_fit_field_go() -> None:
    verdict = decide(FLOW, a_policy(FIT_TO_EU))
    assert (verdict.effect, verdict.rules) == ("allow", ("fit-to-eu",))
    assert "Case.Subject" in verdict.reasons[0]


def test_a_restricted_field_is_masked_and_named() -> None:
    flow = replace(FLOW, fields=("Subject", "SuppliedEmail"))
    verdict = decide(flow, a_policy(FIT_TO_EU, MASK_TO_EU))
    assert (verdict.effect, verdict.masked_fields) == ("mask", ("SuppliedEmail",))


def test_an_unclassified_field_counts_as_restricted() -> None:
    flow = replace(FLOW, fields=("Unheard__c",))
    assert decide(flow, a_policy(FIT_TO_EU)).effect == "deny"
    assert decide(flow, a_policy(MASK_TO_EU)).masked_fields == ("Unheard__c",)


@pytest.mark.parametrize(
    ("flow", "rule"),
    [
        (replace(FLOW, subject_jurisdictions=()), "unknown-jurisdiction"),
        (replace(FLOW, subject_jurisdictions=("DE", "EU")), "unknown-jurisdiction"),
        (replace(FLOW, destination_zone=None), "destination-without-zone"),
        (replace(FLOW, destination_zone="atlantis"), "destination-without-zone"),
        (replace(FLOW, purpose="curiosity"), "unknown-purpose"),
        (replace(FLOW, fields=()), "no-fields"),
        (replace(FLOW, fields=("Secret__c",)), "never-leaves"),
        (replace(FLOW, destination_zone="us"), "no-rule-matched"),
    ],
)
def test_whatever_is_unknown_or_unmatched_is_denied_by_name(flow: Flow, rule: str) -> None:
    verdict = decide(flow, a_policy(FIT_TO_EU))
    assert (verdict.effect, verdict.rules) == ("deny", (rule,))


def test_without_a_policy_nothing_leaves() -> None:
    assert decide(FLOW, None).rules == ("no-policy",)


def test_a_zone_that_lies_nowhere_known_is_denied() -> None:
    policy = a_policy(FIT_TO_EU, zones=[{"id": "eu", "name": "EU", "jurisdictions": ["XX"]}])
    assert decide(FLOW, policy).rules == ("unknown-jurisdiction",)


def test_never_fields_are_denied_even_by_a_permit_for_any_class() -> None:
    everything = a_rule("all-to-eu", "allow", zone="eu")
    assert decide(replace(FLOW, fields=("Secret__c",)), a_policy(everything)).effect == "deny"


def test_a_permit_must_cover_every_jurisdiction_of_the_place() -> None:
    german = a_rule("to-germany", "allow", jurisdictions=["DE"])
    assert decide(replace(FLOW, destination_zone="both"), a_policy(german)).effect == "deny"


def test_a_denial_needs_only_one_jurisdiction_of_the_place() -> None:
    rules = [a_rule("anywhere", "allow", jurisdictions=COUNTRIES)]
    rules.append(a_rule("not-to-us", "deny", jurisdictions=["US"]))
    verdict = decide(replace(FLOW, destination_zone="both"), a_policy(*rules))
    assert verdict.rules == ("not-to-us",)


def test_nothing_in_the_question_says_who_asks() -> None:
    """An emergency can widen who acts; it has no way to widen where data goes."""
    names = {field.name for field in fields(Flow)}
    assert names == {
        "object_name", "fields", "subject_jurisdictions", "purpose", "destination_zone"
    }  # fmt: skip


countries = st.lists(st.sampled_from(COUNTRIES), max_size=3, unique=True)
rule_rows: st.SearchStrategy[dict[str, Any]] = st.builds(
    dict,
    order=st.integers(1, 9),
    name=st.from_regex(r"r[0-9]{1,3}", fullmatch=True),
    data_class=st.sampled_from(["fit", "restricted", "any"]),
    subjects=countries,
    purpose=st.sampled_from(["", *PURPOSES]),
    zone=st.sampled_from([None, "eu", "us", "both", "gone"]),
    jurisdictions=countries,
    effect=st.sampled_from(["allow", "mask", "deny"]),
)
flows = st.builds(
    Flow,
    object_name=st.sampled_from(["Case", "Contact"]),
    fields=st.lists(st.sampled_from(FIELDS), max_size=3).map(tuple),
    subject_jurisdictions=st.lists(st.sampled_from([*COUNTRIES, "ZZ"]), max_size=2).map(tuple),
    purpose=st.sampled_from([*PURPOSES, "curiosity"]),
    destination_zone=st.sampled_from([None, "eu", "us", "both", "atlantis"]),
)
rule_lists = st.lists(rule_rows, max_size=6)


@settings(max_examples=300, deadline=None)
@given(flow=flows, rules=rule_lists, more=rule_rows)
def test_a_further_denial_never_loosens(
    flow: Flow, rules: list[dict[str, Any]], more: dict[str, Any]
) -> None:
    before = decide(flow, a_policy(*rules))
    after = decide(flow, a_policy(*rules, {**more, "effect": "deny"}))
    assert STRICTNESS[after.effect] >= STRICTNESS[before.effect]


@settings(max_examples=300, deadline=None)
@given(flow=flows, rules=rule_lists, field=st.sampled_from(FIELDS))
def test_a_further_field_or_person_never_loosens(
    flow: Flow, rules: list[dict[str, Any]], field: str
) -> None:
    policy = a_policy(*rules)
    wider = replace(flow, fields=(*flow.fields, field))
    if flow.fields:
        assert STRICTNESS[decide(wider, policy).effect] >= STRICTNESS[decide(flow, policy).effect]


@settings(max_examples=300, deadline=None)
@given(flow=flows, rules=rule_lists)
def test_nothing_passes_without_a_permit_that_covers_all_of_it(
    flow: Flow, rules: list[dict[str, Any]]
) -> None:
    verdict = decide(flow, a_policy(*rules))
    if not verdict.permits:
        return
    place = next(set(row["jurisdictions"]) for row in ZONES if row["id"] == flow.destination_zone)
    classes = {row["field"]: row["class"] for row in CLASSES if flow.object_name == row["object"]}
    for field in flow.fields:
        for subject in flow.subject_jurisdictions:
            assert any(
                rule["effect"] in ("allow", "mask")
                and rule["data_class"] in (classes.get(field, "restricted"), "any")
                and (not rule["subjects"] or subject in rule["subjects"])
                and rule["purpose"] in ("", flow.purpose)
                and rule["zone"] in (None, flow.destination_zone)
                and (not rule["jurisdictions"] or place <= set(rule["jurisdictions"]))
                and (rule["zone"] or rule["jurisdictions"])
                for rule in rules
            )


@settings(max_examples=200, deadline=None)
@given(flow=flows, rules=rule_lists)
def test_the_same_question_has_the_same_answer_in_any_order_of_fields(
    flow: Flow, rules: list[dict[str, Any]]
) -> None:
    turned = replace(flow, fields=flow.fields[::-1])
    assert decide(flow, a_policy(*rules)) == decide(turned, a_policy(*rules))


@settings(max_examples=200, deadline=None)
@given(one=rule_lists, other=rule_lists)
def test_the_hash_changes_exactly_with_the_content(
    one: list[dict[str, Any]], other: list[dict[str, Any]]
) -> None:
    assert (a_policy(*one).hash == a_policy(*other).hash) == (one == other)


def test_reasons_join_what_one_rule_treats_alike() -> None:
    wide = [{"id": "eu", "name": "EU", "jurisdictions": ["DE"]}]
    flow = Flow("Case", ("B__c", "A__c"), ("DE", "FR", "IT", "ES", "PT"), "case-summary", "eu")
    rule = a_rule("masked", "mask", data_class="restricted", zone="eu")
    assert decide(flow, a_policy(rule, zones=wide)).reasons == (
        "Case.A__c and Case.B__c are restricted and concern people in France, Germany, Italy and"
        " 2 more countries; the rule “masked” masks them on the way to EU (DE).",
    )
