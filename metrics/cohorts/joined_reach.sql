-- One row per municipality that a declared join covers: its first report and the day its deliveries are complete to.
SELECT
    municipality,
    min(report_date) AS reports_begin,
    max(
        coalesce(observed_to, greatest(report_date, decision_date, investigation_end, intervention_start))
    ) AS reports_seen_to
FROM support_chain
WHERE municipality IN (SELECT municipality FROM joined_members)
GROUP BY
    municipality
