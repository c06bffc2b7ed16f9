"""Who may make packs and take them away: exporting is a power of its own."""

from apps.common import powers
from apps.common.actors import Actor
from apps.common.decisions import Decision
from apps.tenancy import policies as tenancy


def may_export(*, actor: Actor) -> Decision:
    """Make, see and download packs. Operating or administering a tenant does not imply it."""
    return tenancy.may(actor, powers.EXPORT)
