-- Coordinated individual plans (SIP): the first of a child's year.
WITH plans AS (
    SELECT
        *, year(plan_date) AS planned, row_number() OVER (PARTITION BY child, year(plan_date) ORDER BY plan_date, municipality) AS number,
        coalesce(observed_to, max(greatest(plan_date, followed_up, ended)) OVER (PARTITION BY municipality)) AS seen_to
    FROM coordinated_plan
),
children AS (
    SELECT
        *, seen_to - plan_date >= 182 AS half_year,
        -- A plan that ended before it was followed up never was.
        coalesce(followed_up - plan_date <= 182 AND followed_up <= seen_to AND followed_up <= coalesce(ended, followed_up), FALSE) AS in_time
    FROM plans SEMI JOIN members ON members.code = plans.municipality
    WHERE number = 1
)
SELECT
    CAST(planned AS VARCHAR) AS period, '' AS school_municipality, municipality AS home_municipality, '' AS provider, coalesce(stage, 'stage_unknown') AS stage,
    '' AS models, coalesce(sex, '') AS sex, 'foreign_background_unknown' AS foreign_background, 'parents_education_unknown' AS parents_education,
    'newly_arrived_unknown' AS newly_arrived,
    yes(initiator IS NOT NULL) AS plan_initiated_by_school__denominator, yes(initiator = 'school') AS plan_initiated_by_school__numerator,
    yes(school_took_part IS NOT NULL) AS plan_with_school__denominator, yes(school_took_part) AS plan_with_school__numerator,
    yes(child_took_part IS NOT NULL) AS plan_with_child__denominator, yes(child_took_part) AS plan_with_child__numerator,
    yes(half_year) AS plan_followed_up_within_6_months__denominator, yes(half_year AND in_time) AS plan_followed_up_within_6_months__numerator,
    count(*) AS contributors, '' AS school_first, '' AS school_last
FROM children
GROUP BY ALL
ORDER BY ALL
