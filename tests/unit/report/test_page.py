import base64
import errno
import os
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from skillwright.agents.run_types import SubTask
from skillwright.core.errors import StorageError
from skillwright.report import ReportInput, render_report, write_report

ATTACK = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)><a href='javascript:alert(1)'>x</a>"


class Page(HTMLParser):
    """Collects the elements of a document."""

    VOID = frozenset({"meta", "input", "line", "circle", "path", "br", "img"})

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert tag in self.VOID or self.open.pop() == tag

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


def hostile(report: ReportInput) -> ReportInput:
    """The report with an attack in every text that a person or a model wrote."""
    evolution = report.evolution

    def poison(candidate):
        program = candidate.program.model_copy(update={"source": ATTACK, "weights": {ATTACK: 1.0}})
        return candidate.model_copy(update={"rationale": ATTACK, "program": program})

    generations = [
        generation.model_copy(
            update={
                "candidates": [poison(candidate) for candidate in generation.candidates],
                "screenings": [s.model_copy(update={"reason": ATTACK}) for s in generation.screenings],
                "trained": [run.model_copy(update={"failure": ATTACK}) for run in generation.trained],
                "reflection": f"{ATTACK}\n\n[x](javascript:alert(1))\n\n```\n{ATTACK}\n```",
            }
        )
        for generation in evolution.generations
    ]
    terms = {ATTACK: 1.0}
    finals = [
        run.model_copy(
            update={
                "failure": ATTACK,
                "curve": [point.model_copy(update={"terms": terms}) for point in run.curve],
            }
        )
        for run in evolution.finals
    ]
    return replace(
        report,
        request=report.request.model_copy(update={"text": ATTACK}),
        plan=report.plan.model_copy(
            update={
                "rationale": ATTACK,
                "planner": ATTACK,
                "sub_tasks": [SubTask(text=ATTACK, env_id=ATTACK, task=ATTACK, reuse=ATTACK)],
            }
        ),
        evolution=evolution.model_copy(
            update={"generations": generations, "finals": finals, "winner": poison(evolution.winner)}
        ),
        reference_source=ATTACK,
        notes=(ATTACK,),
        versions={ATTACK: ATTACK},
        video_place=ATTACK,
    )


def test_a_whole_run_is_well_formed_and_small(report: ReportInput) -> None:
    html = render_report(report)
    page = Page(html)
    assert page.open == []
    assert len(html) < 300_000


def test_the_same_input_gives_the_same_page(report: ReportInput) -> None:
    assert render_report(report) == render_report(report)


def test_no_text_of_a_model_or_person_becomes_an_element(report: ReportInput) -> None:
    page = Page(render_report(hostile(report)))
    names = {tag for tag, _ in page.elements}
    assert names.isdisjoint({"script", "img", "iframe", "object", "link", "base", "form"})
    assert page.text.count("<script>alert(1)</script>") > 50


def test_no_attribute_runs_code_or_leaves_the_page(report: ReportInput) -> None:
    for _, attributes in Page(render_report(hostile(replace(report, video=b"mp4")))).elements:
        assert not any(name.startswith("on") for name in attributes)
        assert (attributes.get("href") or "#").startswith("#")
        assert (attributes.get("src") or "data:video/mp4").startswith("data:video/mp4")


def test_the_page_forbids_everything_but_its_own_styles_and_media(report: ReportInput) -> None:
    policies = [meta["content"] for meta in Page(render_report(report)).all("meta") if "http-equiv" in meta]
    assert policies == ["default-src 'none'; style-src 'unsafe-inline'; img-src data:; media-src data:"]


def test_the_style_sheet_loads_nothing(report: ReportInput) -> None:
    html = render_report(report)
    assert "url(" not in html
    assert "@import" not in html


def test_every_link_inside_the_page_has_a_target(report: ReportInput) -> None:
    page = Page(render_report(replace(report, video=b"mp4")))
    targets = {attributes.get("id") for _, attributes in page.elements}
    links = {str(link["href"]).removeprefix("#") for link in page.all("a")}
    assert links <= targets


def test_every_drawing_and_video_has_words_for_people_who_do_not_see_it(report: ReportInput) -> None:
    page = Page(render_report(replace(report, video=b"mp4")))
    drawings = [svg for svg in page.all("svg") if "class" in svg] + page.all("video")
    assert len(drawings) > 15
    assert all(drawing.get("aria-label") for drawing in drawings)


def test_the_video_is_inside_the_page_and_its_place_is_named(report: ReportInput) -> None:
    page = Page(render_report(replace(report, video=b"moving", video_place="videos/lander.mp4")))
    (video,) = page.all("video")
    assert video["src"] == "data:video/mp4;base64," + base64.b64encode(b"moving").decode()
    assert {"controls", "autoplay", "muted", "loop", "playsinline"} <= video.keys()
    assert "videos/lander.mp4" in page.text


def test_without_a_video_there_is_no_player(report: ReportInput) -> None:
    assert Page(render_report(report)).all("video") == []


@pytest.mark.parametrize(
    "shape",
    [
        {"has_reference": False},
        {"has_success": False},
        {"has_reference": False, "has_success": False},
        {"num_generations": 1, "num_candidates": 2},
        {"winner_generation": 0},
    ],
)
def test_a_run_without_some_of_its_parts_is_shown(
    report_of: Callable[..., ReportInput], shape: dict[str, object]
) -> None:
    page = Page(render_report(report_of(**shape)))
    assert page.open == []
    assert "nan" not in page.text
    assert "None" not in page.text


def test_a_run_whose_other_candidates_all_failed_is_shown(report: ReportInput) -> None:
    winner = report.evolution.winner.id
    generations = [
        one.model_copy(
            update={
                "trained": [
                    run
                    if run.candidate_id == winner
                    else run.model_copy(update={"policy": None, "curve": [], "judgement": None})
                    for run in one.trained
                ]
            }
        )
        for one in report.evolution.generations
    ]
    result = report.evolution.model_copy(update={"generations": generations, "finals": []})
    page = Page(render_report(replace(report, evolution=result)))
    assert "nothing was measured" in page.text


def test_a_lineage_of_a_hundred_candidates_stays_below_a_megabyte(
    report_of: Callable[..., ReportInput],
) -> None:
    html = render_report(report_of(num_generations=7, num_candidates=16))
    assert len(html.encode()) < 1_000_000
    assert len([row for row in Page(html).all("tr") if "id" in row]) == 112


def test_the_file_holds_the_page(report: ReportInput, tmp_path: Path) -> None:
    path = tmp_path / "runs" / "report.html"
    write_report(report, path)
    assert path.read_text(encoding="utf-8") == render_report(report)
    assert [entry.name for entry in path.parent.iterdir()] == ["report.html"]


def test_a_place_that_cannot_be_written_is_a_storage_error_that_names_it(report: ReportInput, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StorageError, match=r"cannot write .*report\.html"):
        write_report(report, tmp_path / "file" / "report.html")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_leaves_the_older_report_as_it_was(report: ReportInput, tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    path.write_text("older")
    (tmp_path / f".report.html.{os.getpid()}.tmp").symlink_to("/dev/full")
    with pytest.raises(StorageError, match="disk is full") as refusal:
        write_report(report, path)
    assert isinstance(refusal.value.__cause__, OSError)
    assert refusal.value.__cause__.errno == errno.ENOSPC
    assert path.read_text() == "older"
