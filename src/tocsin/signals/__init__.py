"""What one event shows by itself.

What does this event say, before anything is remembered? Receives an Event's row. Gives further values appended to the
row, and names those that could not be had. Never looks at another event, a list that people keep, or a network.
"""
