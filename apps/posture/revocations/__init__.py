"""Ending an account's or an app's access in the org in one act, and proving it."""
