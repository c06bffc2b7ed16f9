"""What crm records."""

from apps.ledger.registry import register

register(
    {
        "crm.connection.created": "Connected a Salesforce org",
        "crm.connection.checked": "Checked the connection: it works",
        "crm.connection.failed": "Checked the connection: it fails",
        "crm.connection.disconnected": "Disconnected the Salesforce org",
        "crm.rights.given": "Gave a member their role's rights on the org",
        "crm.rights.taken": "Took a member's rights on the org",
        "crm.token.refreshed": "Got a new access token",
        "crm.token.refused": "The org refused a new access token; the old one was kept",
        "crm.lockout.noticed": "Noticed what keeps the console out of the org",
        "crm.lockout.ended": "The org lets the console in again",
        "crm.budget.changed": "Changed the org's budget of API requests",
        "crm.path.changed": "Changed the path by which the org may be reached",
        "crm.place.changed": "Said where instances are, by which source",
        "crm.snapshot.requested": "Asked for a snapshot of the org",
        "crm.snapshot.completed": "Read the org completely",
        "crm.snapshot.left_incomplete": "Read the org, but not all of it",
        "crm.snapshot.failed": "The snapshot could not be taken",
        "crm.org.called": "Called the org",
        "crm.event_log.asked": "Asked for new event log files",
        "crm.event_log.taken": "Took an event log file",
        "crm.event_log.missed": "Event log files could not be taken",
    },
    area="Orgs",
    things={
        "crm.connection": "org",
        "crm.logfile": "event log file",
        "crm.logwatch": "event logs of an org",
        "crm.orgtoken": "org token",
        "crm.trouble": "lockout",
        "crm.privatezone": "zone with a private path",
        "crm.instanceplace": "place of instances",
        "crm.snapshot": "snapshot",
        "crm.snapshotapp": "app in a snapshot",
        "crm.snapshottoken": "token in a snapshot",
        "crm.snapshotaccount": "account in a snapshot",
        "crm.snapshotassignment": "assignment in a snapshot",
    },
)
