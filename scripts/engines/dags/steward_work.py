"""A DAG for scripts/airflow.sh: the same work as in ../flows.py."""

import datetime
import time

from airflow.sdk import Param, dag, get_current_context, task


@dag(
    dag_id="steward-work",
    description="Does what its parameter says, for tests",
    schedule=None,
    params={
        "value": Param("nothing", type="string", description="What to do"),
        "rounds": Param(3, type="integer", minimum=1, maximum=9, title="Rounds"),
        "mode": Param("fast", enum=["fast", "safe"], description="How to do it"),
        "notify": Param(None, type=["null", "string"], format="email"),
    },
)
def steward_work():
    @task(execution_timeout=datetime.timedelta(minutes=10))
    def work():
        value = get_current_context()["params"]["value"]
        print(f"value: {value}")
        print("::progress 1/2 half way::")
        if value == "fail":
            raise ValueError("asked to fail")
        if value == "slow":
            time.sleep(300)
        if value == "pause":
            time.sleep(20)
        print("done")

    work()


steward_work()
