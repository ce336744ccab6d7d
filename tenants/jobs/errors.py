from tenants.core.errors import CoulisseError
from tenants.core.text import _m

# What a client reads when the reason is ours.
COULD_NOT_FINISH = _m("This could not be finished. We have been told and look into it.")
TOOK_TOO_LONG = _m("This took longer than it may. We have been told and look into it.")


class PermanentFailure(CoulisseError):
    """Trying again can't help: the job is quarantined at once. Its message is for staff and client
    alike unless `internal`."""

    code = "permanent_failure"
    internal = False


class OutputLimitReached(PermanentFailure):
    code = "output_limit_reached"
    message = _m("The job wrote more than its limit.")
    internal = True
