"""How many API requests the console may still send to an org, and how many at once."""
