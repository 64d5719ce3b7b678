"""`plan`: what a `tts` request would give, without a model."""

from jobs.plan.reply import PlanReply
from jobs.plan.run import run

__all__ = ["PlanReply", "run"]
