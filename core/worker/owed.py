"""Which failures are not the ending of a job: what a provider has taken is owed."""

from datetime import datetime, timedelta

from core.errors import ProviderDenied, ProviderError, ResultLost
from core.job import Job

KEPT = timedelta(hours=1)
"""Both providers drop what they made about as long after; it is asked for until then."""


def still_owed(job: Job, error: ProviderError, now: datetime) -> bool:
    """Whether to ask again later: the failure says nothing about the job itself."""
    return _taken(job) and passing(error) and now - (job.ordered_at or job.created_at) < KEPT


def in_the_end(job: Job, error: ProviderError) -> ProviderError:
    """Name the ending: what can no longer be asked for was made and billed all the same."""
    if not (_taken(job) and passing(error)):
        return error
    return ResultLost("result_lost", provider=job.provider, detail=str(error.values.get("detail")))


def _taken(job: Job) -> bool:
    return job.remote is not None


def passing(error: ProviderError) -> bool:
    """Whether it speaks of the moment or of the account, not of the job."""
    return error.retryable or isinstance(error, ProviderDenied)
