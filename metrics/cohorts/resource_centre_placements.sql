-- One row per pupil and school year in which a placement began: the first of that year, until it ended or was last seen.
WITH placed AS (
    SELECT
        coalesce(identity.pupil, rows.pupil) AS pupil,
        year(rows.started) + CASE WHEN month(rows.started) >= 7 THEN 1 ELSE 0 END AS spring,
        coalesce(rows.kind, 'resource_centre') AS kind,
        rows.home_school_unit,
        rows.stage,
        rows.home_municipality,
        rows.sex,
        rows.foreign_background,
        rows.parents_education,
        rows.newly_arrived,
        rows.started,
        rows.planned_end,
        rows.ended,
        rows.end_reason,
        rows.observed_to,
        row_number() OVER (
            PARTITION BY
                coalesce(identity.pupil, rows.pupil),
                year(rows.started) + CASE WHEN month(rows.started) >= 7 THEN 1 ELSE 0 END
            ORDER BY rows.started, rows.centre, rows.home_school_unit, rows.kind, rows.planned_end, rows.ended, rows.end_reason,
                rows.home_municipality, rows.stage, rows.sex, rows.observed_to
        ) AS place
    FROM resource_centre_placement AS rows
    LEFT JOIN pupil_identity AS identity
        ON identity.old_pupil = rows.pupil
),
located AS (
    SELECT
        placed.pupil,
        printf('%d/%02d', placed.spring - 1, placed.spring % 100) AS school_year,
        placed.kind,
        placed.home_school_unit,
        coalesce(units.municipality, '') AS school_municipality,
        coalesce(units.provider, '') AS provider,
        placed.stage,
        placed.home_municipality,
        placed.sex,
        placed.foreign_background,
        placed.parents_education,
        placed.newly_arrived,
        placed.started,
        placed.planned_end,
        placed.ended,
        placed.end_reason,
        placed.place,
        -- Without a date of its own, a delivery is complete to the last date that its municipality mentions.
        coalesce(
            placed.observed_to,
            max(greatest(placed.started, placed.ended)) OVER (PARTITION BY coalesce(units.municipality, ''))
        ) AS seen_to
    FROM placed
    LEFT JOIN units_by_year AS units
        ON units.school_unit = placed.home_school_unit
        AND units.school_year = printf('%d/%02d', placed.spring - 1, placed.spring % 100)
)
SELECT
    located.pupil AS contributors,
    located.school_year AS period,
    located.home_school_unit AS school_unit,
    located.school_municipality,
    coalesce(located.home_municipality, facts.home_municipality, '') AS home_municipality,
    located.provider,
    coalesce(located.stage, 'stage_unknown') AS stage,
    coalesce(school_models.models, '') AS models,
    coalesce(located.sex, facts.sex, '') AS sex,
    CASE coalesce(located.foreign_background, facts.foreign_background)
        WHEN TRUE THEN 'foreign'
        WHEN FALSE THEN 'swedish'
        ELSE 'foreign_background_unknown'
    END AS foreign_background,
    coalesce(located.parents_education, facts.parents_education, 'parents_education_unknown') AS parents_education,
    CASE coalesce(located.newly_arrived, facts.newly_arrived)
        WHEN TRUE THEN 'newly_arrived'
        WHEN FALSE THEN 'not_newly_arrived'
        ELSE 'newly_arrived_unknown'
    END AS newly_arrived,
    located.kind,
    located.planned_end,
    CASE WHEN located.ended <= located.seen_to THEN located.ended END AS ended,
    located.seen_to,
    located.seen_to - located.started AS days_seen,
    -- What somebody's delivery reaches to could have been seen of everyone.
    max(located.seen_to) OVER () AS possible_to,
    max(located.seen_to) OVER () - located.started AS days_possible,
    CASE WHEN located.ended <= located.seen_to THEN located.ended ELSE located.seen_to END - located.started AS days,
    CASE
        WHEN located.ended IS NULL OR located.ended > located.seen_to THEN 0
        WHEN located.end_reason = 'returned' THEN 1
        ELSE 2
    END AS event
FROM located
LEFT JOIN school_models
    ON school_models.school_unit = located.home_school_unit
    AND school_models.school_year = located.school_year
LEFT JOIN pupil_background AS facts
    ON facts.pupil = located.pupil
    AND facts.school_year = located.school_year
WHERE located.place = 1
