"""The audit log as one chain.

Is the log still what was written? Receives acts once they are kept. Gives each its place, anchors over the end of every
day, and a proof. Never changes an act.
"""
