"""The signed audit pack: one PDF that carries its own evidence and can be checked offline."""
