"""What the org saw: its event log files, taken, searched and summed up."""
