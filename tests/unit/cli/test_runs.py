import json


def test_without_runs_the_listing_says_how_to_start_one(command):
    assert "skillwright run" in command("runs", "list").text


def test_the_listing_shows_the_task_as_it_was_typed(command, fresh_run):
    [line] = [line for line in command("runs", "list").text.splitlines() if line.startswith(fresh_run)]
    assert "balance [the] pole" in line


def test_the_json_listing_holds_status_and_request(command, unfinished_run):
    [run] = json.loads(command("runs", "list", "--json").text)
    assert (run["id"], run["status"], run["request"]["seed"]) == (unfinished_run, "interrupted", 7)


def test_a_run_without_entries_is_shown(command, fresh_run):
    assert fresh_run in command("runs", "show", fresh_run).text


def test_candidates_are_ranked_by_fitness_with_the_refused_last(command, finished_run):
    lines = command("runs", "show", finished_run).text.partition("Generation 1")[2].splitlines()
    ranking = [line.split()[0] for line in lines if line.startswith("g0-")]
    assert ranking[:4] == ["g0-c01", "g0-c00", "g0-c03", "g0-c02"]


def test_the_reason_of_a_refusal_is_shown(command, unfinished_run):
    assert "it is a duplicate of g0-c00" in command("runs", "show", unfinished_run).text


def test_the_reason_of_a_failure_is_shown(command, finished_run):
    assert "it blew up" in command("runs", "show", finished_run).text


def test_the_reason_for_leaving_the_race_is_shown(command, unfinished_run):
    assert "it fell behind" in command("runs", "show", unfinished_run).text


def test_an_unfinished_generation_says_how_much_is_missing(command, unfinished_run):
    text = command("runs", "show", unfinished_run).text
    assert "Generation 1: 2 trained, 1 refused, 1 not trained yet" in text


def test_a_finished_run_names_its_skill(command, finished_run):
    assert "balance-the-pole@1  verified" in command("runs", "show", finished_run).text


def test_the_files_of_a_run_are_listed_whole(command, opened, finished_run):
    report = opened.run_folder(finished_run) / "report.html"
    report.write_text("<html>", encoding="utf-8")
    assert str(report) in command("runs", "show", finished_run).text.splitlines()


def test_the_error_of_a_failed_run_is_shown(command, journal, fresh_run):
    journal.set_status(fresh_run, "failed", error="not one candidate could be trained")
    assert "not one candidate could be trained" in command("runs", "show", fresh_run).text


def test_the_json_of_a_run_holds_every_part(command, finished_run):
    run = json.loads(command("runs", "show", finished_run, "--json").text)
    assert set(run) == {"overview", "plan", "generations", "finals", "held_out", "skill"}
    assert run["generations"][0]["screenings"][2]["reason"] == "it is a duplicate of g0-c00"


def test_the_json_of_an_unfinished_run_has_null_for_what_is_missing(command, unfinished_run):
    assert json.loads(command("runs", "show", unfinished_run, "--json").text)["skill"] is None
