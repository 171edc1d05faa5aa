"""Deadlines that run.

By when must it be done, how much is left, and what was missed? Receives spans from duties and policies, starts with the
channel by which they came, calendars, and the time. Gives clocks that know when they run out and what must be escalated.
Never depends on a process having been up: everything follows from the record and the time that is passed in.
"""
