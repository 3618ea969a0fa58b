"""The tasks of the classic stack, by the names of Koku's."""

CHECK_REPORT_UPDATES = "masu.celery.tasks.check_report_updates"
GET_REPORT_FILES = "masu.processor.tasks.get_report_files"
SUMMARIZE_REPORTS = "masu.processor.tasks.summarize_reports"
