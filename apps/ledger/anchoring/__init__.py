"""A log of logs over all tenants' checkpoints, and holding it by things outside our reach.

`loop.run_forever(stop)` runs beside the sequencer; see README.md.
"""
