"""A review of what the console itself read from an org, from the snapshot to the proof."""

from uuid import UUID

import pytest

from apps.common.clock import database_now
from apps.crm import services as crm
from apps.crm import tasks as crm_tasks
from apps.crm.inventory.names import DANGEROUS
from apps.crm.models import Snapshot
from apps.reviews import selectors, tasks
from apps.reviews.errors import SnapshotUnfit
from apps.reviews.models import Campaign, Item
from apps.reviews.risk import FAR_REACHING
from tests.cast import Cast
from tests.fakes.sandbox import RunningSandbox
from tests.reviews.made_up import decided, finished, make_connection, opened


def _read(cast: Cast, connection_id: UUID) -> Snapshot:
    with cast.at_acme("bob") as bob:
        snapshot = crm.take_snapshot(actor=bob, connection_id=connection_id, now=database_now())
    crm_tasks.read_snapshot(tenant_id=str(cast.acme.pk), snapshot_id=str(snapshot.pk))
    with cast.at_acme():
        snapshot.refresh_from_db()
    return snapshot


def _suggested(campaign: Campaign) -> dict[str, Item]:
    """One grant of each kind that the console would take away."""
    rows = campaign.items.filter(suggestion="revoke", protected="").order_by("-position")
    found = {item.kind: item for item in rows}
    assert all(item.handle for item in found.values())
    return found


def test_what_the_console_read_is_reviewed_revoked_and_proven(
    cast: Cast, sandbox: RunningSandbox
) -> None:
    with cast.at_acme():
        connection = make_connection(sandbox)
    snapshot = _read(cast, connection.pk)
    with cast.at_acme() as alice:
        campaign = opened(alice, snapshot)
        chosen = _suggested(campaign)
        assert set(chosen) == {"token", "permission_assignment"}
        legacy = chosen["permission_assignment"]
        assert "Modify All Data" in legacy.risk_reason
        own = campaign.items.filter(protected__startswith="The console itself")
        assert {item.subject_name for item in own} == {sandbox.info["username"]}
    with cast.at_acme("rita") as rita:
        for item in chosen.values():
            decided(rita, item)
        assert finished(rita, campaign).state == "remediating"
    for item in chosen.values():
        told = {"tenant_id": str(cast.acme.pk), "item_id": str(item.pk)}
        tasks.carry_out(**told)
        tasks.verify(**told)
    with cast.at_acme():
        campaign.refresh_from_db()
        assert selectors.progress_of(campaign).verified == 2
        assert campaign.state == "closed"
    again = _read(cast, connection.pk)
    with cast.at_acme() as alice:
        handles = {item.handle for item in opened(alice, again).items.all()}
        assert handles.isdisjoint({item.handle for item in chosen.values()})


def test_tokens_that_the_org_cuts_short_are_named_and_nothing_opens(
    cast: Cast, sandbox: RunningSandbox
) -> None:
    with cast.at_acme():
        connection = make_connection(sandbox)
    sandbox.fault("truncated_tokens", when="always")
    snapshot = _read(cast, connection.pk)
    with cast.at_acme() as alice, pytest.raises(SnapshotUnfit, match=r"OAuth tokens: .* were read"):
        opened(alice, snapshot)


def test_every_far_reaching_permission_is_one_that_snapshots_tell() -> None:
    assert set(DANGEROUS.values()) >= FAR_REACHING
