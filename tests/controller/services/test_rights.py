import pytest

from controller.errors import NotPermitted
from controller.model.operators import OperatorRole
from controller.services.rights import RIGHTS, Right, may, require
from tests.sample_site import ADMIN, AUDITOR, SUPERVISOR, VIEWER

CHANGING = {
    Right.UNLOCK_ONCE,
    Right.ACKNOWLEDGE_ALARMS,
    Right.EDIT_PEOPLE,
    Right.BLOCK_PEOPLE,
    Right.EDIT_ACCESS,
    Right.EDIT_OPERATORS,
}


def test_every_role_has_a_row_and_the_administrator_everything():
    assert set(RIGHTS) == set(OperatorRole)
    assert RIGHTS[OperatorRole.ADMIN] == set(Right)


def test_auditor_and_viewer_change_nothing():
    assert not RIGHTS[OperatorRole.AUDITOR] & CHANGING
    assert not RIGHTS[OperatorRole.VIEWER] & CHANGING
    assert RIGHTS[OperatorRole.SUPERVISOR] & CHANGING == {
        Right.UNLOCK_ONCE,
        Right.ACKNOWLEDGE_ALARMS,
        Right.BLOCK_PEOPLE,
    }


def test_right_not_held_is_refused_with_the_role_named():
    assert may(SUPERVISOR, Right.UNLOCK_ONCE) and not may(AUDITOR, Right.UNLOCK_ONCE)
    require(ADMIN, Right.EDIT_OPERATORS)
    with pytest.raises(NotPermitted, match="viewer"):
        require(VIEWER, Right.EXPORT_LOG)
