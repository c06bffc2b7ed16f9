"""A witness: it cosigns a log's checkpoints while each only adds to the one before.

https://c2sp.org/tlog-witness and https://c2sp.org/tlog-cosignature. A process of its own, with its
own key and its own memory, best run by somebody else on another machine.
"""
