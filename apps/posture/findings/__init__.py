"""Findings: reported by whatever looks, handled by people, settled by a later look."""
