from tenants.core.errors import CoulisseError


class PermanentFailure(CoulisseError):
    """Trying again can't help: the job is quarantined at once."""

    code = "permanent_failure"
