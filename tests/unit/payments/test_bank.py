"""The bank of the unit tests and the sandbox bank keep the rules of the port."""

import pytest

from services.payments.sandbox_bank import SandboxBank
from tests.unit.payments.bank_cases import BankCases, Faults, ProcessorCases, Rig
from tests.unit.payments.fake_database import fake_platform
from tests.unit.payments.fakes import FakeBank, Time


class TestFakeBank(BankCases):
    @pytest.fixture
    def rig(self) -> Rig:
        faults = Faults()
        return Rig(FakeBank(Time(), faults), faults)


class TestSandboxBank(BankCases, ProcessorCases):
    @pytest.fixture
    def rig(self) -> Rig:
        faults = Faults()
        return Rig(SandboxBank(fake_platform(Time()), faults), faults)
