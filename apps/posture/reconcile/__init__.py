"""What an org saw of the console beside what the ledger has of it."""
