"""A processor of simulated money, an honest twin of the real one: nothing here leaves the house."""

from services.payments.sandbox_bank.bank import SandboxBank
from services.payments.sandbox_bank.cards import CARDS, COUNTRIES
from services.payments.sandbox_bank.door import Door
from services.payments.sandbox_bank.faults import FaultPlan, Faults, NoAnswer
from services.payments.sandbox_bank.sender import Sender

__all__ = ["CARDS", "COUNTRIES", "Door", "FaultPlan", "Faults", "NoAnswer", "SandboxBank", "Sender"]
