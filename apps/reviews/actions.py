"""What reviews record."""

from apps.ledger.registry import register

register(
    {
        "reviews.campaign.opened": "Opened an access review over a complete snapshot",
        "reviews.campaign.started": "Started the access review",
        "reviews.campaign.cancelled": "Cancelled the access review",
        "reviews.campaign.finished": "Signed the access review's decisions",
        "reviews.campaign.closed": "Closed the review: every revoked grant is proven gone",
        "reviews.campaign.closed_with_exceptions": "Closed the review with exceptions",
        "reviews.item.decided": "Decided about a grant",
        "reviews.item.withheld": "Withheld the revocation of a protected grant",
        "reviews.item.revocation_sent": "Is about to revoke a grant in the org",
        "reviews.item.revocation_executed": "The org accepted the revocation",
        "reviews.item.revocation_failed": "The revocation failed",
        "reviews.item.revocation_requeued": "Asked for the revocation to be tried again",
        "reviews.item.found_missing": "The grant was gone before anything was done",
        "reviews.item.found_present": "The org said yes, but a read still shows the grant",
        "reviews.item.found_regranted": "The grant is gone, but the same access was given again",
        "reviews.item.proven_gone": "A read of the org proved the grant gone",
    },
    area="Access reviews",
    things={
        "reviews.campaign": "access review",
        "reviews.item": "review item",
        "reviews.decision": "review decision",
    },
    named={
        "reviews.campaign": "name",
    },
)
