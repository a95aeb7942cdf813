"""Who may call which route: one row for each. A route without a row stops the program at start.

The services check the right again for themselves; this table only spares a page that could not work.
"""

from collections.abc import Mapping
from enum import Enum

from controller.services.rights import Right


class Open(Enum):
    """Routes that ask for no right of their own."""

    TO_ALL = "to all"  # before sign-in too


ROLES: Mapping[tuple[str, str], Right | Open] = {
    ("GET", "/"): Open.TO_ALL,
    ("GET", "/healthz"): Open.TO_ALL,
    ("GET", "/metrics"): Open.TO_ALL,
    ("GET", "/set-up"): Open.TO_ALL,
    ("POST", "/set-up"): Open.TO_ALL,
    ("GET", "/sign-in"): Open.TO_ALL,
    ("POST", "/sign-in"): Open.TO_ALL,
    ("POST", "/sign-out"): Open.TO_ALL,
    ("POST", "/language"): Open.TO_ALL,
    ("GET", "/log"): Right.VIEW_LOG,
    ("GET", "/log/live"): Right.VIEW_LOG,
    ("GET", "/log/export"): Right.EXPORT_LOG,
    ("POST", "/log/export"): Right.EXPORT_LOG,
    ("GET", "/log/proof"): Right.VIEW_LOG,
    ("GET", "/log/proof/checkpoint"): Right.VIEW_LOG,
    ("POST", "/log/proof/checkpoint"): Right.EXPORT_LOG,
    ("GET", "/log/proof/key"): Right.VIEW_LOG,
    ("GET", "/log/proof/genkan_verify.py"): Right.VIEW_LOG,
    ("GET", "/log/proof/month"): Right.VIEW_LOG,
    ("GET", "/doors"): Right.VIEW_DOORS,
    ("GET", "/doors/now"): Right.VIEW_DOORS,
    ("GET", "/doors/strip"): Right.VIEW_DOORS,
    ("POST", "/doors/{door}/unlock"): Right.UNLOCK_ONCE,
    ("GET", "/doors/orders/{order_id}"): Right.UNLOCK_ONCE,
    ("GET", "/lockdown"): Right.VIEW_DOORS,
    ("POST", "/lockdown/begin"): Right.LOCK_DOWN,
    ("POST", "/lockdown/end"): Right.LOCK_DOWN,
    ("GET", "/alarms"): Right.VIEW_LOG,
    ("POST", "/alarms/{alarm_seq}/acknowledge"): Right.ACKNOWLEDGE_ALARMS,
    ("GET", "/people"): Right.VIEW_PEOPLE,
    ("GET", "/people/new"): Right.EDIT_PEOPLE,
    ("POST", "/people/new"): Right.EDIT_PEOPLE,
    ("GET", "/people/{person_id}"): Right.VIEW_PEOPLE,
    ("GET", "/people/{person_id}/edit"): Right.EDIT_PEOPLE,
    ("POST", "/people/{person_id}/edit"): Right.EDIT_PEOPLE,
    ("POST", "/people/{person_id}/suspend"): Right.BLOCK_PEOPLE,
    ("POST", "/people/{person_id}/resume"): Right.EDIT_PEOPLE,
    ("GET", "/people/{person_id}/erase"): Right.ERASE_PEOPLE,
    ("POST", "/people/{person_id}/erase"): Right.ERASE_PEOPLE,
    ("GET", "/people/{person_id}/badges/new"): Right.EDIT_PEOPLE,
    ("POST", "/people/{person_id}/badges/new"): Right.EDIT_PEOPLE,
    ("POST", "/people/{person_id}/enrol"): Right.EDIT_PEOPLE,
    ("GET", "/people/{person_id}/enrol/{order_id}"): Right.EDIT_PEOPLE,
    ("POST", "/people/{person_id}/enrol/{order_id}"): Right.EDIT_PEOPLE,
    ("GET", "/people/{person_id}/enrol/{order_id}/now"): Right.EDIT_PEOPLE,
    ("GET", "/badges/{badge_id}"): Right.VIEW_PEOPLE,
    ("POST", "/badges/{badge_id}"): Right.EDIT_PEOPLE,
    ("POST", "/badges/{badge_id}/suspend"): Right.BLOCK_PEOPLE,
    ("POST", "/badges/{badge_id}/resume"): Right.EDIT_PEOPLE,
    ("POST", "/badges/{badge_id}/lost"): Right.BLOCK_PEOPLE,
    ("GET", "/import"): Right.EDIT_PEOPLE,
    ("POST", "/import"): Right.EDIT_PEOPLE,
    ("POST", "/import/{import_id}/publish"): Right.EDIT_PEOPLE,
    ("POST", "/import/{import_id}/discard"): Right.EDIT_PEOPLE,
    ("GET", "/levels"): Right.VIEW_ACCESS,
    ("GET", "/levels/new"): Right.EDIT_ACCESS,
    ("POST", "/levels/new"): Right.EDIT_ACCESS,
    ("GET", "/levels/{level_id}"): Right.VIEW_ACCESS,
    ("POST", "/levels/{level_id}"): Right.EDIT_ACCESS,
    ("POST", "/levels/{level_id}/remove"): Right.EDIT_ACCESS,
    ("GET", "/schedules"): Right.VIEW_ACCESS,
    ("GET", "/schedules/new"): Right.EDIT_ACCESS,
    ("POST", "/schedules/new"): Right.EDIT_ACCESS,
    ("GET", "/schedules/{schedule_id}"): Right.VIEW_ACCESS,
    ("POST", "/schedules/{schedule_id}"): Right.EDIT_ACCESS,
    ("POST", "/schedules/{schedule_id}/remove"): Right.EDIT_ACCESS,
    ("GET", "/operators"): Right.VIEW_OPERATORS,
    ("GET", "/operators/new"): Right.EDIT_OPERATORS,
    ("POST", "/operators/new"): Right.EDIT_OPERATORS,
    ("GET", "/operators/{operator_id}"): Right.VIEW_OPERATORS,
    ("POST", "/operators/{operator_id}"): Right.EDIT_OPERATORS,
    ("POST", "/operators/{operator_id}/password"): Right.EDIT_OPERATORS,
    ("POST", "/operators/{operator_id}/disable"): Right.EDIT_OPERATORS,
    ("POST", "/operators/{operator_id}/enable"): Right.EDIT_OPERATORS,
    ("GET", "/account"): Right.OWN_ACCOUNT,
    ("POST", "/account/password"): Right.OWN_ACCOUNT,
    ("GET", "/changes"): Right.VIEW_CHANGES,
    ("GET", "/api/v1/openapi.json"): Right.OWN_ACCOUNT,
    ("GET", "/api/v1/events"): Right.VIEW_LOG,
    ("GET", "/api/v1/doors"): Right.VIEW_DOORS,
}
