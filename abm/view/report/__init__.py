"""The report: one HTML file that tells a policy reader what was asked, what came out, how sure it is, and how to do it again."""

from abm.view.report.write import write_report

__all__ = ["write_report"]
