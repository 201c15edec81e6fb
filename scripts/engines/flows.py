"""A flow for scripts/prefect.sh, served as the deployment `steward-work`.

Its parameter says what it does: `slow` goes on until it is cancelled, `fail` fails, anything else
is said in the log, and the flow succeeds.
"""

import time

from prefect import flow, get_run_logger


@flow(name="steward-work", log_prints=True)
def work(value: str = "nothing"):
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
