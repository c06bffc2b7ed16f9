"""Emergency access in the browser."""
