"""RFC 3161 timestamps: asking for them, checking them, and a local service for demo and tests."""
