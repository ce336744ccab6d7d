"""What a company's subscription lets it do: billing sets the state, the rest asks for it."""

ACCESS_STATES = (
    "pending", "trialing", "active", "grace", "suspended", "paused", "cancelled", "closed",
)  # fmt: skip
# The company works with us, and we for it.
WORKING = ("active", "trialing", "grace")
