"""Commands for what is kept: keys, and the history of events and decisions."""
