"""The report: one static HTML file per run, with its evidence, its comparison and its whole lineage."""

from skillwright.report.page import ReportInput, render_report, write_report

__all__ = ["ReportInput", "render_report", "write_report"]
