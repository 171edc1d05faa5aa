"""What the platform does about fraud.

On what basis does it act on a subject, until when, and how is that undone? Receives what rules and people propose. Gives
a Measure in the ledger with its basis, its end and its way back, and the instruction by which the platform carries it
out. Never judges whether it is deserved.
"""
