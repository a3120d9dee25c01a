-- One row per pupil and school year in which a case with a collaboration model began: the first case of that year.
WITH cases AS (
    SELECT
        coalesce(identity.pupil, rows.pupil) AS pupil,
        year(rows.started) + CASE WHEN month(rows.started) >= 7 THEN 1 ELSE 0 END AS spring,
        rows.model_type,
        rows.home_school_unit,
        rows.stage,
        rows.home_municipality,
        rows.sex,
        rows.foreign_background,
        rows.parents_education,
        rows.newly_arrived,
        rows.started,
        rows.signal_date,
        rows.first_contact,
        rows.ended,
        rows.end_reason,
        rows.observed_to,
        row_number() OVER (
            PARTITION BY
                coalesce(identity.pupil, rows.pupil),
                year(rows.started) + CASE WHEN month(rows.started) >= 7 THEN 1 ELSE 0 END
            ORDER BY rows.started, rows.instance, rows.home_school_unit, rows.signal_date, rows.first_contact, rows.ended, rows.end_reason,
                rows.home_municipality, rows.stage, rows.sex, rows.observed_to
        ) AS place
    FROM model_participation AS rows
    LEFT JOIN pupil_identity AS identity
        ON identity.old_pupil = rows.pupil
),
located AS (
    SELECT
        cases.pupil,
        printf('%d/%02d', cases.spring - 1, cases.spring % 100) AS school_year,
        cases.home_school_unit,
        coalesce(units.municipality, '') AS school_municipality,
        coalesce(units.provider, '') AS provider,
        cases.stage,
        cases.home_municipality,
        cases.sex,
        cases.foreign_background,
        cases.parents_education,
        cases.newly_arrived,
        cases.signal_date,
        cases.first_contact,
        cases.ended,
        cases.end_reason,
        cases.place,
        -- Without a date of its own, a delivery is complete to the last date that its municipality mentions.
        coalesce(
            cases.observed_to,
            max(greatest(cases.started, cases.first_contact, cases.ended)) OVER (PARTITION BY coalesce(units.municipality, ''))
        ) AS seen_to
    FROM cases
    LEFT JOIN units_by_year AS units
        ON units.school_unit = cases.home_school_unit
        AND units.school_year = printf('%d/%02d', cases.spring - 1, cases.spring % 100)
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
    located.signal_date <= coalesce(located.first_contact, located.seen_to) AS has_signal,
    located.seen_to - located.signal_date AS signal_days_seen,
    least(located.first_contact, located.ended, located.seen_to) - located.signal_date AS contact_days,
    CASE
        WHEN located.first_contact <= least(located.ended, located.seen_to) THEN 1
        WHEN located.ended <= located.seen_to THEN 2
        ELSE 0
    END AS contact_event,
    located.first_contact <= located.seen_to AND located.first_contact <= coalesce(located.ended, located.seen_to) AS has_contact,
    located.seen_to - located.first_contact AS support_days_seen,
    least(located.ended, located.seen_to) - located.first_contact AS support_days,
    CASE
        WHEN located.ended IS NULL OR located.ended > located.seen_to THEN 0
        WHEN located.end_reason = 'completed' THEN 1
        ELSE 2
    END AS support_event
FROM located
LEFT JOIN school_models
    ON school_models.school_unit = located.home_school_unit
    AND school_models.school_year = located.school_year
LEFT JOIN pupil_background AS facts
    ON facts.pupil = located.pupil
    AND facts.school_year = located.school_year
WHERE located.place = 1
