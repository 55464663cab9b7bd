"""The rules about money that data files hold, read once."""

from functools import cache
from pathlib import Path
from typing import Any

from services.payments.domain.earnings import Threshold
from services.payments.domain.policies import Ending, Policies, Tier
from shared.data import read_yaml
from shared.money import BASIS_POINTS

RULES = Path(__file__).parent / "rules"
POLICIES = Path(__file__).parents[2] / "shared" / "policies"


@cache
def policies(security_days: int) -> Policies:
    """The rules of `rules/*.yml` and of the table that both sides see at the kick-off."""
    rows = _read(POLICIES / "ending.yml")["endings"]
    tiers = (Tier(**row) for row in _read(RULES / "holds.yml")["tiers"])
    bonus = _read(RULES / "bonus.yml")
    return Policies(
        endings=tuple(_ending(row) for row in rows),
        tiers={tier.name: tier for tier in tiers},
        security_days=security_days,
        bonus_bps=bonus["share_percent"] * BASIS_POINTS // 100,
        bonus_floor=bonus["always_allowed"],
        thresholds=_thresholds(),
    )


def _ending(row: dict[str, Any]) -> Ending:
    share, least = row.get("share_bps", 0), row.get("least_hours", 0)
    return Ending(fault=row["fault"], share_bps=share, least_hours=least)


def _thresholds() -> dict[tuple[int, str], Threshold]:
    return {
        (year, row["currency"]): Threshold(
            form=row["form"], currency=row["currency"], amount=row["amount"], source=row["source"]
        )
        for row in _read(RULES / "tax.yml")["thresholds"]
        for year in range(row["from_year"], row["until_year"] + 1)
    }


def _read(file: Path) -> dict[str, Any]:
    found: dict[str, Any] = read_yaml(file)
    return found
