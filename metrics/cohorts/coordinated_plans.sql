-- One row per child and calendar year with at least one coordinated individual plan (SIP): the first of the year.
WITH dated AS (
    SELECT
        child,
        municipality,
        plan_date,
        initiator,
        stage,
        sex,
        school_took_part,
        child_took_part,
        followed_up,
        ended,
        -- Without a date of its own, a delivery is complete to the last date that its municipality mentions.
        coalesce(observed_to, max(greatest(plan_date, followed_up, ended)) OVER (PARTITION BY municipality)) AS seen_to,
        row_number() OVER (PARTITION BY child, year(plan_date) ORDER BY plan_date, municipality) AS place
    FROM coordinated_plan
)
SELECT
    child AS contributors,
    CAST(year(plan_date) AS VARCHAR) AS period,
    '' AS school_unit,
    '' AS school_municipality,
    municipality AS home_municipality,
    '' AS provider,
    coalesce(stage, 'stage_unknown') AS stage,
    '' AS models,
    coalesce(sex, '') AS sex,
    'foreign_background_unknown' AS foreign_background,
    'parents_education_unknown' AS parents_education,
    'newly_arrived_unknown' AS newly_arrived,
    initiator,
    school_took_part,
    child_took_part,
    seen_to - plan_date AS days_seen,
    least(followed_up, ended, seen_to) - plan_date AS days,
    CASE
        WHEN followed_up <= least(ended, seen_to) THEN 1
        WHEN ended <= seen_to THEN 2
        ELSE 0
    END AS event
FROM dated
WHERE place = 1
