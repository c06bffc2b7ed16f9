"""Metadata scans in the console: asked for, run in the background, compared and shown."""
