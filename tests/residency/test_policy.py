"""Drafting and publishing: what it takes, what is refused, what can never change afterwards."""

from uuid import uuid4

import pytest
from django.db import DatabaseError, transaction

from apps.accounts import services as accounts
from apps.accounts.errors import FactorRefused
from apps.common.clock import database_now
from apps.common.errors import Conflict, Denied, Invalid, NotFound
from apps.ledger import selectors as ledger
from apps.residency import drafting, selectors, services
from apps.residency.compiled import hash_of
from apps.residency.decide import Flow, decide
from apps.residency.errors import PolicyMoved, PolicyUnreadable
from apps.residency.models import FieldClass, FlowRule, PolicyVersion, Zone
from apps.residency.rules import RuleInput, add_rule, remove_rule
from tests.cast import Cast, code_for
from tests.residency.made import a_zone, classify, permit, publish_now


def test_a_published_policy_decides_and_is_recorded(cast: Cast) -> None:
    with cast.at_acme("alice") as alice:
        zone = a_zone(alice, "EU", "DE", "fr ")
        classify(alice, "fit", "Subject")
        permit(alice, "Fit to EU", "fit", "allow", zone.pk)
        flow = Flow("Case", ("Subject",), ("DE",), "case-summary", str(zone.pk))
        assert decide(flow, selectors.compiled_policy()).rules == ("no-policy",)
        version = publish_now(alice)
        verdict = decide(flow, selectors.compiled_policy())
        assert (verdict.effect, verdict.policy_hash) == ("allow", version.content_hash)
        event = ledger.list_events(action="residency.policy.published").get()
        assert ledger.data_of(event)["hash"] == version.content_hash
        assert version.published_by == alice


def test_a_change_decides_nothing_before_it_is_published(cast: Cast) -> None:
    with cast.at_acme("alice") as alice:
        zone = a_zone(alice, "EU", "DE")
        classify(alice, "fit", "Subject")
        permit(alice, "To Germany", "fit", "allow", None, "DE")
        publish_now(alice)
        flow = Flow("Case", ("Subject",), ("DE",), "case-summary", str(zone.pk))
        services.change_zone(
            actor=alice, zone_id=zone.pk, jurisdictions=["DE", "US"], now=database_now()
        )
        classify(alice, "never", "Subject")
        assert decide(flow, selectors.compiled_policy()).effect == "allow"
        lines = drafting.difference(selectors.current_version(), drafting.content_of_draft())
        assert lines == [
            "Zone changed: EU (DE) becomes: EU (DE, US)",
            "Field changed: Case.Subject: fit for models becomes: Case.Subject: never leaves",
        ]
        publish_now(alice)
        assert decide(flow, selectors.compiled_policy()).rules == ("never-leaves",)


def test_publishing_needs_a_factor_for_exactly_this_content(cast: Cast) -> None:
    with cast.at_acme("alice") as alice:
        a_zone(alice, "EU", "DE")
        now = database_now()
        shown = hash_of(drafting.content_of_draft())
        factor = accounts.prove(
            user=alice, code=code_for(alice), decision=services.PUBLISH, subject=shown, now=now
        )
        classify(alice, "fit", "Subject")
        with pytest.raises(PolicyMoved):
            services.publish(actor=alice, content_hash=shown, factor=factor, now=now)
        moved = hash_of(drafting.content_of_draft())
        with pytest.raises(FactorRefused), transaction.atomic():
            services.publish(actor=alice, content_hash=moved, factor=factor, now=now)
        assert selectors.current_version() is None
        assert selectors.compiled_policy() is None


def test_publishing_nothing_is_refused(cast: Cast) -> None:
    with cast.at_acme("alice") as alice:
        a_zone(alice, "EU", "DE")
        publish_now(alice)
        with pytest.raises(Conflict, match="Nothing has changed"):
            publish_now(alice)


def test_an_operator_may_not_change_the_policy(cast: Cast) -> None:
    with cast.at_acme("bob") as bob:
        with pytest.raises(Denied):
            a_zone(bob, "EU", "DE")
        with pytest.raises(Denied):
            classify(bob, "fit", "Subject")
        with pytest.raises(Denied):
            permit(bob, "x", "fit", "allow", None, "DE")
        with pytest.raises(Denied):
            remove_rule(actor=bob, name="x", now=database_now())
        assert not Zone.objects.exists() and not PolicyVersion.objects.exists()


