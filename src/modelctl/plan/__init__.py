"""What a change of the catalog means for people: two desired states -> a Plan, said in three forms."""

from modelctl.plan.compare import plan
from modelctl.plan.values import Change, FactChange, Plan, RouteMove

__all__ = ["Change", "FactChange", "Plan", "RouteMove", "plan"]
