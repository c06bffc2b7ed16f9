"""What an app's page shows of addresses, reach and fields, beside its purpose."""

from dataclasses import dataclass

from apps.crm.models import SnapshotAccount, SnapshotApp, SnapshotField, SnapshotToken
from apps.posture.models import AppPurpose
from apps.posture.scopes.fencing import ENFORCED, Fence, outside
from apps.posture.scopes.keeping import level_of
from apps.posture.scopes.proposing import words_of
from apps.posture.scopes.reaching import beyond_fields, beyond_objects
from apps.posture.scopes.seeing import Fences, policy_classes, reach_of_accounts

MOST_ACCOUNTS, MOST_NAMES = 10, 40


@dataclass(frozen=True, slots=True)
class ShownRange:
    """One range of an app, and whether it reaches outside its zone."""

    told: str
    is_outside: bool


@dataclass(frozen=True, slots=True)
class ShownReach:
    """What an app reaches through one account. Pairs are names with what is given, in words."""

    account: SnapshotAccount
    beyond: list[tuple[str, str]]
    needed: list[tuple[str, str]]
    fields_beyond: list[tuple[str, str]]
    everything: tuple[str, ...]
    is_unknown: bool

    @property
    def tone(self) -> str:
        if self.everything or self.beyond or self.fields_beyond:
            return "danger"
        return "unknown" if self.is_unknown else "good"

    @property
    def words(self) -> str:
        """How it stands, in a few words."""
        if self.everything:
            return "Reaches everything"
        if self.beyond or self.fields_beyond:
            return "Beyond its purpose"
        return "Unknown" if self.is_unknown else "Within its purpose"


@dataclass(frozen=True, slots=True)
class ShownField:
    """One restricted field of an object that the purpose names."""

    name: str
    level: str
    encrypted: bool | None


def ranges_of(app: SnapshotApp, purpose: AppPurpose | None) -> tuple[list[ShownRange], Fence]:
    """An app's own ranges beside those of its zone; those of a relaxed app hold nobody."""
    fence = Fences(app.snapshot.connection).of(purpose)
    beyond = outside(app.ip_ranges or [], fence.networks) if fence.networks else []
    is_held = app.ip_relaxation == ENFORCED
    return [ShownRange(each, is_held and each in beyond) for each in app.ip_ranges or []], fence


def reach_of_app(app: SnapshotApp, purpose: AppPurpose | None) -> list[ShownReach]:
    """What an app reaches through each integration account that it acts as."""
    shown = []
    accounts = _accounts(app)[:MOST_ACCOUNTS]
    reached = reach_of_accounts(accounts)
    for account in accounts:
        reach = reached[account.pk]
        beyond = beyond_objects(purpose, reach) if purpose else []
        fields = beyond_fields(purpose, reach) if purpose else []
        pairs = [(name, words_of(letters)) for name, letters in sorted(reach.objects.items())]
        shown.append(
            ShownReach(
                account=account,
                beyond=[pair for pair in pairs if pair[0] in beyond][:MOST_NAMES],
                needed=[pair for pair in pairs if pair[0] not in beyond][:MOST_NAMES],
                fields_beyond=[(name, words_of(reach.fields[name])) for name in fields][
                    :MOST_NAMES
                ],
                everything=reach.everything,
                is_unknown=reach.is_unknown,
            )
        )
    return shown


def fields_of_purpose(app: SnapshotApp, purpose: AppPurpose | None) -> list[ShownField]:
    """The restricted fields of the objects that a purpose names, those in the clear first."""
    if purpose is None:
        return []
    named = {name.partition(".")[0].casefold() for name in purpose.fields_named}
    named |= {name.casefold() for name in purpose.objects_named}
    classes = policy_classes()
    rows = SnapshotField.objects.filter(snapshot=app.snapshot, calculated=False)
    shown = [
        ShownField(str(row), level, row.encrypted)
        for row in rows
        if row.object_name.casefold() in named and (level := level_of(row, classes))
    ]
    order = {False: 0, None: 1, True: 2}
    return sorted(shown, key=lambda each: (order[each.encrypted], each.name))


def _accounts(app: SnapshotApp) -> list[SnapshotAccount]:
    tokens = SnapshotToken.objects.filter(snapshot=app.snapshot, app_name=app.label)
    users = set(tokens.values_list("user_id", flat=True).distinct()) | {app.runs_as}
    rows = SnapshotAccount.objects.filter(
        snapshot=app.snapshot, org_user_id__in=users, is_integration=True
    )
    return list(rows.select_related("snapshot").order_by("org_user_id"))
