"""Packs speak English and German, each in full."""

import re
import string
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from apps.breakglass.states import EndReason, State
from apps.changes.models import Proposal
from apps.changes.states import State as Change
from apps.crm.diagnosis.causes import CAUSES
from apps.crm.models import Connection, Snapshot, SnapshotApp
from apps.evidence.catalogue.registry import all_checks
from apps.evidence.pack.language import LANGUAGES, language
from apps.evidence.purposes import ALL
from apps.posture.models import Finding, Revocation
from apps.residency.models import DataClass, Effect, Purpose
from apps.reviews.models import CampaignState, Choice, Kind, Remediation, Risk
from apps.sync.models import Run
from apps.tenancy.roles import Role

ROOT = Path(__file__).resolve().parents[2]
CHOICES = {
    "connection": Connection.State,
    "snapshot": Snapshot.State,
    "app_kind": SnapshotApp.Kind,
    "run": Run.State,
    "effect": Effect,
    "data_class": DataClass,
    "flow_purpose": Purpose,
    "request": State,
    "end_reason": EndReason,
    "role": Role,
    "campaign": CampaignState,
    "grant_kind": Kind,
    "risk": Risk,
    "decision": Choice,
    "remediation": Remediation,
    "level": Finding.Level,
    "finding_state": Finding.State,
    "change": Change,
    "change_kind": Proposal.Kind,
    "revocation": Revocation.State,
    "revoked_of": Revocation.Of,
}


def texts(words: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, str]]:
    """Every text by its dotted key; the words of choices are apart, for models bring their own."""
    for name, value in words.items():
        if isinstance(value, Mapping):
            if before or name != "choice":
                yield from texts(value, f"{before}{name}.")
        elif isinstance(value, str):
            yield f"{before}{name}", value


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def test_no_text_lacks_a_german_one_and_both_have_the_same_places() -> None:
    english, german = (dict(texts(language(code).words)) for code in LANGUAGES)
    assert english.keys() == german.keys()
    assert {key for key in english if places(english[key]) != places(german[key])} == set()
    assert not [key for key in german if not german[key].strip()]


@pytest.mark.parametrize("kind", CHOICES)
def test_every_choice_has_german_words(kind: str) -> None:
    assert set(language("de").words["choice"][kind]) >= set(CHOICES[kind].values)


def test_every_cause_of_a_lockout_has_german_words() -> None:
    assert language("de").words["choice"]["cause"].keys() == CAUSES.keys()


def test_controls_that_packs_speak_for_have_german_words() -> None:
    known, checks = language("de").words["choice"], all_checks()
    assert known["check"].keys() == checks.keys()
    assert known["control"].keys() == {each.control for each in checks.values()}


def test_every_word_the_pages_ask_for_is_there() -> None:
    pages = (ROOT / "templates/evidence/pack").glob("*.html")
    asked = {key for page in pages for key in re.findall(r"\bw\.([a-z_.]+)", page.read_text())}
    assert asked
    assert asked <= dict(texts(language("en").words)).keys()


def test_every_purpose_has_words() -> None:
    for code in LANGUAGES:
        for purpose in ALL:
            assert language(code)(f"purpose.{purpose.code}")
            assert language(code)(f"purpose_short.{purpose.code}")
            assert all(language(code)(part.heading) for part in purpose.parts if part.heading)


def test_numbers_days_and_plurals_follow_the_language() -> None:
    english, german = language("en"), language("de")
    assert english.counted(1204, "event") == "1,204 events"
    assert german.counted(1204, "event") == "1.204 Ereignisse"
    assert german.counted(1, "event") == "1 Ereignis"
    assert english.day(date(2026, 3, 9)) == "9 March 2026"
    assert german.day(date(2026, 3, 9)) == "9. März 2026"


def test_a_missing_key_is_never_printed() -> None:
    with pytest.raises(KeyError):
        language("de")("cover.nothing")
    with pytest.raises(ValueError, match="'fr'"):
        language("fr")
