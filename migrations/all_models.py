"""Every module with tables, so that the metadata is whole for migrations and tests."""

import tenants.jobs
import tenants.models
import tenants.outbox  # noqa: F401 - imported for their tables
from tenants.core.db import Model

metadata = Model.metadata
