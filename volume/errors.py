"""The error that ends a start. Standard library only."""


class SetupError(Exception):
    """One sentence for the person who reads the log: what is wrong and what to do."""
