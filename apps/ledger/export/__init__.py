"""Taking a log out of the console as files that anyone can check (see ../verify.py)."""
