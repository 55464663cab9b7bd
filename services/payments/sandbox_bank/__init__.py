"""A processor of simulated money, an honest twin of the real one: nothing here leaves the house."""

from services.payments.sandbox_bank.bank import SandboxBank
from services.payments.sandbox_bank.cards import CARDS, COUNTRIES
from services.payments.sandbox_bank.faults import FaultPlan, Faults, NoAnswer

__all__ = ["CARDS", "COUNTRIES", "FaultPlan", "Faults", "NoAnswer", "SandboxBank"]
