"""What is wired to what: the endpoints and lanes of the front, the worker's jobs, and every upward flow of facts.

No module announces an event that nobody hears; the first upward flows come with their listeners.
"""

from collections.abc import Collection
from datetime import datetime

from motcua.desk import routes as desk
from motcua.documents import api as documents_api
from motcua.documents import jobs as document_jobs
from motcua.dossiers import endpoints as dossiers
from motcua.dossiers import jobs as dossier_jobs
from motcua.exchange import api as exchange_api
from motcua.exchange import endpoints as exchange
from motcua.identity import api as identity_api
from motcua.kernel import clock
from motcua.kernel import jobs as kernel_jobs
from motcua.kernel.calendar import national_year
from motcua.kernel.endpoints import Endpoint
from motcua.kernel.job import Job
from motcua.nationalportal import api as national_api
from motcua.nationalportal import jobs as national_jobs
from motcua.payments import api as payments_api
from motcua.payments import jobs as payment_jobs
from motcua.portal import jobs as portal_jobs
from motcua.portal import routes as portal
from motcua.procedures import api as procedures_api
from motcua.procedures import endpoints as procedures
from motcua.reorganisation import jobs as reorganisation_jobs
from motcua.screens.routes import Page
from motcua.transfers import api as transfers_api
from motcua.transfers import endpoints as transfers
from motcua.transfers import jobs as transfer_jobs
from motcua.units import api as units_api
from motcua.units import endpoints as units

ENDPOINTS: tuple[Endpoint, ...] = (
    *units.ENDPOINTS,
    *procedures.ENDPOINTS,
    *dossiers.ENDPOINTS,
    *transfers.ENDPOINTS,
    *exchange.ENDPOINTS,
)
HANDLERS: exchange_api.Handlers = {
    exchange_api.DIRECTORY: exchange_api.apply_directory,
    **transfers_api.HANDLERS,
}
"""What is done with each kind of envelope that comes in."""
LANES = {**dossiers.LANES, **transfers.LANES, "exchange": exchange.lane(HANDLERS)}
PAGES: tuple[Page, ...] = (*portal.PAGES, *desk.PAGES)


def fees_of(codes: Collection[str]) -> dict[str, list[national_api.Fee]]:
    """What the national portal is told that dossiers cost: what payments charges for them."""
    found: dict[str, list[national_api.Fee]] = {}
    for charge in payments_api.charges_of(codes, scope=identity_api.SYSTEM):
        if charge.state is not payments_api.ChargeState.VOID and not charge.is_duty:
            online = charge.how == payments_api.How.ONLINE
            found.setdefault(charge.code, []).append(
                national_api.Fee(charge.name, charge.amount, charge.paid_at, online)
            )
    return found


national_api.learn_fees_from(fees_of)


def refresh() -> None:
    """Take up what changed since: the tokens, and the generations of the directory and the catalogue."""
    identity_api.refresh_tokens()
    units_api.refresh()
    procedures_api.refresh()
    for year in (-1, 0, 1):  # a year that nobody has announced is reckoned at once: the first dossier must not wait
        national_year(clock.today().year + year)


def warm() -> None:
    """Make what the first search would make, so that the first citizen of the morning does not wait for it."""
    units_api.units_named("ba dinh")
    procedures_api.catalogue().search("khai sinh", clock.today(), 1)


def _refresh(now: datetime) -> int:
    refresh()
    return 0


def ways() -> tuple[exchange_api.Way, ...]:
    """Every partner that this installation delivers to: a connector, and what the partner bears."""
    axis = documents_api.axis()
    return (
        *exchange_api.node_ways(HANDLERS),
        *([exchange_api.Way(axis)] if axis else []),
        *national_jobs.ways(),
        *exchange_api.alarm_ways(),
    )


JOBS: tuple[Job, ...] = (
    Job("refresh", 5, _refresh),
    *kernel_jobs.JOBS,
    *dossier_jobs.JOBS,
    *payment_jobs.JOBS,
    *portal_jobs.JOBS,
    *document_jobs.JOBS,
    *national_jobs.JOBS,
    *transfer_jobs.JOBS,
    exchange_api.delivery(ways),
    *reorganisation_jobs.JOBS,
    *exchange_api.JOBS,
    exchange_api.fetching(HANDLERS),
    exchange_api.on_trunk(HANDLERS),
)
