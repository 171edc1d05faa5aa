"""What was seen before, as of this event.

What did the same payer, payee or device do until now? Receives rows in arrival order. Gives, for each event, the values
of windowed aggregates by entity over the events that arrived before it. Never looks ahead, never forgets what a window
may still hold, and never computes a value in a second way: live, in batches and on a cluster it is the same kernel.
"""
