"""A flow for scripts/prefect.sh, served as the deployment `steward-work`.

Its parameter says what it does: `slow` goes on until it is cancelled, `fail` fails, anything else
is said in the log, and the flow succeeds.
"""

import time
from typing import Annotated, Literal, Optional

from prefect import flow, get_run_logger
from pydantic import Field


@flow(name="steward-work", description="Does what its parameter says, for tests", log_prints=True)
def work(
    value: Annotated[str, Field(description="What to do")] = "nothing",
    rounds: Annotated[int, Field(title="Rounds", ge=1, le=9)] = 3,
    mode: Annotated[Literal["fast", "safe"], Field(description="How to do it")] = "fast",
    notify: Optional[str] = None,
):
    logger = get_run_logger()
    logger.info("value: %s", value)
    logger.info("::progress 1/2 half way::")
    if value == "fail":
        raise ValueError("asked to fail")
    if value == "slow":
        time.sleep(300)
    if value == "pause":
        time.sleep(20)
    logger.info("done")


if __name__ == "__main__":
    work.serve(name="steward-work", print_starting_message=False)
