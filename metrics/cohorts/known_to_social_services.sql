-- One row per pupil who a declared join links to a reported child: the first report and every one. Empty without a join.
SELECT
    coalesce(identity.pupil, linked.pupil) AS pupil,
    min(chain.report_date) AS first_report,
    list(chain.report_date) AS report_days
FROM declared_join AS linked
JOIN support_chain AS chain
    ON chain.child = linked.child
LEFT JOIN pupil_identity AS identity
    ON identity.old_pupil = linked.pupil
GROUP BY
    coalesce(identity.pupil, linked.pupil)
