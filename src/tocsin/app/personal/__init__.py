"""What is held on people.

Who may see a contact, what do we hold on somebody, and how is it sealed anew? Receives a record or a person, a purpose and
who asks. Gives what is sealed, everything that is held, and what had to stay with the reason. Never shows or removes
anything without an entry in the audit log.
"""
