"""Why an org does not let the console in: recognising causes, keeping them, saying what to do."""
