"""Who looks at it, by when, until it is closed.

What is suspected, who has it, what is still owed? Receives decisions, reports, lists and people's doubts. Gives a Case that
closes only when everything about it is decided, verified and answered. Never takes a measure by itself.
"""
