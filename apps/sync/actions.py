"""What sync records."""

from apps.ledger.registry import register

register(
    {
        "sync.job.created": "Created a sync job",
        "sync.run.started": "Started a run of a sync job",
        "sync.run.decided": "Decided that a run's data may go to the endpoint",
        "sync.run.refused": "Refused a run before anything left",
        "sync.run.delayed": "Put a run off until another system answers again",
        "sync.run.failed": "Ended a run that cannot go on",
        "sync.run.finished": "Finished a run",
        "sync.record.summarised": "Summarised a record and wrote the summary back",
        "sync.record.parked": "Parked a record that could not be summarised or written",
    },
    area="Sync jobs",
    things={
        "sync.job": "sync job",
        "sync.run": "sync run",
        "sync.runitem": "record of a run",
        "sync.fingerprintkey": "fingerprint key",
    },
    named={
        "sync.job": "name",
        "sync.run": "job__name",
    },
)
