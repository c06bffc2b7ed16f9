"""The sections of a pack, one file each: what a lawyer reads about one subject."""
