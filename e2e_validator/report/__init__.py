"""What a run tells its readers: console, JUnit, Allure, ``results.json`` and the journal, all made from events."""
