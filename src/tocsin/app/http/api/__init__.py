"""What is asked less often, on Litestar.

What was decided, what stands on a list, which packs are loaded? Receives requests whose caller has been admitted. Gives
structs, and the OpenAPI document of everything. Never on the path of a payment.
"""
