"""Who looks at it, by when, until it is closed.

What work does a decision, a report or an authority make, who has it, and is it done in time? Receives duties, events of
the loop and what people do. Gives cases, clocks and their states. Never judges an event, and never reads a clock of the
machine: the time is passed in.
"""
