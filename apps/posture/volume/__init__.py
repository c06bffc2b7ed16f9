"""API volume of each app beside what is usual for it."""
