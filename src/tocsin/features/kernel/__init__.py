"""The compiled inside of the features stage.

How is one event let through every window? Receives arrays of words. Gives words, and arrays that have changed. Never
knows a feature's name or an event's text: plan.py and extract.py turn those into words.
"""
