"""What a change of the catalog means for people: two desired states -> a Plan, in three formats."""

from modelctl.plan.guards import guards
from modelctl.plan.lacking import takes_away
from modelctl.plan.make_plan import Traffic, plan_change
from modelctl.plan.plan_values import Change, FactChange, Plan, RouteMove, step_digest

__all__ = ["Change", "FactChange", "Plan", "RouteMove", "Traffic", "guards", "plan_change", "step_digest", "takes_away"]
