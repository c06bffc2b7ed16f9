"""Where acts of an emergency are kept while the ledger cannot be written. See README.md here."""
