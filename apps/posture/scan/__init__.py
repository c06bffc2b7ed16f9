"""The metadata scan: what an org's code and settings send out, hide or leave open.

Pure: no database, no console, no network. `run.scan(path)` reads a folder or a zip.
"""
