"""Two workers, one grant; two reviewers, one signature: committed rows and real threads."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connections

from apps.common.clock import database_now
from apps.common.errors import DomainError
from apps.crm.session import open_org
from apps.ledger import selectors as ledger
from apps.reviews import services, tasks
from tests.cast import Cast, make_cast
from tests.fakes.sandbox import RunningSandbox
from tests.reviews.made_up import (
    add_account,
    add_app,
    add_token,
    decided,
    factor_for,
    finished,
    make_connection,
    make_snapshot,
    opened,
    small_snapshot,
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def stage(transactional_db: None) -> Cast:
    """A committed cast with tenants of its own."""
    return make_cast()


def _at_once(*acts: Callable[[], object]) -> list[object]:
    """What each act returned or raised, all begun at the same moment."""
    barrier = Barrier(len(acts))

    def run(act: Callable[[], object]) -> object:
        barrier.wait()
        try:
            return act()
        except DomainError as error:
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def test_two_workers_revoke_a_grant_once(stage: Cast, sandbox: RunningSandbox) -> None:
    with stage.at_acme():
        connection = make_connection(sandbox)
    with open_org(tenant_id=stage.acme.pk, connection_id=connection.pk) as org:
        [row] = list(
            org.query(
                "SELECT DeleteToken, UserId FROM OauthToken WHERE AppName = 'Heroku Sync' LIMIT 1"
            )
        )
    with stage.at_acme() as alice:
        snapshot = make_snapshot(connection)
        add_account(snapshot, row["UserId"])
        add_account(snapshot)
        add_app(snapshot, "Heroku Sync")
        add_token(snapshot, row["DeleteToken"], app_name="Heroku Sync", user_id=row["UserId"])
        campaign = opened(alice, snapshot)
        [item] = campaign.items.all()
    with stage.at_acme("rita") as rita:
        decided(rita, item)
        finished(rita, campaign)
    told = {"tenant_id": str(stage.acme.pk), "item_id": str(item.pk)}
    _at_once(*[lambda: tasks.carry_out(**told)] * 3)
    with stage.at_acme():
        item.refresh_from_db()
        actions = [event.action for event in ledger.list_path_of(item)]
    assert (item.remediation, item.calls) == ("executed", 1)
    assert actions.count("reviews.item.revocation_sent") == 1
    assert actions.count("reviews.item.revocation_executed") == 1


def test_a_decision_and_a_signature_at_once_never_mix(stage: Cast) -> None:
    """Either the decision came first and the factor no longer fits, or it came too late."""
    with stage.at_acme() as alice:
        campaign = opened(alice, small_snapshot(make_connection()))
        item = campaign.items.get(position=1)
    with stage.at_acme("rita") as rita:
        factor = factor_for(rita, campaign, silence=True)

    def decide() -> object:
        with stage.at_acme("rita") as rita:
            return decided(rita, item)

    def sign() -> object:
        with stage.at_acme("rita") as rita:
            return services.finish_review(
                actor=rita,
                campaign_id=campaign.pk,
                factor=factor,
                now=database_now(),
                silence_is_kept=True,
            )

    outcomes = _at_once(decide, sign)
    assert sum(isinstance(outcome, DomainError) for outcome in outcomes) == 1
    with stage.at_acme():
        campaign.refresh_from_db()
        item.refresh_from_db()
        signed = campaign.state == "closed"
        assert item.decision == ("no_response" if signed else "revoke")
