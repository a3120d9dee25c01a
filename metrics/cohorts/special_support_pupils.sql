-- One row per pupil and school year with special support at school; whether social services had an intervention going on
-- is known only where a declared join covers the home municipality and its deliveries reach the end of the school year.
-- Years: pupil_background 0
WITH supported AS (
    SELECT
        pupil,
        school_year,
        make_date(CAST(substr(school_year, 1, 4) AS INTEGER), 7, 1) AS first_day,
        make_date(CAST(substr(school_year, 1, 4) AS INTEGER) + 1, 6, 30) AS last_day,
        coalesce(home_municipality, '') AS home_municipality,
        sex,
        foreign_background,
        parents_education,
        newly_arrived
    FROM pupil_background
    WHERE special_support
),
linked AS (
    SELECT
        coalesce(identity.pupil, pairs.pupil) AS pupil,
        chain.intervention_start,
        chain.intervention_end
    FROM declared_join AS pairs
    JOIN support_chain AS chain
        ON chain.child = pairs.child
    LEFT JOIN pupil_identity AS identity
        ON identity.old_pupil = pairs.pupil
),
ongoing AS (
    SELECT DISTINCT
        supported.pupil,
        supported.school_year
    FROM supported
    JOIN linked
        ON linked.pupil = supported.pupil
        AND linked.intervention_start <= supported.last_day
        AND coalesce(linked.intervention_end, supported.first_day) >= supported.first_day
)
SELECT
    supported.pupil AS contributors,
    supported.school_year AS period,
    '' AS school_unit,
    '' AS school_municipality,
    supported.home_municipality,
    '' AS provider,
    'all' AS stage,
    '' AS models,
    coalesce(supported.sex, '') AS sex,
    CASE supported.foreign_background
        WHEN TRUE THEN 'foreign'
        WHEN FALSE THEN 'swedish'
        ELSE 'foreign_background_unknown'
    END AS foreign_background,
    coalesce(supported.parents_education, 'parents_education_unknown') AS parents_education,
    CASE supported.newly_arrived
        WHEN TRUE THEN 'newly_arrived'
        WHEN FALSE THEN 'not_newly_arrived'
        ELSE 'newly_arrived_unknown'
    END AS newly_arrived,
    coalesce(reach.reports_seen_to >= supported.last_day, FALSE) AS covered,
    ongoing.pupil IS NOT NULL AS intervention
FROM supported
LEFT JOIN joined_reach AS reach
    ON reach.municipality = supported.home_municipality
LEFT JOIN ongoing
    ON ongoing.pupil = supported.pupil
    AND ongoing.school_year = supported.school_year
