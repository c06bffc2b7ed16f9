"""Event logs over the API."""
