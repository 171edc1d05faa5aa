"""How the client works inside: budgets, tries, the breaker, the outbox, the wire.

Receives what the public modules were told. Gives them decisions. Not for direct use: names here may change.
"""
