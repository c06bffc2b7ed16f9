"""The main job in a browser: one module per stretch of it, in the order of the test."""
