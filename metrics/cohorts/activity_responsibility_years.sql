-- One row per young person and school year in the register of the municipal activity responsibility.
-- Years: activity_responsibility 0; pupil_background 0
SELECT
    coalesce(identity.pupil, rows.pupil) AS contributors,
    rows.school_year AS period,
    '' AS school_unit,
    '' AS school_municipality,
    arg_max(rows.home_municipality, (rows.registered, rows.home_municipality)) AS home_municipality,
    '' AS provider,
    'all' AS stage,
    '' AS models,
    coalesce(max(rows.sex), max(facts.sex), '') AS sex,
    CASE max(facts.foreign_background)
        WHEN TRUE THEN 'foreign'
        WHEN FALSE THEN 'swedish'
        ELSE 'foreign_background_unknown'
    END AS foreign_background,
    coalesce(max(facts.parents_education), 'parents_education_unknown') AS parents_education,
    CASE max(facts.newly_arrived)
        WHEN TRUE THEN 'newly_arrived'
        WHEN FALSE THEN 'not_newly_arrived'
        ELSE 'newly_arrived_unknown'
    END AS newly_arrived,
    CASE
        WHEN bool_or(rows.deregistered IS NULL) THEN 'still_registered'
        ELSE coalesce(arg_max(coalesce(rows.reason, 'other'), (rows.deregistered, coalesce(rows.reason, 'other'))), 'other')
    END AS reason,
    bool_or(coalesce(rows.took_part, FALSE)) AS took_part,
    bool_or(rows.took_part IS NOT NULL) AS participation_known
FROM activity_responsibility AS rows
LEFT JOIN pupil_identity AS identity
    ON identity.old_pupil = rows.pupil
LEFT JOIN pupil_background AS facts
    ON facts.pupil = coalesce(identity.pupil, rows.pupil)
    AND facts.school_year = rows.school_year
GROUP BY
    coalesce(identity.pupil, rows.pupil),
    rows.school_year
