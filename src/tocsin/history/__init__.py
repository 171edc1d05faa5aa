"""What happened, kept.

What did this platform see, and what did we conclude? Receives Entries: an event's bytes with its decision, in arrival
order. Gives them back, each once, by number, by id, by entity or by question, for as long as they are to be kept. Never
changes what it was given; what a law or a person has erased says so.
"""
