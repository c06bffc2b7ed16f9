"""Reading who can reach an org: apps, tokens, accounts, permission sets."""
