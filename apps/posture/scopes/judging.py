"""What is wrong with an app or an account, as told by a snapshot. Pure: it reads nothing."""

from collections.abc import Iterable, Iterator

from apps.crm.inventory.sight import SIGN_INS, TOKENS
from apps.crm.models import SnapshotApp
from apps.posture.comparison import NO_BASELINE, UNKNOWN, Comparison
from apps.posture.revocations.returning import Returned
from apps.posture.scan.hosts import tool_of
from apps.posture.scopes import kinds
from apps.posture.scopes.faults import ERROR, NOTE, WARNING, Fault, counted
from apps.posture.scopes.holding import Account

_HIDDEN = {TOKENS: "tokens", SIGN_INS: "sign-ins and sessions"}
FOREVER = "Infinite"  # RefreshTokenPolicyType: valid until revoked
# Who holds one of these can take or give everything else.
WORST = frozenset({"Modify All Data", "Manage Users", "Author Apex", "Use Any API Client"})


def faults_of_apps(comparisons: Iterable[Comparison]) -> Iterator[Fault]:
    """Drift, missing baselines, open policies and tools, app by app."""
    unknown = []
    for each in comparisons:
        yield from _drift(each)
        yield from _policies(each.app)
        yield from _use(each)
        if each.standing == UNKNOWN:
            unknown.append(each.app.label)
    if unknown:
        yield Fault(
            kinds.UNKNOWN,
            "org",
            f"The scopes of {counted(len(unknown), 'app')} are unknown",
            NOTE,
            "Read their scopes in Setup, or scan the org's metadata, which tells them.",
            {"apps": sorted(unknown)[:50]},
        )


def faults_of_sight(lacking: Iterable[str] | None) -> Iterator[Fault]:
    """What the console's user cannot see of others; None where the org does not tell."""
    if lacking is None:
        yield Fault(
            kinds.BLIND, "org", "It is unknown whether the console sees tokens and sign-ins of all",
            NOTE, f"See in Setup that the console's user holds {TOKENS} and {SIGN_INS}.",
        )  # fmt: skip
        return
    for permission in lacking:
        yield Fault(
            kinds.BLIND, f"org|{permission}",
            f"The console's user does not see {_HIDDEN[permission]} of others", WARNING,
            f"Give the console's user in the org a permission set with {permission}, and take a"
            " snapshot. Until then their number is unknown.",
            {"permission": permission},
        )  # fmt: skip


def faults_of_accounts(accounts: Iterable[Account]) -> Iterator[Fault]:
    """Far-reaching permissions of integration users with every path that gives them."""
    for each in accounts:
        for held in each.dangerous:
            yield Fault(
                kinds.DANGEROUS,
                f"account:{each.row.org_user_id}|{held.permission}",
                f"Account {each.row.org_user_id} holds {held.permission}",
                ERROR if held.permission in WORST else WARNING,
                f"Take it out of {held.words}, or move the account to a smaller permission set.",
                {
                    "permission": held.permission,
                    "held_through": [str(p) for p in held.paths],
                    "muted_in": [str(m) for m in each.muted if m.permission == held.permission],
                },
            )
        if each.unread:
            yield Fault(
                kinds.UNREAD,
                f"account:{each.row.org_user_id}",
                f"Some permissions of account {each.row.org_user_id} are unknown",
                WARNING,
                "Let the console's user read permission sets and groups, and take a snapshot.",
                {"not_read": list(each.unread)},
            )


def faults_of_returned(returned: Iterable[Returned]) -> Iterator[Fault]:
    """Access that was ended and is there again."""
    for each in returned:
        revoked = each.revocation
        is_app = revoked.of == revoked.Of.APP
        named = revoked.target_ref if is_app else f"account {revoked.target_ref}"
        parts = [(each.tokens, "token"), (each.assignments, "permission set")]
        held = " and ".join(counted(count, noun) for count, noun in parts if count)
        yield Fault(
            kinds.REAPPEARED,
            f"{'app-name' if is_app else 'account'}:{revoked.target_ref}"[:255],
            f"Access of {named} is there again after it was ended: {held}",
            ERROR,
            "Find out who gave it again. End it once more, or accept it for a time with a reason.",
            {
                "tokens": each.tokens,
                "permission_sets": each.assignments,
                "revocation": str(revoked.pk),
            },
        )


def _drift(each: Comparison) -> Iterator[Fault]:
    label, subject = each.app.label, each.app.app_key
    if each.beyond:
        yield Fault(
            kinds.BEYOND, subject, f"{label} holds {', '.join(each.beyond)} beyond approval",
            ERROR if "full" in each.beyond else WARNING,
            f"Remove {', '.join(each.beyond)} from the app in the org, or approve what it holds.",
            {"approved": each.approved, "granted": each.granted, "beyond": each.beyond},
        )  # fmt: skip
    if each.undeclared:
        yield Fault(
            kinds.UNDECLARED, subject,
            f"{label} holds {', '.join(each.undeclared)}, which its purpose does not need",
            ERROR if "full" in each.undeclared else WARNING,
            f"Remove {', '.join(each.undeclared)} in the org, or declare the need and approve it.",
            {"declared": each.declared, "granted": each.granted},
        )  # fmt: skip
    if each.missing:
        yield Fault(
            kinds.MISSING, subject, f"{label} lacks {', '.join(each.missing)}, which was approved",
            NOTE, "Approve what it holds now, or give the scopes back in the org.",
            {"approved": each.approved, "granted": each.granted},
        )  # fmt: skip
    if each.standing == NO_BASELINE:
        wide = "full" in (each.granted or [])
        yield Fault(
            kinds.NO_BASELINE, subject, f"Nobody approved the scopes of {label}",
            WARNING if wide else NOTE, "Approve its scopes, or remove the app from the org.",
            {"granted": each.granted},
        )  # fmt: skip


def _use(each: Comparison) -> Iterator[Fault]:
    label, subject = each.app.label, each.app.app_key
    if each.is_seen_unused:
        yield Fault(
            kinds.UNUSED, subject, f"{label} holds access that nobody used", WARNING,
            "Remove the app from the org or end its tokens; an app nobody uses needs no access.",
            {"granted": each.granted, "tokens": _known(each.app.token_count)},
        )  # fmt: skip
    if each.objects_beyond:
        named = ", ".join(each.objects_beyond[:5])
        yield Fault(
            kinds.OUTSIDE, subject, f"{label} touched {named}, which its purpose does not name",
            ERROR, "Find out why. Take the objects from its account, or declare the need.",
            {"used_beyond": each.objects_beyond[:50]},
        )  # fmt: skip


def _policies(app: SnapshotApp) -> Iterator[Fault]:
    if app.refresh_policy == FOREVER:
        yield Fault(
            kinds.NEVER_EXPIRES, app.app_key, f"Refresh tokens of {app.label} never expire",
            WARNING, "Let refresh tokens expire after a time of disuse.",
            {"policy": app.refresh_policy},
        )  # fmt: skip
    if tool := tool_of(app.label) or tool_of(app.developer_name):
        yield Fault(
            kinds.TOOL, app.app_key, _tool_words(app.label, tool), NOTE,
            "Say whose it is and where its data goes; restrict who may use it.",
            {"tool": tool, "tokens": _known(app.token_count)},
        )  # fmt: skip


def _tool_words(label: str, tool: str) -> str:
    if label.casefold() == tool.casefold():
        return f"{label} is an integration tool"
    return f"{label} is the integration tool {tool}"


def _known(count: int | None) -> int | str:
    return "unknown" if count is None else count
