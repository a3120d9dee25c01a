-- Pupils of joined members: absence of those known to social services and of the others, and who is reported within a year of
-- the term by level of absence.
-- A member is followed to a year after the term where its reports begin before the term ends and reach that far.
WITH reach AS (
    SELECT municipality, max(coalesce(observed_to, greatest(report_date, decision_date, investigation_end, intervention_start))) AS seen_to
    FROM support_chain SEMI JOIN joined_members USING (municipality)
    GROUP BY ALL
),
reported AS (
    SELECT DISTINCT coalesce(now_called.pupil, pairs.pupil) AS pupil, report_date
    FROM declared_join AS pairs JOIN support_chain USING (child) LEFT JOIN now_called ON old_pupil = pairs.pupil
),
pupils AS (
    SELECT
        placed_terms.*, coalesce(since <= last_day, FALSE) AS joined, coalesce(first_report <= last_day, FALSE) AS known,
        coalesce(since <= last_day AND seen_to >= last_day + INTERVAL 12 MONTH, FALSE) AS followed,
        EXISTS (
            SELECT 1 FROM reported
            WHERE reported.pupil = placed_terms.pupil AND report_date > last_day AND report_date <= last_day + INTERVAL 12 MONTH
        ) AS later
    FROM placed_terms
    LEFT JOIN joined_since ON joined_since.municipality = school_municipality
    LEFT JOIN reach ON reach.municipality = school_municipality
    LEFT JOIN first_reports USING (pupil)
)
SELECT
    period, school_municipality, home_municipality, provider, stage, models, sex, foreign_background, parents_education, newly_arrived,
    yes(joined AND known) AS absence_20_known_to_social_services__denominator, yes(joined AND known AND share >= 0.20) AS absence_20_known_to_social_services__numerator,
    yes(joined AND NOT known) AS absence_20_not_known_to_social_services__denominator, yes(joined AND NOT known AND share >= 0.20) AS absence_20_not_known_to_social_services__numerator,
    yes(followed AND share < 0.10) AS reported_after_absence_under_10__denominator, yes(followed AND share < 0.10 AND later) AS reported_after_absence_under_10__numerator,
    yes(followed AND share >= 0.10 AND share < 0.20) AS reported_after_absence_10_to_20__denominator, yes(followed AND share >= 0.10 AND share < 0.20 AND later) AS reported_after_absence_10_to_20__numerator,
    yes(followed AND share >= 0.20) AS reported_after_absence_20__denominator, yes(followed AND share >= 0.20 AND later) AS reported_after_absence_20__numerator,
    count(*) AS contributors, min(school_unit) AS school_first, max(school_unit) AS school_last
FROM pupils
GROUP BY ALL
ORDER BY ALL
