-- Special support at school beside an intervention from social services that went on some day of the school year.
WITH supported AS (
    SELECT *, make_date(CAST(left(school_year, 4) AS INTEGER), 7, 1) AS from_day, make_date(CAST(left(school_year, 4) AS INTEGER) + 1, 6, 30) AS to_day
    FROM facts
    SEMI JOIN members ON members.code = facts.home_municipality
    WHERE special_support
),
linked AS (
    SELECT coalesce(now_called.pupil, pairs.pupil) AS pupil, municipality, intervention_start, intervention_end
    FROM declared_join AS pairs JOIN support_chain USING (child) LEFT JOIN now_called ON old_pupil = pairs.pupil
),
-- A joined municipality is covered when its reports reach the end of the school year.
reach AS (
    SELECT municipality AS home_municipality, max(coalesce(observed_to, greatest(report_date, decision_date, investigation_end, intervention_start))) AS seen_to
    FROM support_chain SEMI JOIN joined_members USING (municipality)
    GROUP BY ALL
),
pupils AS (
    SELECT
        supported.*, coalesce(seen_to >= to_day, FALSE) AS covered,
        EXISTS (
            SELECT 1 FROM linked
            WHERE linked.pupil = supported.pupil AND intervention_start <= to_day AND (intervention_end IS NULL OR intervention_end >= from_day)
        ) AS helped
    FROM supported LEFT JOIN reach USING (home_municipality)
)
SELECT
    school_year AS period, '' AS school_municipality, home_municipality, '' AS provider, 'all' AS stage, '' AS models, coalesce(sex, '') AS sex,
    foreign_word(foreign_background) AS foreign_background, education_word(parents_education) AS parents_education, newly_word(newly_arrived) AS newly_arrived,
    yes(covered) AS special_support_with_intervention__denominator, yes(covered AND helped) AS special_support_with_intervention__numerator,
    count(*) AS contributors, '' AS school_first, '' AS school_last
FROM pupils
GROUP BY ALL
ORDER BY ALL
