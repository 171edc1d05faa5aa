"""What people keep up.

Which lists, and later rules and labels, have people changed, when and why? Receives a person's or a program's change.
Gives records that say who did it, and what rules shall see. Never evaluates a rule.
"""
