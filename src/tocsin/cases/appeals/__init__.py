"""What the affected person objects.

Was the measure right after all? Receives an objection with a notice's code, or a doubt of the staff. Gives a decision by
somebody who had not decided before; upheld, the measure and all it brought about is lifted at once. Never lets an
objection go unanswered.
"""
