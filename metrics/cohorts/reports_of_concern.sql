-- One row per report of concern: who reported, what was decided and what followed, as far as it has been seen.
-- Years: support_chain all
WITH dated AS (
    SELECT
        child,
        municipality,
        report_date,
        coalesce(report_number, 1) AS report_number,
        coalesce(reporter, 'unknown') AS reporter,
        stage,
        sex,
        birth_year,
        decision_date,
        opened,
        coalesce(investigation_start, decision_date) AS investigation_start,
        investigation_end,
        coalesce(extended, FALSE) AS extended,
        intervention,
        feedback_given,
        -- Without a date of its own, a delivery is complete to the last date that its municipality mentions.
        coalesce(
            observed_to,
            max(greatest(report_date, decision_date, investigation_end, intervention_start)) OVER (PARTITION BY municipality)
        ) AS seen_to,
        min(report_date) OVER (PARTITION BY municipality) AS municipality_begins,
        min(report_date) OVER (PARTITION BY child) AS first_report,
        min(report_date) OVER (
            PARTITION BY child
            ORDER BY report_date
            RANGE BETWEEN INTERVAL 1 DAY FOLLOWING AND INTERVAL 12 MONTH FOLLOWING
        ) AS next_report
    FROM support_chain
)
SELECT
    child,
    CAST(year(report_date) AS VARCHAR) AS period,
    municipality,
    report_date,
    reporter,
    stage,
    sex,
    birth_year,
    seen_to,
    municipality_begins,
    first_report,
    next_report,
    row_number() OVER (PARTITION BY child, year(report_date) ORDER BY report_date, report_number, municipality) AS place,
    row_number() OVER (
        PARTITION BY child, year(report_date), reporter = 'school' ORDER BY report_date, report_number, municipality
    ) AS place_among_reporter,
    report_date + 14 <= seen_to AS decision_due,
    coalesce(decision_date <= report_date + 14, FALSE) AS decided_in_time,
    decision_date <= seen_to AND opened IS NOT NULL AS decided,
    coalesce(opened, FALSE) AS opened,
    feedback_given,
    CASE
        WHEN NOT coalesce(opened, FALSE) OR investigation_start IS NULL THEN NULL
        WHEN investigation_start + INTERVAL 4 MONTH > seen_to THEN NULL
        WHEN investigation_end <= investigation_start + INTERVAL 4 MONTH THEN 'closed_in_time'
        WHEN extended THEN 'extended'
        WHEN investigation_end <= seen_to THEN 'closed_late'
        ELSE 'still_open'
    END AS investigation_state,
    report_date + INTERVAL 6 MONTH <= seen_to AS followed_six_months,
    report_date + INTERVAL 12 MONTH <= seen_to AS followed_a_year,
    coalesce(intervention, 'undecided') AS intervention
FROM dated
