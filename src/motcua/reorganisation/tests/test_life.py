"""The national plan of 2025-07-01 on the eve: signed, applied, taken back and applied again."""

from motcua.dossiers import api as dossiers
from motcua.kernel.journal import api as journal
from motcua.reorganisation import actions, queries
from motcua.reorganisation.rules.states import PlanState, Subject
from motcua.reorganisation.tests import support
from motcua.reorganisation.tests.support import LATER, LOC_NINH, NAME, ON, PHUC_XA
from motcua.units import api as units


def test_the_national_plan_passes_every_open_dossier_to_its_heir_and_gives_all_of_it_back(eve: str) -> None:
    codes = support.filed([*support.WHOLE, LOC_NINH], 3)
    support.approved()
    before = {"dossiers": support.rows("dossiers_dossier", ["n"]), "positions": support.rows("identity_position")}
    loaded = units.generation()
    progress = support.applied()
    assert progress.state == PlanState.APPLIED
    assert (progress.done + progress.waiting[Subject.DOSSIER], progress.total) == (len(codes), len(codes))
    assert progress.waiting[Subject.DOSSIER] == 3

    old, directory = support.office(PHUC_XA), units.directory()
    [heir] = {c.unit.id for c in directory.became(old.unit_id, ON)}
    centre = directory.agency_of(heir, units.AgencyKind.SERVICE_CENTRE, ON)
    assert centre is not None
    found = dossiers.where([dossiers.WhereQuestion(c, LATER, scope=support.everything(centre)) for c in codes[:3]])
    assert [w.received_by.name for w in found if isinstance(w, dossiers.Where) and w.received_by] == [old.name] * 3
    assert sum(count for _, _, count in queries.handed_over(NAME)) == progress.done
    assert list(journal.verify()) == []

    actions.undo(name=NAME, now=LATER)
    support.finished()
    assert queries.progress(NAME).state == PlanState.UNDONE
    after = {"dossiers": support.rows("dossiers_dossier", ["n"]), "positions": support.rows("identity_position")}
    assert after == before
    again = units.generation()
    assert loaded is not None
    assert again is not None
    assert again.digest == loaded.digest