@pytest.mark.parametrize(
    ("codes", "words"),
    [(["EU"], "list its members"), (["UK"], "is GB"), ([" "], "at least one"), (["D"], "ISO 3166")],
)
def test_a_zone_must_lie_in_real_countries(cast: Cast, codes: list[str], words: str) -> None:
    with cast.at_acme("alice") as alice:
        with pytest.raises(Invalid, match=words) as refused:
            a_zone(alice, "Somewhere", *codes)
        assert refused.value.field == "jurisdictions"
        assert not Zone.objects.exists()


def test_bad_rules_are_refused_with_the_field_that_is_wrong(cast: Cast) -> None:
    with cast.at_acme("alice") as alice:
        for rule, field in [
            (RuleInput(name="", data_class="fit", effect="deny"), "name"),
            (RuleInput(name="x", data_class="never", effect="deny"), "data_class"),
            (RuleInput(name="x", data_class="fit", effect="maybe"), "effect"),
            (RuleInput(name="x", data_class="fit", effect="deny", purpose="fun"), "purpose"),
            (RuleInput(name="x", data_class="fit", effect="allow"), "destination_zone"),
            (
                RuleInput(name="x", data_class="fit", effect="deny", subject_jurisdictions=["ZZ"]),
                "subject_jurisdictions",
            ),
        ]:
            with pytest.raises(Invalid) as refused:
                add_rule(actor=alice, rule=rule, now=database_now())
            assert refused.value.field == field
        assert not FlowRule.objects.exists()


def test_two_zones_or_rules_of_one_name_are_refused(cast: Cast) -> None:
    with cast.at_acme("alice") as alice:
        a_zone(alice, "EU", "DE")
        with pytest.raises(Invalid, match="already"):
            a_zone(alice, "eu", "FR")
        permit(alice, "to-de", "fit", "allow", None, "DE")
        with pytest.raises(Invalid, match="already"):
            permit(alice, "To DE", "fit", "allow", None, "DE")


def test_another_tenants_zone_cannot_be_named(cast: Cast) -> None:
    with cast.at_globex() as mallory:
        theirs = a_zone(mallory, "Theirs", "US")
    with cast.at_acme("alice") as alice:
        with pytest.raises(NotFound):
            permit(alice, "to-theirs", "fit", "allow", theirs.pk)
        with pytest.raises(NotFound):
            services.change_zone(
                actor=alice, zone_id=theirs.pk, jurisdictions=["DE"], now=database_now()
            )
        with pytest.raises(NotFound):
            selectors.get_zone(zone_id=uuid4())


def test_the_database_refuses_to_change_a_published_version(cast: Cast) -> None:
    with cast.at_acme("alice") as alice:
        permit(alice, "to-de", "fit", "allow", None, "DE")
        version = publish_now(alice)
        rule = selectors.list_rules(version)[0]
        for act in (
            lambda: PolicyVersion.objects.filter(pk=version.pk).update(number=9),
            lambda: FlowRule.objects.filter(pk=rule.pk).update(effect="deny"),
            rule.delete,
            version.delete,
            lambda: FlowRule.objects.create(
                version=version, order=99, name="late", data_class="fit", effect="deny"
            ),
        ):
            with pytest.raises(DatabaseError), transaction.atomic():
                act()


def test_a_new_draft_starts_with_the_rules_in_force(cast: Cast) -> None:
    with cast.at_acme("alice") as alice:
        permit(alice, "to-de", "fit", "allow", None, "DE")
        permit(alice, "to-fr", "fit", "allow", None, "FR")
        first = publish_now(alice)
        remove_rule(actor=alice, name="to-de", now=database_now())
        draft = selectors.current_draft()
        assert [rule.name for rule in selectors.list_rules(draft)] == ["to-fr"]
        assert len(selectors.list_rules(first)) == 2


def test_a_refused_publication_leaves_nothing_behind(cast: Cast) -> None:
    with cast.at_acme("alice") as alice:
        classify(alice, "fit", "Subject")
        now = database_now()
        factor = accounts.prove(
            user=alice, code=code_for(alice), decision="something.else", subject="x", now=now
        )
        shown = hash_of(drafting.content_of_draft())
        with pytest.raises(FactorRefused), transaction.atomic():
            services.publish(actor=alice, content_hash=shown, factor=factor, now=now)
        assert not ledger.list_events(action="residency.policy.published").exists()
        assert FieldClass.objects.count() == 1 and selectors.current_version() is None


def test_a_version_that_does_not_carry_its_hash_is_not_believed(cast: Cast) -> None:
    with cast.at_acme("alice") as alice:
        permit(alice, "to-de", "fit", "allow", None, "DE")
        version = publish_now(alice)
        with pytest.raises(PolicyUnreadable, match="not what was published"):
            selectors.compiled_version(cast.acme.pk, "0" * 64, version.number)
