"""Which tests ``make test`` runs of the modules that start whole runs or stacks; their others are ``long``.

Of many tests that show one thing the sharpest is named here, and what no other test shows. ``make long`` runs the
rest, ``make test-all`` both. A module that is not named here has no more ``long`` tests than it marks itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import pytest

# By module: names of tests (all their parameters), or beginnings of a name with its parameters; none where the parts
# that it puts together have sharp tests of their own.
SHARPEST: dict[str, tuple[str, ...]] = {
    "tests/embedded/test_classic_armed.py": (
        "test_a_lost_poll_leaves_no_trace_and_the_next_one_works",
        "test_a_file_whose_task_is_lost_is_queued_by_the_next_poll",
        "test_a_conversion_that_failed_becomes_a_false_done",
        "test_a_damaged_object_fails_the_summary",
    ),
    "tests/embedded/test_classic_faults.py": (
        "test_without_the_tenant_copy_a_poll_ends_in_a_false_done",
        "test_a_poll_that_finds_nothing_new_locks_the_source",
        "test_a_worker_killed_in_the_download_leaves_its_lock",
        "test_a_bucket_of_the_store_gives_what_a_directory_does",
    ),
    "tests/embedded/test_classic_life.py": (
        "test_every_recorded_state_is_passed_through_in_order[aws_simple",
        "test_a_tag_key_goes_and_comes_with_the_next_summary",
    ),
    "tests/embedded/test_classic_recordings.py": (
        "test_every_recording_of_aws_is_replayed",
        # The one with everything in it, one of several polls, one with a cost model, one that is taken wrongly.
        *(
            f"test_{what}[{name}{end}"
            for name in ("aws_rich", "aws_growing", "aws_markup", "aws_neg_text_cost")
            for what, end in (
                ("the_source_ends_as_recorded", "]"),
                ("the_rows_are_those_recorded", "-"),
                ("the_ui_tables_add_up_as_recorded", "]"),
                ("the_ui_tables_have_the_rows_recorded", "]"),
                ("the_objects_are_those_recorded", "]"),
                ("the_answers_are_those_recorded", "-"),
                ("mixed_answers_have_what_this_source_brought", "-"),
            )
        ),
    ),
    "tests/embedded/test_bill_agreement.py": (),
    "tests/embedded/test_embedded_stack.py": (
        "test_database_is_postgres_16_and_writable",
        "test_the_database_keeps_no_shared_memory_in_a_file",
        "test_database_refuses_a_wrong_password[127.0.0.1",
        "test_object_store_gives_back_what_was_put_into_each_bucket",
        "test_object_store_refuses_a_wrong_secret",
        "test_object_store_makes_no_bucket_by_itself",
        "test_cache_answers_with_its_password_and_refuses_without",
        "test_every_listener_is_on_loopback",
        "test_no_other_user_can_read_a_secret",
        "test_stop_takes_everything_along_and_may_be_said_twice",
        "test_a_part_that_does_not_start_blocks_and_leaves_nothing",
        "test_a_start_whose_port_was_taken_is_repeated_on_others",
    ),
    "tests/embedded/test_embedded_stack_end.py": (
        "test_kill_9_of_the_run_takes_everything_along",
        "test_kill_9_of_either_keeper_half_ends_all_and_tells_the_run[keeper",
        "test_embedded_up_ends_cleanly_when_interrupted[15",
        "test_kill_9_during_the_start_leaves_nothing[0.4",
    ),
    "tests/embedded/test_faults_ingest.py": (
        "test_nothing_happens_while_nothing_is_armed",
        "test_killed_mid_file_and_announced_again_counts_a_day_twice",
        "test_a_payload_lost_before_its_manifest_leaves_nothing[announcement_lost",
        "test_a_worker_killed_in_the_summary_leaves_its_lock[worker_killed_during_summary",
        "test_without_the_cost_step_there_is_usage_and_no_money[cost_step_lost",
        "test_without_the_tenant_row_the_day_is_half_written[tenant_row_never_made",
        "test_a_failed_file_says_why_and_stops_the_rest",
        "test_stale_views_show_the_answer_of_before",
        "test_a_fault_for_another_cluster_leaves_this_one_alone",
    ),
    "tests/embedded/test_faults_servers.py": (
        "test_the_api_answers_an_error_as_often_as_asked",
        "test_the_api_errs_as_long_as_asked_for_its_source_alone",
        "test_a_port_is_closed_for_a_while[koku",
        "test_the_database_restarts_and_the_payload_is_ingested",
        "test_what_cannot_be_armed_is_refused_with_the_reason",
        "test_the_control_port_needs_its_token_and_is_nowhere_else",
    ),
    "tests/embedded/test_repair_works.py": (
        "test_a_half_written_day_sent_again_counts_twice_and_is_red[one_pod_day",
        "test_a_doubling_redelivery_without_repair_is_red",
        "test_with_the_half_written_rows_deleted_first_it_is_right[True",
        "test_with_tracker_reset_or_new_uuid_nodes_lose_capacity[tracker",
        "test_ours_end_with_every_figure_right[listener_killed_mid_file-options1",
        "test_ours_end_with_every_figure_right[tenant_row_deleted_on_ingest",
    ),
    "tests/embedded/test_generate_warm_nise.py": (
        "test_a_warm_worker_writes_what_a_new_process_does[by chance",
        "test_a_warm_worker_writes_what_a_new_process_does[cost_pvc_month",
        "test_a_warm_worker_writes_what_a_new_process_does[EC2Generator",
        "test_a_warm_worker_writes_what_a_new_process_does[VPCGenerator",
        "test_without_a_seed_two_calls_draw_other_numbers",
        "test_what_was_made_before_is_not_made_again",
        "test_both_ways_to_start_nise_write_the_same",
    ),
    "tests/embedded/test_kafka.py": (
        "test_what_is_announced_is_ingested_committed_and_confirmed",
        "test_messages_for_others_are_committed_and_left_alone",
        "test_what_is_no_message_stops_nobody",
        "test_a_listener_killed_in_a_file_gets_its_message_again",
        "test_a_broker_that_wants_no_password_says_so",
    ),
    "tests/embedded/test_money_agreement.py": (
        "test_claims_of_no_node_have_no_size_in_the_total_by_node",
        "test_costs_rounded_to_fifteen_decimals_do_not_differ[0.0000000163",
        "test_a_node_may_be_a_master_until_its_architecture_is_known[label",
        "test_what_is_shared_out_sums_to_0_or_is_a_known_corner",
    ),
    "tests/embedded/test_repair_harm.py": (
        "test_a_listener_stopped_in_a_file_is_not_dead",
        "test_a_failed_file_is_not_sent_again_nor_its_row_made",
        "test_data_that_are_wrong_are_not_completed",
    ),
    "tests/embedded/test_namespace_reach.py": (
        "test_every_client_works_with_what_was_found",
        "test_a_database_outside_is_reached_through_a_pod",
        "test_an_address_given_by_hand_is_taken_from_here",
        "test_a_cut_forward_is_replaced_by_the_next_connection",
        "test_a_pod_that_was_replaced_is_found_again",
        "test_an_api_server_under_load_is_asked_again[503",
        "test_an_api_server_that_is_away_at_the_beginning_blocks",
        "test_a_missing_permission_is_named[get-secrets",
        "test_the_forward_speaks_tls_under_the_clusters_real_name",
        "test_an_untrusted_certificate_is_refused_unless_allowed",
        "test_a_certificate_of_another_name_is_not_trusted",
        "test_a_dead_port_says_so_and_leaves_no_thread",
        "test_no_pod_is_no_way",
        "test_a_run_that_ended_leaves_no_forward_and_no_thread",
        "test_pods_events_and_logs_are_read_and_refusals_are_told",
        "test_the_doctor_shows_values_with_origin_and_no_secret",
    ),
    "tests/embedded/test_rights_missing.py": (
        "test_every_line_of_the_table_has_its_case",
        "test_with_all_of_them_nothing_is_missed",
        # One of each way to be missed: read, secret, forward, of another namespace, of the cluster.
        *(
            f"test_a_missing_permission_is_named[{name}"
            for name in (
                "deployment-list-pods",
                "keycloak-get-secrets",
                "kafka-create-pods/portforward",
                "object store-get-services",
                "router-get-configmaps",
            )
        ),
        "test_a_way_in_that_was_asked_for_and_needs_it_blocks",
        "test_several_are_named_all_at_once",
        "test_the_doctor_ends_as_a_run_would",
        "test_which_groups_a_cluster_has_is_asked",
    ),
    "tests/embedded/test_standin_cost.py": (
        *(
            f"test_a_{what}[team_cost_model"
            for what in ("replayed_recording_costs_the_same_to_the_last_digit", "cost_model_is_answered_as_recorded")
        ),
        "test_a_replayed_recording_costs_the_same_to_the_last_digit[namespace_on_two_nodes",
        "test_the_golden_day_costs_what_the_contract_says",
        *(
            f"test_each_metric_alone_costs_the_whole_capacity[{metric}"
            for metric in ("cpu_core_usage_per_hour", "storage_gb_request_per_month", "node_cost_per_month")
        ),
        "test_rates_of_one_metric_add_up_and_monthly_ones_are_infra",
        "test_pricing_again_changes_no_sum_nor_summarising_a_row",
        "test_a_page_stays_old_until_the_cost_step_is_done",
        "test_without_effective_prices_there_are_no_cost_rows",
        "test_a_cost_model_is_mapped_replaced_and_deleted",
        "test_the_two_cases_in_which_distribution_does_not_conserve",
        "test_a_month_s_price_is_divided_by_the_days_of_its_own_month",
        "test_tags_have_prices_of_their_own[rates0",
        "test_tags_have_prices_of_their_own[rates5",
        "test_costs_by_tag_have_a_bucket_for_what_carries_none",
        "test_masu_refuses_to_price_what_is_not_there",
    ),
    "tests/embedded/test_standin_pipeline.py": (
        # One that grows, one of each way to be refused, one sent twice, one of two months.
        *(
            f"test_{what}[{name}]"
            for what in (
                "a_replayed_recording_ends_in_the_same_state",
                "a_replayed_recording_gives_the_summary_to_each_digit",
                "a_rejection_is_logged_in_kokus_words",
            )
            for name in (
                "growing_day",
                "neg_garbage_csv",
                "neg_missing_file",
                "neg_not_gzip",
                "same_payload_twice",
                "two_months",
            )
        ),
        "test_the_golden_day_has_the_usage_of_the_contract",
        "test_the_archive_has_a_file_per_type_day_and_manifest",
        "test_without_the_tenant_copy_a_retry_doubles_the_half_day",
        "test_the_same_uuid_again_rewrites_only_the_download_step",
        "test_a_day_sent_again_is_replaced_only_if_it_has_grown[hours1",
        "test_a_payload_in_two_tarballs_waits_for_both",
        "test_a_lost_summary_leaves_its_manifest_open",
        "test_tags_reach_the_summary_once_enabled_and_resummarised",
        "test_a_deleted_source_leaves_nothing",
        "test_an_object_that_is_not_there_is_accepted_and_then_logged",
        "test_masu_answers_as_kokus_does",
        "test_masu_shows_manifests_and_the_status_of_their_files",
    ),
    "tests/mutants/test_mutants.py": (),  # the first rows of the table, all of which "make mutants" plants
    "tests/plugin/test_bad_input.py": (
        "test_options_that_cannot_be_meant_are_refused[args0",
        "test_garbage_for_a_target_is_refused_without_its_values[koku_url",
        "test_a_silent_deployment_blocks_and_blames_no_product[plain",
        "test_a_wrong_password_blocks_and_is_not_shown[dsn",
        "test_files_that_break_programs_are_refused_at_collection",
    ),
    "tests/plugin/test_bundle_runs.py": ("test_a_red_phase_leaves_a_bundle_that_the_failure_names",),
    "tests/plugin/test_aws_runs.py": (),  # a healthy source of AWS is in the run of test_aws_can_fail
    "tests/plugin/test_aws_can_fail.py": (
        "test_what_nothing_touches_is_green_in_the_same_run",
        "test_the_first_phase_to_see_it_names_stage_and_figure[raw_value_changed",
        "test_the_first_phase_to_see_it_names_stage_and_figure[summary_row_lost",
        "test_the_first_phase_to_see_it_names_stage_and_figure[api_total_changed",
    ),
    "tests/plugin/test_can_fail.py": (
        "test_a_run_with_tampered_scenarios_is_red_for_the_product[xdist",
        "test_what_nobody_touches_is_green_in_the_same_run[xdist",
        "test_the_failures_stand_in_junit_with_their_reason[xdist",
        "test_the_console_shows_the_failures_with_their_reason[xdist",
        # A case for each stage and for the flow.
        *(
            f"test_{what}[xdist-{name}]"
            for what in (
                "the_first_phase_to_see_it_names_stage_and_figure",
                "nothing_after_the_failure_is_green_but_cleanup",
            )
            for name in (
                "csv_value_changed",
                "tenant_row_lost",
                "archive_value_changed",
                "line_item_deleted",
                "summary_changed",
                "api_total_changed",
            )
        ),
    ),
    "tests/plugin/test_cleanup.py": ("test_rows_that_do_not_go_make_the_run_unclean",),
    "tests/plugin/test_cost_groups_changed.py": ("test_changed_cost_groups_are_named_and_nothing_is_blamed[api",),
    "tests/plugin/test_deviations.py": (
        "test_a_deviation_not_accepted_fails_with_both_figures[plain",
        "test_the_money_twin_shows_the_cost_both_ways[plain",
        "test_an_accepted_deviation_is_known_and_counted_apart[plain",
        "test_it_is_foretold_when_the_data_are_made[plain",
        "test_one_that_is_named_and_does_not_happen_fails[plain",
        "test_its_name_is_the_cause_that_a_scenario_may_expect[plain",
    ),
    "tests/plugin/test_fault_scenarios.py": (
        "test_every_fault_that_can_be_armed_has_its_scenario",
        "test_a_run_of_all_of_them_ends_well",
        "test_with_repairs_off_nothing_is_written",
        "test_the_matrix_in_the_documents_has_every_fault",
        *(
            f"test_with_repairs_{what}[{name}]"
            for what in (
                "on_it_ends_repaired_with_exact_figures",
                "off_the_repaired_are_red_of_the_cause",
            )
            for name in ("announcement_lost",)
        ),
    ),
    "tests/plugin/test_faults.py": ("test_alone_they_are_refused_there[selected0-the scenario held has faults-plain",),
    "tests/plugin/test_finding_runs.py": ("test_every_consumer_says_the_whole_of_it[plain",),
    "tests/plugin/test_folders.py": (
        "test_a_folder_that_is_named_is_looked_through_for_scenarios[plain-one.yaml",
        "test_a_folder_without_scenarios_says_so_to_our_options",
    ),
    "tests/plugin/test_guest.py": (
        "test_a_guest_notices_nothing",
        "test_a_guest_keeps_its_options_and_hooks[plain",
        "test_a_taken_name_leaves_ours_the_long_one",
        "test_a_named_folder_with_files_like_scenarios_says_so_once",
        "test_what_is_ours_is_collected_in_the_same_project",
        "test_a_wrong_setting_is_told_where_scenarios_are_found[plain",
    ),
    "tests/plugin/test_interrupted.py": (
        "test_an_interrupted_run_cleans_up_and_reports[xdist-15-False",
        "test_a_scenario_that_made_something_needs_a_cleanup",
        "test_a_run_with_its_cleanups_done_is_not_waited_for",
    ),
    "tests/plugin/test_kafka_runs.py": (),
    "tests/plugin/test_midnight.py": (),
    "tests/plugin/test_money_can_fail.py": (
        "test_a_run_with_wrong_money_is_red_for_the_product_alone",
        "test_nothing_wrong_is_green_in_the_same_run[untouched",
        *(
            f"test_{what}[{name}]"
            for what in (
                "the_first_phase_to_see_it_names_stage_place_and_figure",
                "only_what_came_before_is_green",
            )
            for name in ("rate_changed", "rate_row_doubled", "ui_day_lost_in_one_table")
        ),
    ),
    "tests/plugin/test_month_left_out.py": (),
    "tests/plugin/test_namespace.py": ("test_one_pod_day_is_green_wherever_it_is_installed[as-the-chart-says",),
    "tests/plugin/test_namespace_classic.py": ("test_a_bill_is_green_on_a_chart_with_trino",),
    "tests/plugin/test_neighbour.py": (),
    "tests/plugin/test_passes.py": (
        *(
            f"test_{what}[plain"
            for what in (
                "a_healthy_deployment_is_green",
                "every_phase_has_a_line_and_the_table_its_scenarios",
                "junit_has_a_testcase_with_properties_per_phase",
                "the_results_are_valid_and_complete",
                "allure_has_one_result_per_phase",
                "nothing_is_left_on_the_target",
                "no_secret_of_the_target_is_written",
            )
        ),
    ),
    "tests/plugin/test_preflight_namespace.py": ("test_what_is_broken_blocks_with_a_sentence[policy",),
    "tests/plugin/test_quirks.py": (
        *(f"test_what_a_real_koku_takes_is_green[{name}]" for name in ("bad_row", "own_unreadable")),
        *(
            f"test_what_it_loses_or_counts_otherwise_is_red_with_its_cause[{name}]"
            for name in ("many_files", "null_name")
        ),
        "test_what_is_not_taken_as_it_is_written_is_said_by_generate",
    ),
    "tests/plugin/test_resume.py": ("test_until_a_phase_all_stays_and_from_a_phase_it_is_redone[again",),
    "tests/plugin/test_rights.py": (),
    "tests/plugin/test_selection.py": (
        "test_a_selected_phase_brings_its_bases_and_the_cleanup[plain",
        "test_x_stops_at_the_first_failure_and_cleans_up[plain",
        "test_collecting_starts_nothing[plain",
        "test_a_wrong_file_ends_the_run_with_all_problems[plain",
    ),
    "tests/plugin/test_soak.py": (
        "test_a_soak_without_a_false_alarm_is_sound",
        "test_a_repair_or_a_run_that_did_not_pass_is_a_false_alarm",
    ),
    "tests/plugin/test_two_runs.py": (),
}


def leave_out(items: Iterable[pytest.Item]) -> None:
    """Mark as ``long`` what is not named of the modules that are."""
    for item in items:
        kept = SHARPEST.get(item.nodeid.partition("::")[0])
        if kept is not None and not any(is_kept(item.name, name) for name in kept):
            item.add_marker(pytest.mark.long)


def is_kept(test: str, name: str) -> bool:
    """Whether the name stands for this test: the same function, or with ``[`` its parameters from the left."""
    return test.startswith(name) if "[" in name else test.partition("[")[0] == name


def parameters(session: pytest.Session, module: str, name: str) -> set[str]:
    """The values of a parameter in the tests of a module that this session runs, so that a shared run has no others."""
    return {
        str(item.callspec.params[name])
        for item in session.items
        if isinstance(item, pytest.Function)
        and item.module.__name__ == module
        and hasattr(item, "callspec")
        and name in item.callspec.params
    }


def by_room(nodes: Iterable[str]) -> Counter[str]:
    """How many tests each folder below ``tests/`` has of these."""
    return Counter("/".join(node.split("/")[:2]) for node in nodes)
