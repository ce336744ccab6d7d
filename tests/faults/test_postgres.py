"""The database drops everybody: dispatcher and workers come back by themselves."""


def drop_everybody(house) -> None:
    house.rows(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )


def test_all_connections_are_lost_in_the_middle_of_jobs(running, tmp_path):
    tenant = running.tenant()
    held = running.enqueue(tenant, "hold", folder=str(tmp_path), tag="cut")
    running.held(tmp_path, "cut", 1)
    drop_everybody(running)
    (tmp_path / "go").touch()
    running.forget_connections()
    after = running.enqueue(tenant, "mark", tag="after")
    running.wait_for(after)
    job = running.wait_for(held)

    assert sorted(running.effects(tenant)) == ["after", "cut"]
    assert job["failures"] == 1
