-- Pupils of joined members: absence of those known to social services and of the others, and who is reported within a year of
-- the term by level of absence.
WITH named AS (
    SELECT
        term, CASE WHEN term % 2 = 1 THEN 'HT ' ELSE 'VT ' END || (term // 2) AS period, term // 2 + term % 2 AS spring,
        starting_year(term // 2 + term % 2) AS school_year,
        CASE WHEN term % 2 = 1 THEN make_date(term // 2, 12, 31) ELSE make_date(term // 2, 6, 30) END AS last_day
    FROM (SELECT DISTINCT term FROM pupil_terms)
),
-- A member is followed to a year after the term where its reports begin before the term ends and reach that far.
reach AS (
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
        pupil_terms.*, named.period, schools.municipality, schools.provider, models_in_year.models, facts.sex AS fact_sex, facts.home_municipality AS fact_home,
        facts.foreign_background, facts.parents_education, facts.newly_arrived,
        coalesce(since <= named.last_day, FALSE) AS joined, coalesce(first_report <= named.last_day, FALSE) AS known,
        coalesce(since <= named.last_day AND seen_to >= named.last_day + INTERVAL 12 MONTH, FALSE) AS followed,
        EXISTS (
            SELECT 1 FROM reported
            WHERE reported.pupil = pupil_terms.pupil AND report_date > named.last_day AND report_date <= named.last_day + INTERVAL 12 MONTH
        ) AS later,
        (valid + invalid) / offered + 1e-10 AS share
    FROM pupil_terms
    JOIN named USING (term)
    JOIN school_in_year AS schools USING (school_unit, school_year)
    JOIN members ON members.code = schools.municipality
    LEFT JOIN models_in_year USING (school_unit, school_year)
    LEFT JOIN facts USING (pupil, school_year)
    LEFT JOIN joined_since ON joined_since.municipality = schools.municipality
    LEFT JOIN reach ON reach.municipality = schools.municipality
    LEFT JOIN first_reports USING (pupil)
)
SELECT
    period, municipality AS school_municipality, coalesce(home_municipality, fact_home, '') AS home_municipality, provider, coalesce(stage, 'stage_unknown') AS stage,
    coalesce(models, '') AS models, coalesce(sex, fact_sex, '') AS sex, foreign_word(foreign_background) AS foreign_background,
    education_word(parents_education) AS parents_education, newly_word(newly_arrived) AS newly_arrived,
    count(*) AS contributors,
    count(*) FILTER (joined AND known) AS absence_20_known_to_social_services__d,
    count(*) FILTER (joined AND known AND share >= 0.20) AS absence_20_known_to_social_services__n,
    count(*) FILTER (joined AND NOT known) AS absence_20_not_known_to_social_services__d,
    count(*) FILTER (joined AND NOT known AND share >= 0.20) AS absence_20_not_known_to_social_services__n,
    count(*) FILTER (followed AND share < 0.10) AS reported_after_absence_under_10__d,
    count(*) FILTER (followed AND share < 0.10 AND later) AS reported_after_absence_under_10__n,
    count(*) FILTER (followed AND share >= 0.10 AND share < 0.20) AS reported_after_absence_10_to_20__d,
    count(*) FILTER (followed AND share >= 0.10 AND share < 0.20 AND later) AS reported_after_absence_10_to_20__n,
    count(*) FILTER (followed AND share >= 0.20) AS reported_after_absence_20__d,
    count(*) FILTER (followed AND share >= 0.20 AND later) AS reported_after_absence_20__n
FROM pupils
GROUP BY ALL
