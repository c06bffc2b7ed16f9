"""Who may open, decide, sign and close reviews. Silence means no."""

from apps.accounts.models import User
from apps.common import powers
from apps.common.actors import Actor
from apps.common.decisions import Decision, allow, deny, first_denial
from apps.crm.models import Connection
from apps.reviews.models import Campaign, Item
from apps.tenancy import policies as tenancy
from apps.tenancy import selectors as tenants

GRANT = "crm.review_connection"


def may_open(*, actor: Actor, connection: Connection) -> Decision:
    """Opening, starting, cancelling and closing reviews of one org."""
    return tenancy.may_on(actor, powers.OPEN_REVIEW, target=connection, grant=GRANT)


def may_review(*, actor: Actor, connection: Connection) -> Decision:
    """Whether someone reviews this org at all: the role, and rights on the org itself."""
    return tenancy.may_on(actor, powers.DECIDE_REVIEW, target=connection, grant=GRANT)


def list_reviewers(connection: Connection) -> list[User]:
    """People who may review an org, by name."""
    return [
        member.user
        for member in tenants.list_members()
        if may_review(actor=member.user, connection=connection).allowed
    ]


def may_decide(*, actor: Actor, item: Item) -> Decision:
    """Deciding about one grant. Nobody decides about their own."""
    return first_denial(
        may_review(actor=actor, connection=item.campaign.connection),
        may_judge_subject(actor=actor, item=item),
    )


def may_judge_subject(*, actor: Actor, item: Item) -> Decision:
    """The reviewer is someone else than the person whose grant it is, alias or not."""
    if isinstance(actor, User) and (
        actor.person_id == item.subject_person
        or actor.email.casefold() == item.subject_name.casefold()
    ):
        return deny(
            "reviewer-is-not-the-subject",
            "This grant is your own. Another reviewer of this org has to decide about it.",
        )
    return allow("reviewer-is-independent")


def may_finish(*, actor: Actor, campaign: Campaign) -> Decision:
    """Signing all decisions of a review, which starts the revocations."""
    return may_review(actor=actor, connection=campaign.connection)
