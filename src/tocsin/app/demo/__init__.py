"""A seeded platform to try Tocsin on.

What would the shipped packs catch, when in the story, and whom would they hurt? Receives a seed. Gives labelled events
of normal life and of scam stories, and a judgement of the decisions made on them. Never looks at a rule: stories are
written from practice, not from the packs.
"""
