"""An org's own metadata as files, read by the Tooling API and by queries."""
