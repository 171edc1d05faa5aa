"""The running service.

How does a decision become durable, and how does the service come back after any crash? Receives events' bytes. Gives
decisions' bytes once both are on the disk. Never answers before that, and never decides an event twice.
"""
