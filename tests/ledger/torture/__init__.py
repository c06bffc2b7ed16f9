"""Writers that do everything a writer may do, and an exact count of what became of it."""
