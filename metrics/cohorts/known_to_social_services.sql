-- One row per pupil who a declared join links to a reported child: the first report. Empty without a join.
SELECT
    coalesce(identity.pupil, linked.pupil) AS pupil,
    min(chain.report_date) AS first_report
FROM declared_join AS linked
JOIN support_chain AS chain
    ON chain.child = linked.child
LEFT JOIN pupil_identity AS identity
    ON identity.old_pupil = linked.pupil
GROUP BY
    coalesce(identity.pupil, linked.pupil)
