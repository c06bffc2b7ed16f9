"""The flow policy: the draft in the place of the version in force."""

from datetime import datetime

from apps.accounts.models import User
from apps.changes import flows
from apps.changes.kinds.base import Check, Kind, Line, Secrets, Value, in_force
from apps.common import powers
from apps.common.actors import Actor
from apps.common.decisions import Decision
from apps.common.errors import Conflict, DomainError, NotFound
from apps.residency import drafting, replacing, selectors
from apps.residency.compiled import compile_policy, hash_of
from apps.residency.models import PolicyVersion
from apps.tenancy import policies as tenancy

TARGET = "policy"  # a tenant has one


class FlowPolicyKind(Kind):
    """`{"hash", "content"}`: a version's whole content and its hash (see `residency`)."""

    def name_of(self, target: str) -> str:
        _version(target)
        return "where data may go"

    def read(self, target: str) -> Value:
        locked = PolicyVersion.objects.select_for_update().get(pk=_version(target).pk)
        return {"hash": locked.content_hash, "content": locked.content}

    def checked(self, target: str, given: Value) -> Value:
        """The draft as it is; nothing else can be proposed."""
        if selectors.current_draft() is None:
            raise Conflict("Nothing has changed since the policy in force was published.")
        content = drafting.content_of_draft()
        return {"hash": hash_of(content), "content": content}

    def may_propose(self, actor: Actor, target: str) -> Decision:
        """Whoever writes the draft."""
        _version(target)
        return tenancy.may(actor, powers.MANAGE_POLICY)

    def may_approve(self, actor: Actor, target: str) -> Decision:
        _version(target)
        return tenancy.may(actor, powers.APPROVE_CHANGE)

    def preflight(self, target: str, wanted: Value, *, now: datetime) -> Value:
        before = compile_policy(_content(target))
        return flows.compare_policies(before, compile_policy(wanted["content"]))

    def put(
        self,
        target: str,
        wanted: Value,
        *,
        secrets: Secrets,
        actor: Actor,
        by: User,
        now: datetime,
    ) -> None:
        replacing.put_in_force(actor=actor, content=wanted["content"], approved_by=by, now=now)

    def put_back(
        self, target: str, value: Value, *, secrets: Secrets, actor: Actor, now: datetime
    ) -> None:
        """The earlier content as a new version, with the person who answered for it then."""
        earlier = (
            PolicyVersion.objects.filter(content_hash=value["hash"])
            .select_related("published_by")
            .order_by("number")
            .first()
        )
        if earlier is None or earlier.published_by is None:
            raise NotFound("The earlier policy is not here any more.")
        replacing.put_in_force(
            actor=actor,
            content=value["content"],
            approved_by=earlier.published_by,
            restored=True,
            now=now,
        )

    def check(
        self, target: str, wanted: Value, *, preflight: Value, since: datetime, now: datetime
    ) -> list[Check]:
        """Published whole, readable where flows are decided, and deciding as it was shown."""
        return [in_force(_version(target).content_hash == wanted["hash"]), _decides(wanted)]

    def lines(self, base: Value, wanted: Value) -> list[Line]:
        """One sentence a zone, class or rule that changes."""
        before = PolicyVersion(content=base["content"])
        found = drafting.difference(before, wanted["content"])
        return [Line(*_parted(sentence)) for sentence in found]


def _decides(wanted: Value) -> Check:
    name, shown = "decides-as-shown", compile_policy(wanted["content"])
    try:
        policy = selectors.compiled_policy()
    except DomainError as error:
        return Check(name, False, error.message)
    if policy is None or not flows.decides_alike(policy, shown):
        return Check(name, False, "The policy in force decides flows otherwise than was shown.")
    return Check(name, True, "The policy in force decides every sampled flow as it was shown.")


def _parted(sentence: str) -> tuple[str, str, str]:
    """A sentence of the difference as label, before and after."""
    label, _, said = sentence.partition(": ")
    before, becomes, after = said.partition(" becomes: ")
    if becomes:
        return label, before, after
    return (label, said, "") if label.endswith("removed") else (label, "", said)


def _content(target: str) -> Value:
    content: Value = _version(target).content or {}
    return content


def _version(target: str) -> PolicyVersion:
    found = selectors.current_version() if target == TARGET else None
    if found is None:
        raise NotFound("No policy is in force yet. The first one is published directly.")
    return found
