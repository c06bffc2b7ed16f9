"""Emergency access over HTTP."""
