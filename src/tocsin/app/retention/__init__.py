"""How long records stay.

What must be kept, and what must go? Receives the platform's terms, the minimums of the duties that bind it, and legal holds.
Gives the deletion of what is over, with an entry in the audit log for each. Never deletes what is open, held, or within the
time for which it must be kept.
"""
