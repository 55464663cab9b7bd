"""The bank of the unit tests keeps the rules of the port: it does not lie to them."""

import pytest

from tests.unit.payments.bank_cases import BankCases, Faults, Rig
from tests.unit.payments.fakes import FakeBank, Time


class TestFakeBank(BankCases):
    @pytest.fixture
    def rig(self) -> Rig:
        faults = Faults()
        return Rig(FakeBank(Time(), faults), faults)
