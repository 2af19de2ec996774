"""One log with everything in it for all tests of the product; whoever changes it changes a copy."""

import pytest

from api.settings import Settings
from tests.product.everything import write_everything


@pytest.fixture(scope="session")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return write_everything(tmp_path_factory.mktemp("everything"))
