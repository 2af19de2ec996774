"""One log with everything in it for all tests of the product; whoever changes it changes a copy."""

import pytest

from api.settings import Settings
from tests.api.organisation import copied
from tests.own_folder import made_once
from tests.product.everything import write_everything


@pytest.fixture(scope="session")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return copied(made_once("everything", write_everything), tmp_path_factory.mktemp("everything") / "data")
