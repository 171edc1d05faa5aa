"""What an expression means, and whether it may.

Is every name known, every type right, every number bounded? Receives sqlglot's tree and a scope. Gives a typed tree, or
every problem at once. Never runs anything.
"""
