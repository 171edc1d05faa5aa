"""The audit log at the command line: looked at, proved, handed over."""
