def test_init_makes_a_project_and_names_what_it_made(command, tmp_path):
    folder = tmp_path / "mine"
    output = command("init", str(folder))
    assert (folder / "skillwright.toml").is_file()
    assert f"made {folder / 'envs'}" in output.text.splitlines()


def test_init_changes_nothing_in_a_project(command, tmp_path):
    command("init", str(tmp_path))
    assert "is a project already" in command("init", str(tmp_path)).text


def test_init_takes_the_working_folder_unless_told(command, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    command("init")
    assert (tmp_path / "skillwright.toml").is_file()
