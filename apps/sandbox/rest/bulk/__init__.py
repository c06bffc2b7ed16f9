"""Bulk API 2.0: jobs that take in or give out many records as CSV."""
