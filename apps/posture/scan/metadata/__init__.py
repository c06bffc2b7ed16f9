"""Declarative metadata, in source format and in metadata format alike: read by its root element."""
