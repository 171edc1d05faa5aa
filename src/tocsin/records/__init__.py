"""What every record stage shares.

Who did what, how is that proved later, and how does what is private stay private? Receives acts, fields and keys. Gives
a chain over the audit log with signed anchors, sealed values with a way to search them, and masks. Never knows what a
record means: the stages above do.
"""
