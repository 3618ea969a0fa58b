"""Bad input by the thousand: every reader of the command line must end in one sentence (``python -m tests.fuzz``)."""
